// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import Testing

@testable import Authentication

/// Login by SSH key, with signatures that ssh-keygen makes.
@Suite struct LocalLoginTests {
    private static let service = "SHA256:service"
    private let now = Date(timeIntervalSince1970: 1_795_000_000)
    private let sessionKey = LocalLogin.digest(ofSessionKey: [1])
    private let key: UserKey
    private let users: UserDirectory
    private let login: LocalLogin

    init() throws {
        key = try UserKey()
        users = UserDirectory(
            try LocalUsers(
                parsing: userFile(("ana", ["engineers"], [key.line]), ("bo", ["engineers"], [try UserKey().line])),
                file: "users.yaml"))
        login = LocalLogin(users: users, serviceFingerprint: Self.service)
    }

    /// A request as a client makes it, each part of which a test may replace.
    private func request(
        _ user: String = "ana", key: UserKey? = nil, namespace: String = LoginMessage.namespace,
        service: String = Self.service, signedUser: String? = nil, signedSessionKey: String? = nil,
        challengeFor: String? = nil
    ) throws -> SessionRequest {
        let challenge = try login.challenge(
            for: LoginChallengeRequest(user: challengeFor ?? user, sessionKeyDigest: sessionKey), now: now
        ).challenge
        let message = LoginMessage(
            serviceFingerprint: service, user: signedUser ?? user, sessionKeyDigest: signedSessionKey ?? sessionKey,
            challenge: challenge)
        return SessionRequest(
            user: user, challenge: challenge,
            signature: try (key ?? self.key).signature(over: message.bytes, namespace: namespace), csr: "")
    }

    private func proven(
        _ request: SessionRequest, sessionKey: String? = nil, after seconds: Double = 1
    ) throws(LoginError) -> LocalLogin.Proven {
        try login.proven(request, sessionKeyDigest: sessionKey ?? self.sessionKey, now: now + seconds)
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `a key of the user file proves who one is`(type: String) throws {
        let key = try UserKey(type)
        users.replace(
            with: try LocalUsers(parsing: userFile(("ana", ["engineers"], [self.key.line, key.line])), file: "users.yaml"))
        let request = try request(key: key)
        let proof = try proven(request)
        #expect(proof.user.name == "ana")
        #expect(proof.challenge.text == request.challenge)
        #expect(!proof.hasSecondFactor)
    }

    @Test func `a signature for another purpose is refused`() throws {
        let request = try request(namespace: "file")
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test func `a signature made for another service is refused`() throws {
        let request = try request(service: "SHA256:other")
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test func `a signature that names another user is refused`() throws {
        let request = try request(signedUser: "bo")
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test func `a challenge for another user is refused`() throws {
        let request = try request(challengeFor: "bo")
        #expect(throws: LoginError.challengeInvalid) { try proven(request) }
    }

    @Test func `a signature over another session key is refused`() throws {
        let request = try request(signedSessionKey: LocalLogin.digest(ofSessionKey: [2]))
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test func `a request for another session key is refused`() throws {
        let request = try request()
        #expect(throws: LoginError.challengeInvalid) {
            try proven(request, sessionKey: LocalLogin.digest(ofSessionKey: [2]))
        }
    }

    @Test func `an expired challenge is refused`() throws {
        let request = try request()
        #expect(throws: LoginError.challengeExpired) { try proven(request, after: 120) }
    }

    @Test func `a key that is not in the file is refused`() throws {
        let request = try request(key: UserKey())
        #expect(throws: LoginError.unknownUserOrKey) { try proven(request) }
    }

    @Test func `another user's key is refused`() throws {
        let request = try request("bo")
        #expect(throws: LoginError.unknownUserOrKey) { try proven(request) }
    }

    @Test func `an unknown user is refused in the same words`() throws {
        let request = try request("nobody")
        #expect(throws: LoginError.unknownUserOrKey) { try proven(request) }
    }

    @Test func `a challenge for an unknown user looks like any other`() throws {
        let known = try login.challenge(for: LoginChallengeRequest(user: "ana", sessionKeyDigest: sessionKey), now: now)
        let unknown = try login.challenge(for: LoginChallengeRequest(user: "eve", sessionKeyDigest: sessionKey), now: now)
        #expect(known.challenge.utf8.count == unknown.challenge.utf8.count)
        #expect(known.expiresAt == unknown.expiresAt)
    }

    @Test func `a user removed from the file is refused`() throws {
        let request = try request()
        users.replace(with: try LocalUsers(parsing: userFile(("bo", ["a"], [key.line])), file: "users.yaml"))
        #expect(throws: LoginError.unknownUserOrKey) { try proven(request) }
    }

    @Test func `a signature over something else is refused`() throws {
        var request = try request()
        request.signature = try self.request().signature
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test(arguments: [
        "", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", String(repeating: "A", count: 1_000_000),
    ])
    func `what is no signature is refused`(text: String) throws {
        var request = try request()
        request.signature = text
        #expect(throws: LoginError.signatureInvalid) { try proven(request) }
    }

    @Test(arguments: ["", "a b", "-ana", "ana\nbo", "ana/bo", String(repeating: "a", count: 65), "änna"])
    func `a challenge is not made for what cannot be a user`(user: String) {
        #expect(throws: LoginError.challengeInvalid) {
            try login.challenge(for: LoginChallengeRequest(user: user, sessionKeyDigest: sessionKey), now: now)
        }
    }

    @Test(arguments: ["", "short", String(repeating: "A", count: 44)])
    func `a challenge is not made for what cannot be the digest of a key`(digest: String) {
        #expect(throws: LoginError.challengeInvalid) {
            try login.challenge(for: LoginChallengeRequest(user: "ana", sessionKeyDigest: digest), now: now)
        }
    }

    @Test func `the digest of a session key is base64url without padding`() {
        // SHA-256 of nothing, from FIPS 180-4's test values.
        #expect(LocalLogin.digest(ofSessionKey: []) == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")
    }
}
