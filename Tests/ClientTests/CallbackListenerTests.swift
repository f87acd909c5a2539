// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

/// What a browser may bring to the port that `mayfly login` waits on.
@Suite struct CallbackListenerTests {
    private func visit(_ port: Int, _ path: String, _ arguments: [String] = []) async throws -> String {
        try await run(
            "curl",
            ["-q", "--silent", "--noproxy", "*", "--max-time", "20", "--write-out", " %{http_code}"] + arguments
                + ["http://127.0.0.1:\(port)\(path)"]
        ).stdout
    }

    @Test func `only the redirect of the login that waits is taken`() async throws {
        let callback = try await CallbackListener.listening { listener in
            let port = listener.port
            let redirect = "/callback?code=a%2Bb&state=s.1&iss=https%3A%2F%2Fidp.example"
            #expect(try await visit(port, redirect).hasSuffix(" 400"), "before it is expected")
            listener.expect(state: "s.1")
            for path in ["/callback?code=evil&state=other", "/callback?code=evil", "/callback?code=evil&state=s.1&state=s.1"] {
                #expect(try await visit(port, path).hasSuffix(" 400"), "\(path)")
            }
            for path in ["/", "/callback/?code=evil&state=s.1"] {
                #expect(try await visit(port, path).hasSuffix(" 404"), "\(path)")
            }
            #expect(try await visit(port, "/callback?code=evil&state=s.1", ["-X", "POST"]).hasSuffix(" 404"))
            // A browser may be back before anybody waits.
            let page = try await visit(port, redirect)
            #expect(page.contains("close this window") && page.hasSuffix(" 200"))
            return try await listener.callback(until: Date() + 30)
        }
        #expect(callback == AuthorizationCallback(code: .granted("a+b"), issuer: "https://idp.example"))
    }

    @Test func `a refusal comes back as one`() async throws {
        let callback = try await CallbackListener.listening { listener in
            listener.expect(state: "s")
            #expect(try await visit(listener.port, "/callback?error=access_denied&state=s").hasSuffix(" 200"))
            return try await listener.callback(until: Date() + 30)
        }
        #expect(callback.code == .refused("access_denied"))
    }

    @Test func `nobody who comes is waited for in vain`() async throws {
        await #expect(throws: ClientError.loginTimedOut) {
            _ = try await CallbackListener.listening { try await $0.callback(until: Date()) }
        }
    }

    @Test func `a browser that is back before it is waited for is not forgotten`() async throws {
        let callback = try await CallbackListener.listening { listener in
            listener.expect(state: "s")
            #expect(try await visit(listener.port, "/callback?code=c&state=s").hasSuffix(" 200"))
            return try await listener.callback(until: Date() + 30)
        }
        #expect(callback.code == .granted("c"))
    }
}
