// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Issuance
import OpenIDConnect
import Policies
import Testing
import X509Certificates

@testable import Authentication

@Suite struct SessionAuthenticatorTests {
    private let now = Date(timeIntervalSince1970: 1_795_000_000)
    private let users: UserDirectory
    private let certificate: ClientCertificate
    private let session: SessionRecord

    init() async throws {
        users = UserDirectory(try LocalUsers(parsing: userFile(("ana", ["engineers"], [Self.key])), file: "users.yaml"))
        let der = try await sessionCertificate(commonName: "ana", at: now)
        certificate = try #require(ClientCertificate(der: der))
        session = SessionRecord(
            serial: certificate.serial, provider: "local", user: "ana", certificateDigest: Array(SHA256.hash(data: der)),
            createdAt: now, expiresAt: now + 600)
    }

    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeQP8r1UQGcQNLAMF/UfzeA/txdZlGJUeIcux1JLoSd"

    private func authenticated(
        _ certificate: ClientCertificate?, _ session: SessionRecord?, at seconds: Double = 0
    ) async throws -> (identity: Identity, session: SessionRecord) {
        let store = SessionStore(sessions: session.map { [$0] } ?? [])
        let authenticator = SessionAuthenticator(
            store: store, users: users, providers: ProviderDirectory(), uses: LastUses(store: store, limit: .seconds(1200)),
            clock: FixedClock(now: now + seconds))
        return try await authenticator.authenticated(certificate, address: "10.0.0.7")
    }

    @Test func `a session certificate on record says who one is`() async throws {
        let proven = try await authenticated(certificate, session)
        #expect(
            proven.identity
                == Identity(
                    provider: "local", user: "ana", login: "ana", groups: .known(["engineers"]), claims: .known([:]),
                    mfa: .known(false), authenticatedAt: .known(now), address: IPAddress("10.0.0.7")))
        #expect(proven.session == session)
    }

    @Test func `groups are those of the file as it is now`() async throws {
        users.replace(with: try LocalUsers(parsing: userFile(("ana", ["admins"], [Self.key])), file: "users.yaml"))
        #expect(try await authenticated(certificate, session).identity.groups == .known(["admins"]))
    }

    @Test func `without a certificate one is nobody`() async throws {
        await #expect(throws: AuthenticationError.noCertificate) { try await authenticated(nil, session) }
    }

    @Test func `a certificate that is not on record is refused`() async throws {
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated(certificate, nil) }
    }

    @Test func `another certificate with the serial on record is refused`() async throws {
        var other = session
        other.certificateDigest = Array(SHA256.hash(data: [1]))
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated(certificate, other) }
    }

    @Test func `a record that names another person than the certificate is refused`() async throws {
        var other = session
        other.user = "bo"
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated(certificate, other) }
    }

    @Test func `a session that was ended is refused`() async throws {
        var ended = session
        ended.endedAt = now
        await #expect(throws: AuthenticationError.sessionEnded) { try await authenticated(certificate, ended) }
    }

    @Test func `a session ends by itself`() async throws {
        #expect(try await authenticated(certificate, session, at: 599.75).identity.user == "ana")
        await #expect(throws: AuthenticationError.sessionExpired) { try await authenticated(certificate, session, at: 600) }
    }

    @Test func `a session that went unused for too long is refused, and stays so`() async throws {
        let store = SessionStore(sessions: [session])
        let uses = LastUses(store: store, limit: .seconds(100))
        func authenticated(at seconds: Double) async throws {
            _ = try await SessionAuthenticator(
                store: store, users: users, providers: ProviderDirectory(), uses: uses, clock: FixedClock(now: now + seconds)
            ).authenticated(certificate, address: nil)
        }
        try await authenticated(at: 99)
        try await authenticated(at: 198)
        await #expect(throws: AuthenticationError.sessionIdle) { try await authenticated(at: 298) }
        await #expect(throws: AuthenticationError.sessionIdle) { try await authenticated(at: 299) }
    }

    @Test func `a second factor is what the certificate says, of a local user alone`() async throws {
        func authenticated(_ uri: String?, _ identity: SessionIdentity? = nil) async throws -> Identity {
            let der = try await sessionCertificate(commonName: "ana", uris: uri.map { [$0] } ?? [], at: now)
            let certificate = try #require(ClientCertificate(der: der))
            let session = SessionRecord(
                serial: certificate.serial, provider: "local", user: "ana", identity: identity,
                certificateDigest: Array(SHA256.hash(data: der)), createdAt: now, expiresAt: now + 600)
            return try await self.authenticated(certificate, session).identity
        }
        #expect(try await authenticated(nil).mfa == .known(false))
        #expect(try await authenticated(SessionIdentity.secondFactorName).mfa == .known(true))
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated("urn:mayfly:other") }
        let kept = try SessionIdentity(storing: person())
        await #expect(throws: AuthenticationError.unknownSession) {
            try await authenticated(SessionIdentity.secondFactorName, kept)
        }
    }

    @Test func `a user removed from the file is refused`() async throws {
        users.replace(with: try LocalUsers(parsing: userFile(("bo", ["a"], [Self.key])), file: "users.yaml"))
        await #expect(throws: AuthenticationError.userRemoved) { try await authenticated(certificate, session) }
    }

    /// Opened with provider `corp`, by a certificate that names `vouched`.
    private func providerSession(
        _ identity: Identity, vouched: Identity? = nil
    ) async throws -> (ClientCertificate?, SessionRecord) {
        let kept = try SessionIdentity(storing: identity)
        let name = try SessionIdentity(storing: vouched ?? identity).name
        let der = try await sessionCertificate(commonName: identity.user, uris: [name], at: now)
        let certificate = try #require(ClientCertificate(der: der))
        return (
            certificate,
            SessionRecord(
                serial: certificate.serial, provider: "corp", user: identity.user, identity: kept,
                certificateDigest: Array(SHA256.hash(data: der)), createdAt: now, expiresAt: now + 600)
        )
    }

    private func authenticated(
        _ session: (ClientCertificate?, SessionRecord), domains: [String] = ["example.com"]
    ) async throws -> Identity {
        try await ProviderTransport.opened { transport in
            let declaration = try ProviderDeclaration.corp("https://corp.example") { $0.domains = domains }
            let provider = OpenIDProvider(
                issuer: declaration.issuer, client: .init(id: "mayfly", secret: nil),
                connection: try transport.connection(authorities: nil))
            let store = SessionStore(sessions: [session.1])
            return try await SessionAuthenticator(
                store: store, users: users,
                providers: ProviderDirectory([.init(declaration: declaration, provider: provider)]),
                uses: LastUses(store: store, limit: .seconds(1200)), clock: FixedClock(now: now)
            ).authenticated(session.0, address: nil).identity
        }
    }

    private func person(_ groups: Set<String> = ["sre"]) -> Identity {
        Identity(
            provider: "corp", user: "bo@example.com", login: "bo", groups: .known(groups),
            claims: .known(["level": .list([.int(1), .absent])]), mfa: .known(true), authenticatedAt: .known(now - 5))
    }

    @Test func `a session with a provider keeps what it said at login`() async throws {
        #expect(try await authenticated(providerSession(person())) == person())
        var unknown = person()
        (unknown.groups, unknown.claims, unknown.mfa, unknown.authenticatedAt) = (.unknown, .unknown, .unknown, .unknown)
        #expect(try await authenticated(providerSession(unknown)) == unknown)
    }

    @Test func `a login on servers that is a local user's by now is no more theirs who had it at login`() async throws {
        let session = try await providerSession(person())
        #expect(try await authenticated(session).login == "bo")
        users.replace(with: try localUsers("deploy: {login: bo}"))
        #expect(try await authenticated(session).login == nil)
        var root = person()
        root.login = "root"
        #expect(try await authenticated(providerSession(root)).login == nil)
    }

    @Test func `who edits the record of a session makes nobody more than they are`() async throws {
        let edited = try await providerSession(person(["sre", "team-admins"]), vouched: person())
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated(edited) }
        var (certificate, record) = try await providerSession(person())
        record.provider = "local"
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated((certificate, record)) }
        record.identity = nil
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated((certificate, record)) }
        // A session of a local user does not become one with a provider either.
        var local = session
        local.identity = try SessionIdentity(storing: person())
        await #expect(throws: AuthenticationError.unknownSession) { try await authenticated(self.certificate, local) }
        certificate = nil
        await #expect(throws: AuthenticationError.noCertificate) { try await authenticated((certificate, record)) }
    }

    @Test func `a provider that no longer may vouch for somebody ends their session`() async throws {
        let session = try await providerSession(person())
        await #expect(throws: AuthenticationError.providerRemoved("corp")) {
            try await authenticated(session, domains: ["example.org"])
        }
        await #expect(throws: AuthenticationError.providerRemoved("corp")) {
            try await authenticated(providerSession(person(["admins"])))
        }
        await #expect(throws: AuthenticationError.providerRemoved("corp")) {
            try await authenticated(session.0, session.1)
        }
    }

    @Test func `what is no certificate of ours is none`() async throws {
        let der = try await sessionCertificate(commonName: "ana", at: now)
        #expect(ClientCertificate(der: []) == nil)
        #expect(ClientCertificate(der: Array(der.dropLast())) == nil)
        #expect(ClientCertificate(der: der + [0]) == nil)
        #expect(ClientCertificate(der: try await sessionCertificate(commonName: nil, at: now)) == nil)
    }
}

/// The DER of a certificate as a service CA makes it.
private func sessionCertificate(
    commonName: String?, uris: [String] = [], at now: Date
) async throws -> [UInt8] {
    let signer = TestSigner()
    let service = try await CACertificates.service(commonName: "Test Service", signer: signer, now: now, lifetime: 3600)
    let names = try commonName == nil && uris.isEmpty ? SubjectNames(dns: ["a.example.com"]) : SubjectNames(uris: uris)
    let profile = try CertificateProfile(
        serial: SerialNumber(randomBits: randomBytes(SerialNumber.byteCount)), notBefore: now, notAfter: now + 599,
        commonName: commonName, names: names, usage: [.client],
        publicKey: SubjectPublicKey(subjectPublicKeyInfo: TestSigner().subjectPublicKeyInfo))
    let unsigned = try UnsignedCertificate.endEntity(profile, issuer: service)
    return try unsigned.signed(try await signer.sign(unsigned.toBeSigned, with: .ecdsaSHA256)).der
}

private struct TestSigner: Signer {
    private let key = P256.Signing.PrivateKey()

    var subjectPublicKeyInfo: [UInt8] { Array(key.publicKey.derRepresentation) }
    var algorithms: [SignatureAlgorithm] { [.ecdsaSHA256] }

    func sign(_ message: [UInt8], with algorithm: SignatureAlgorithm) async throws -> [UInt8] {
        Array(try key.signature(for: message).derRepresentation)
    }
}
