// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The payload of a token, as JSON text: what a test does not say otherwise is as it should be.
package struct Claims: Sendable {
    private var members: [(name: String, json: String)]

    /// - Parameter lifetime: seconds from `now`.
    package init(issuer: String, audience: String, now: Date, lifetime: Double = 300) {
        let seconds = Int(now.timeIntervalSince1970)
        members = [
            ("iss", quoted(issuer)), ("sub", quoted("248289761001")), ("aud", quoted(audience)), ("iat", "\(seconds)"),
            ("exp", "\(seconds + Int(lifetime))"),
        ]
    }

    /// What a provider sends when a login is over (OpenID Connect Back-Channel Logout §2.4).
    package static func logout(issuer: String, audience: String, id: String, now: Date) -> Claims {
        Claims(issuer: issuer, audience: audience, now: now).with("jti", id)
            .with("events", json: #"{"http://schemas.openid.net/event/backchannel-logout":{}}"#)
    }

    /// With this member in place of the one it had.
    package func with(_ name: String, _ text: String) -> Claims { with(name, json: quoted(text)) }

    package func with(_ name: String, json: String) -> Claims {
        var claims = without(name)
        claims.members.append((name, json))
        return claims
    }

    package func without(_ name: String) -> Claims {
        var claims = self
        claims.members.removeAll { $0.name == name }
        return claims
    }

    /// With this member beside the one it has.
    package func adding(_ name: String, json: String) -> Claims {
        var claims = self
        claims.members.append((name, json))
        return claims
    }

    package var json: String { "{" + members.map { "\(quoted($0.name)):\($0.json)" }.joined(separator: ",") + "}" }
}

private func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
}
