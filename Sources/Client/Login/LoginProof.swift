// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import ServiceAPI

/// How somebody proves who they are.
package enum LoginProof: Sendable {
    /// One SSH key after the other, as a user of the CA's own file.
    case keys([LoginSigner])
    /// A person, with an identity provider.
    case provider(String, ProviderPrompt)
    /// A workload, with a token it was given.
    case token(String, provider: String?)

    /// What to log in with next time, if nothing else is said.
    var provider: String? { if case .provider(let name, _) = self { name } else { nil } }
}

/// What a login with an identity provider needs of the person and their machine.
package struct ProviderPrompt: Sendable {
    /// Whether the person has a browser here; without one it takes another device, where the provider permits that.
    package let hasBrowser: Bool
    /// - Parameter port: of 127.0.0.1 on this machine, to which the browser comes back.
    package let open: @Sendable (_ url: String, _ port: Int) async -> Void
    package let show: @Sendable (Device) -> Void
    /// Called every second while the person is waited for.
    package let wait: @Sendable (_ secondsLeft: Int) -> Void

    package init(
        hasBrowser: Bool, open: @escaping @Sendable (_ url: String, _ port: Int) async -> Void,
        show: @escaping @Sendable (Device) -> Void, wait: @escaping @Sendable (_ secondsLeft: Int) -> Void
    ) {
        self.hasBrowser = hasBrowser
        self.open = open
        self.show = show
        self.wait = wait
    }

    /// Until the task is cancelled.
    fileprivate func wait(until end: Date) async {
        while !Task.isCancelled {
            wait(max(0, Int(end.timeIntervalSinceNow)))
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

/// The ways to a session that lead over an identity provider. Its tokens stay between it and the server.
struct ProviderSessions: Sendable {
    let client: APIClient
    let key: SessionKey
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Between two polls, in seconds, unless the provider asks for more.
    private static let longestPause = 60

    func open(_ name: String, _ prompt: ProviderPrompt) async throws -> SessionReply {
        let known = try await client.loginProviders().providers
        let provider = known.first { $0.name == name }
        return prompt.hasBrowser || provider?.deviceFlow != true
            ? try await inBrowser(name, provider?.redirectPort, prompt) : try await onDevice(name, prompt)
    }

    private func inBrowser(_ name: String, _ port: Int?, _ prompt: ProviderPrompt) async throws -> SessionReply {
        try await CallbackListener.listening(on: port) { listener in
            let begun = try await client.beginAuthorization(
                .init(provider: name, sessionKeyDigest: key.digest, port: listener.port))
            // It is opened on this machine: nothing but an address of the web.
            let url = begun.authorizationURL
            guard url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1:") || url.hasPrefix("http://localhost:"),
                url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw ClientError.unexpectedReply("the address to log in at is none") }
            listener.expect(state: begun.state)
            await prompt.open(url, listener.port)
            async let _ = prompt.wait(until: begun.expiresAt)
            let callback = try await listener.callback(until: begun.expiresAt)
            switch callback.code {
            case .refused(let code): throw ClientError.loginRefused(code)
            case .granted(let code):
                return try await client.openSession(
                    AuthorizationSessionRequest(
                        provider: name, port: listener.port, state: begun.state, code: code, iss: callback.issuer,
                        csr: try key.certificateRequest()))
            }
        }
    }

    private func onDevice(_ name: String, _ prompt: ProviderPrompt) async throws -> SessionReply {
        let begun = try await client.beginDevice(.init(provider: name, sessionKeyDigest: key.digest))
        let shown = [begun.userCode, begun.verificationURI, begun.verificationURIComplete ?? ""]
        guard shown.allSatisfy({ $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }) else {
            throw ClientError.unexpectedReply("the code to type is not plain text")
        }
        prompt.show(begun)
        async let _ = prompt.wait(until: begun.expiresAt)
        let request = DeviceSessionRequest(provider: name, device: begun.device, csr: try key.certificateRequest())
        // RFC 8628 §3.5: five seconds more when told so, twice as long whenever there was no answer.
        var interval = min(max(begun.interval, 1), Self.longestPause)
        var failures: [ClientError] = []
        while Date() < begun.expiresAt {
            let seconds = min(interval << min(failures.count, 6), max(interval, Self.longestPause))
            try await pause(.seconds(min(seconds, max(1, Int(begun.expiresAt.timeIntervalSinceNow)))))
            do {
                return try await client.openSession(request)
            } catch ClientError.problem(let problem) where problem.kind == .loginPending {
                failures = []
            } catch ClientError.problem(let problem) where problem.kind == .slowDown {
                (interval, failures) = (interval + 5, [])
            } catch let error as ClientError where error.mayPass {
                failures.append(error)
            }
        }
        throw failures.last ?? .loginTimedOut
    }
}
