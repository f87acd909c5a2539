// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import ServiceAPI

/// The session of a process that runs for longer than any session: read anew for each call, and opened again where the process
/// has something to log in with.
package struct UnattendedSession: Sendable {
    private let state: ServerState
    private let now: @Sendable () -> Date
    private let logIn: (@Sendable () async throws -> Void)?

    /// - Parameter logIn: leaves a new session in `state`; nil where somebody else does.
    package init(_ state: ServerState, now: @escaping @Sendable () -> Date, logIn: (@Sendable () async throws -> Void)?) {
        self.state = state
        self.now = now
        self.logIn = logIn
    }

    /// Calls the server as whoever is logged in.
    func connected<Result: Sendable>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        do {
            return try await call(body)
        } catch let error as ClientError where error.saysThatSessionIsOver {
            guard let logIn else { throw error }
            try await logIn()
            return try await call(body)
        }
    }

    /// Calls the server as nobody.
    func anonymously<Result: Sendable>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        try await APIClient.connected(to: state.address, serviceCA: try state.serviceCA(), session: nil) { try await body($0) }
    }

    private func call<Result: Sendable>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: try state.session(now: now())
        ) { try await body($0) }
    }
}

extension ClientError {
    fileprivate var saysThatSessionIsOver: Bool {
        switch self {
        case .notLoggedIn, .sessionExpired: true
        case .problem(let problem): problem.kind == .notAuthenticated
        default: false
        }
    }
}
