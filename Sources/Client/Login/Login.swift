// SPDX-License-Identifier: Apache-2.0

package import AuditLog
package import FoundationEssentials
package import ServiceAPI

/// From nobody to a session: who the server is, then who we are, then whether its audit log is still the one we know.
package struct Login: Sendable {
    package let state: ServerState
    private let home: Home
    private let user: String?
    private let fingerprint: String?
    private let environment: [String: String]

    package struct Outcome: Sendable {
        package let reply: SessionReply
        package let fingerprint: String
        package let checkpoint: Checkpoint
        /// What is left of the session before, in sentences for the person.
        package let leftovers: [String]
    }

    /// - Parameters:
    ///   - user: for logins by SSH key; `nil` for the name of the last one.
    ///   - fingerprint: of the service CA; `nil` where it is known already, or to be confirmed.
    ///   - environment: leads to the ssh-agent that has certificates of the person who was logged in before.
    package init(
        home: Home, address: ServerAddress, user: String?, fingerprint: String?, environment: [String: String]
    ) throws(ClientError) {
        if let fingerprint { try ServiceCA.checkFingerprint(fingerprint) }
        self.home = home
        self.user = user
        self.fingerprint = fingerprint
        self.environment = environment
        state = home.state(of: address)
    }

    /// - Parameter confirm: asks the person whether this is the server's fingerprint; `nil` where nobody can be asked.
    package func run(
        _ proof: LoginProof, now: Date, confirm: @Sendable (String) -> Bool?
    ) async throws -> Outcome {
        // Before anybody proves anything: a session that cannot be kept is none.
        try home.prepare(for: state)
        let known = state.isKnown ? try state.identity() : nil
        let user = user ?? known?.user
        if case .keys = proof, user == nil { throw ClientError.userNeeded }
        let service = try await service(known, confirm)
        let (key, authorities, reply) = try await APIClient.connected(
            to: state.address, serviceCA: service.pem, session: nil
        ) { client in
            let authorities = try await client.authorities()
            let key = SessionKey()
            let reply = try await open(client, key, user: user, service: service, proof)
            return (key, authorities, reply)
        }
        let session = try Session(key: key, certificate: reply.certificate)

        let before = try? state.lastSession()
        var leftovers: [String?] = []
        if before?.isOfSameIdentity(as: session) != true {
            // What somebody else was given, no command must use from now on.
            leftovers.append(await state.emptyAgent(environment: environment))
            try state.forgetSSHCredentials()
        }
        if known?.fingerprint != service.fingerprint { state.forget() }
        try state.remember(
            .init(
                url: state.address.url, fingerprint: service.fingerprint, name: authorities.name, user: user,
                provider: proof.provider),
            serviceCA: service.pem, authorities: authorities)
        let memory = CheckpointMemory(state)
        try memory.pin(logKey: authorities.log)
        let checkpoint = try await APIClient.connected(
            to: state.address, serviceCA: service.pem, session: session
        ) { client in
            try await AuditCheck(client: client, memory: memory).seenBefore()
        }
        // A server whose log does not hold gets no session, and ends none.
        if let before, known?.fingerprint == service.fingerprint {
            leftovers.append(await end(before, at: service, now: now))
        }
        try state.remember(session)
        try home.makeCurrent(state.address)
        return Outcome(
            reply: reply, fingerprint: service.fingerprint, checkpoint: checkpoint, leftovers: leftovers.compactMap(\.self))
    }

    /// Its key is about to be replaced: this is the last time that it can be ended from here.
    private func end(_ session: Session, at service: ServiceCA, now: Date) async -> String? {
        guard now < session.expiresAt else { return nil }
        do {
            try await APIClient.connected(to: state.address, serviceCA: service.pem, session: session) {
                try await $0.endSession()
            }
            return nil
        } catch ClientError.problem(let problem) where problem.kind == .notAuthenticated {
            return nil
        } catch {
            return
                "the session before was not ended at the server; it ends by itself at \(session.expiresAt.formatted(.iso8601))"
        }
    }

    /// The CA the person named, else the one that is pinned, else the one the person confirms.
    private func service(_ known: ServerState.Identity?, _ confirm: (String) -> Bool?) async throws -> ServiceCA {
        if let expected = fingerprint ?? known?.fingerprint {
            return try await ServiceCA.presented(by: state.address, fingerprint: expected)
        }
        let found = try await ServiceCA.presented(by: state.address)
        switch confirm(found.fingerprint) {
        case true: return found
        case false: throw ClientError.fingerprintRefused
        case nil: throw ClientError.fingerprintNeeded(found: found.fingerprint)
        }
    }

    private func open(
        _ client: APIClient, _ key: SessionKey, user: String?, service: ServiceCA, _ proof: LoginProof
    ) async throws -> SessionReply {
        switch proof {
        case .keys(let signers):
            guard let user else { throw ClientError.userNeeded }
            return try await open(client, key, user: user, service: service, signers)
        case .provider(let name, let prompt): return try await ProviderSessions(client: client, key: key).open(name, prompt)
        case .token(let token, let provider):
            return try await client.openSession(
                TokenSessionRequest(provider: provider, token: token, csr: try key.certificateRequest()))
        }
    }

    /// Offers one key after the other, each with a challenge of its own, until the server knows one.
    private func open(
        _ client: APIClient, _ key: SessionKey, user: String, service: ServiceCA, _ signers: [LoginSigner]
    ) async throws -> SessionReply {
        let request = try key.certificateRequest()
        var refusal: Problem?
        for signer in signers {
            let challenge = try await client.challenge(.init(user: user, sessionKeyDigest: key.digest)).challenge
            guard challenge.utf8.count <= 1024, challenge.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw ClientError.unexpectedReply("the challenge is not one line of text")
            }
            let message = LoginMessage(
                serviceFingerprint: service.fingerprint, user: user, sessionKeyDigest: key.digest, challenge: challenge)
            let signature = try await signer.signature(over: message.bytes)
            do {
                return try await client.openSession(
                    .init(user: user, challenge: challenge, signature: signature, csr: request))
            } catch ClientError.problem(let problem) where problem.kind == .loginFailed {
                refusal = problem
            }
        }
        guard let refusal else { throw ClientError.noSigningKey }
        throw ClientError.noKeyAccepted(tried: signers.map(\.name), refusal)
    }
}
