// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import HTTPTypes
import NIOCore

/// Where the link of a notification leads: what to type to look at a request, and to decide.
///
/// It is the same for every id, whether or not there is such a request: whoever has only the link learns nothing. Nothing can
/// be decided on it, so there is nothing to forge: an approval is signed with a key that no browser has.
enum AccessRequestPage {
    static func reply(_ id: String) throws(CallError) -> Reply {
        guard AccessRequest.isID(id) else { throw .noSuchPath }
        return Reply(status: .ok, contentType: "text/html; charset=utf-8", body: ByteBuffer(string: text(id)), headers: headers)
    }

    /// No script, no style, no form, no frame.
    private static let headers: HTTPFields = [
        .contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
    ]

    private static func text(_ id: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Access request \(id)</title></head>
        <body>
        <h1>Access request <code>\(id)</code></h1>
        <p>Who asks for what, and why, is shown to those it concerns:</p>
        <pre>mayfly access show \(id)</pre>
        <p>Those who may, decide with one of</p>
        <pre>mayfly approve \(id)
        mayfly deny \(id) --note "…"
        mayfly review \(id) --fine --note "…"
        mayfly review \(id) --flagged --note "…"</pre>
        <p>An approval is signed with your SSH key, which is where these commands run.</p>
        </body>
        </html>

        """
    }
}
