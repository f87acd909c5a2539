// SPDX-License-Identifier: Apache-2.0

import Issuance
import Policies

/// Who asks in these tests. Everybody has a session from the start.
enum Person: String, CaseIterable, Sendable {
    case ana, bo
    case cy
    case root
    case lea, leo
    case bea, bob
    case sec

    var name: String { "\(rawValue)@example.com" }

    /// The serial of the session certificate.
    var session: String { String(repeating: "\(Self.allCases.firstIndex(of: self) ?? 0)", count: 32) }

    var groups: Set<String> {
        switch self {
        case .ana, .bo: ["engineers"]
        case .cy: ["engineers", "contractors"]
        case .root: ["engineers", "admins"]
        case .lea: ["leads"]
        case .leo: ["leads", "board"]
        case .bea, .bob: ["board"]
        case .sec: ["security"]
        }
    }

    var identity: Identity {
        Identity(
            provider: "local", user: name, login: rawValue, groups: .known(groups), claims: .known([:]), mfa: .known(false),
            address: IPAddress("10.0.0.7"))
    }

    /// - Parameters:
    ///   - key: an idempotency key, used for a request with `body`.
    ///   - isStillKnown: at commit time.
    func caller(
        key: String? = nil, body: String = "a request", isStillKnown: @escaping @Sendable () -> Bool = { true }
    ) -> Caller {
        Caller(
            identity: identity, session: session, requestID: "request-1",
            idempotencyKey: key.map { IdempotencyKey(key: $0, requestDigest: Array(body.utf8)) }, isStillKnown: isStillKnown)
    }
}
