// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates
import ServiceAPI

/// Keeps an enrolled host up to date. A server that is down or lies changes nothing here: what it sends is checked, then
/// installed whole or not at all.
package struct HostSync: Synchronized {
    let paths: HostPaths
    let files: DurableFiles
    let state: HostState
    let key: HostKey
    let client: APIClient
    private let sshd: SSHDaemon?
    let now: @Sendable () -> Date

    /// - Parameter sshd: told of a new host certificate; nil where nobody is to tell it.
    package init(
        paths: HostPaths, files: DurableFiles, state: HostState, client: APIClient, sshd: SSHDaemon? = nil,
        now: @escaping @Sendable () -> Date
    ) throws(ClientError) {
        self.paths = paths
        self.files = files
        self.state = state
        self.client = client
        self.sshd = sshd
        self.now = now
        key = try HostKey(path: state.hostKey)
    }

    /// Something that was brought up to date.
    package enum Change: Equatable, Sendable {
        case userCAs
        case certificate(until: Date)
        case revocationList(version: UInt64)
    }

    /// - Parameter wait: seconds to wait for a revocation list that is newer than the one here.
    package func round(wait: Int) async throws -> SyncRound<Change> {
        var round = SyncRound<Change>()
        var published: TrustedAuthorities?
        try await round.attempt {
            let wanted = try TrustedAuthorities(try await client.authorities())
            published = wanted
            return try await refreshUserCAs(wanted)
        }
        try await round.attempt { try await renewIfDue(published) }
        try await round.attempt { try await refreshRevocationList(wait: min(wait, secondsToRenewal())) }
        return round
    }

    /// At least one: where a renewal failed, the next round tries again.
    private func secondsToRenewal() throws(ClientError) -> Int {
        Int(max(1, min(3600, try currentCertificate().renewalTime.timeIntervalSince(now()))).rounded(.up))
    }

    /// The user CA keys of the server, if they go together with those here.
    private func refreshUserCAs(_ wanted: TrustedAuthorities) async throws -> Change? {
        let trusted = try trustedUserCAs()
        guard Set(wanted.userCAs) != Set(trusted) else { return nil }
        // During a rotation the old and the new key stand side by side: a set with no key in common is another authority.
        guard !Set(wanted.userCAs).isDisjoint(with: trusted) else {
            throw ClientError.host(.authorities("none of the keys that this host trusts is among them; enrol it again"))
        }
        try await install(Array(wanted.userCAText.utf8), as: paths.userCA)
        return .userCAs
    }

    /// When it is time, or when the host CA signs with another key now: the one that signed ours will be taken away.
    private func renewIfDue(_ published: TrustedAuthorities?) async throws -> Change? {
        let current = try currentCertificate()
        let isSuperseded = published.map { $0.hostCAs.first != current.contents.signatureKey } ?? false
        guard isSuperseded || now() >= current.renewalTime else { return nil }
        let line = try current.authorizedKey()
        let proof = try await key.proof(
            of: .renewal(certificate: HostKey.digest(current.blob)), service: state.fingerprint, at: now())
        let reply = try await client.renewHost(HostRenewalRequest(certificate: line, proof: proof))
        let authorities = try TrustedAuthorities(try await client.authorities())
        let renewed = try SSHCertificate(
            forHost: state.name, issued: reply.issued.certificate, key: key.publicKey, by: authorities, at: now())
        let end = renewed.contents.validity.validBefore
        guard end > current.contents.validity.validBefore else {
            throw ClientError.host(.certificate("it ends no later than the one here"))
        }
        try await install(try HostEnrolment.line(of: renewed), as: paths.hostCertificate)
        // Since OpenSSH 9.8 the process that listens reads it once. `sshd -T`, of which the reload begins, fails where the
        // configuration is broken: then sshd is left alone.
        _ = try await sshd?.reload()
        return .certificate(until: Date(timeIntervalSince1970: Double(end)))
    }

    private func refreshRevocationList(wait: Int) async throws -> Change? {
        let version = PublishedRevocationList.version(inFile: paths.revocationList)
        // Without a list sshd lets nobody in, so a new one is not waited for.
        guard let document = try await client.revocationList(after: version, wait: version == nil ? 0 : wait) else {
            return nil
        }
        let list = try PublishedRevocationList(document, signedBy: try trustedUserCAs())
        if list.version == version { return nil }
        let lock = try await DirectoryLock.acquired(paths.ssh)
        guard AtomicFile.exists(paths.dropIn) else { throw ClientError.host(.notEnrolled) }
        // Read again under the lock: another process may have been faster.
        if let installed = PublishedRevocationList.version(inFile: paths.revocationList), list.version <= installed {
            throw ClientError.host(.revocationList("its version \(list.version) is not newer than \(installed)"))
        }
        let staged = try files.stage(list.bytes, for: paths.revocationList)
        do {
            try await RevocationListCheck.run(staged)
        } catch {
            try? files.removeStaged(paths.revocationList)
            throw error
        }
        try files.install(paths.revocationList)
        _ = consume lock
        return .revocationList(version: list.version)
    }

    /// What there is to tell of the sessions of this host.
    package struct SessionState: Sendable {
        /// Version of the list by which they were looked at.
        var list: UInt64?
        var ended: [ReportedSession] = []
        var open: [ReportedSession] = []
    }

    /// Tells the server what is in force here.
    package func report(problem: String?, sessions: SessionState = SessionState()) async throws {
        let document = HostReportDocument(
            revocationListVersion: PublishedRevocationList.version(inFile: paths.revocationList),
            userCAKeys: try trustedUserCAs().map(\.fingerprint), zones: state.zones, clientVersion: clientVersion,
            sessionsListVersion: sessions.list, endedSessions: sessions.ended.isEmpty ? nil : sessions.ended,
            openSessions: sessions.open.isEmpty ? nil : sessions.open,
            problem: problem.map { String($0.unicodeScalars.prefix(200)) })
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let report = String(decoding: try encoder.encode(document), as: UTF8.self)
        let current = try currentCertificate()
        let act = HostMessage.Act.report(
            certificate: HostKey.digest(current.blob), contents: HostKey.digest(Array(report.utf8)))
        try await client.reportHost(
            HostReportRequest(
                certificate: try current.authorizedKey(), report: report,
                proof: try await key.proof(of: act, service: state.fingerprint, at: now())))
    }

    package func currentCertificate() throws(ClientError) -> SSHCertificate {
        let line = try AtomicFile.readText(paths.hostCertificate, limit: 65_536)
        do throws(SSHCertificateError) { return try SSHCertificate(authorizedKey: line) } catch {
            throw .damaged(path: paths.hostCertificate)
        }
    }

    private func trustedUserCAs() throws(ClientError) -> [SSHPublicKey] {
        try TrustedAuthorities.keys(try AtomicFile.readText(paths.userCA, limit: 65_536))
    }

    private func install(_ bytes: [UInt8], as path: String) async throws {
        let lock = try await DirectoryLock.acquired(paths.ssh)
        guard AtomicFile.exists(paths.dropIn) else { throw ClientError.host(.notEnrolled) }
        try files.replace(path, with: bytes)
        _ = consume lock
    }
}

/// What hosts say they run.
let clientVersion = "mayfly 0.1"

extension HostSync.Change: CustomStringConvertible {
    package var description: String {
        switch self {
        case .userCAs: "trusts the new keys of the user CA"
        case .certificate(let end): "has a new host certificate until \(end.formatted(.iso8601))"
        case .revocationList(let version): "enforces revocation list \(version)"
        }
    }
}
