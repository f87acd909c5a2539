// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
package import SSHCertificates

/// Finds the open connections to sshd that were authenticated by a certificate of our CA.
///
/// Two records of sshd tell which: its log, and with `ExposeAuthInfo yes` a file that the commands of a session have the name
/// of. The log proves the certificate's name, and the file, whose content the CA signed, gives the rest of it. The file alone
/// is the account's word: it can hide its own certificate, but can bring nobody else's connection to an end. What neither
/// record tells is reported as such.
package struct OpenSessions: Sendable {
    private let authorities: [String: SSHPublicKey]
    private let log: (any SSHDLog)?
    private let table: ProcessTable
    private let administrator: uid_t

    /// sshd forks the process of the user and writes the file at once. The kernel tells the time of its start to the second.
    private static let fileTimes = -2.0...5.0

    /// - Parameter authorities: the keys that sshd trusts for users and that are ours.
    package init(authorities: [SSHPublicKey], log: (any SSHDLog)?) {
        self.init(authorities: authorities, log: log, table: ProcessTable(), administrator: geteuid())
    }

    /// - Parameters:
    ///   - path: of a file as `TrustedUserCAKeys` names it: a key a line.
    ///   - revocations: CA keys that it names are ours too: one that was revoked, or replaced, is no longer in the file, and
    ///     what it let in is still there.
    package init(userCAFile path: String, revocations: KeyRevocationList?, log: (any SSHDLog)?) throws(ClientError) {
        var keys: [SSHPublicKey] = []
        for line in try AtomicFile.readText(path, limit: 65_536).split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            do throws(SSHKeyError) { keys.append(try SSHPublicKey(authorizedKey: String(line))) } catch {
                throw .keyFile(path: path, reason: error.description)
            }
        }
        self.init(authorities: keys + (revocations?.namedKeys ?? []), log: log)
    }

    init(authorities: [SSHPublicKey], log: (any SSHDLog)?, table: ProcessTable, administrator: uid_t) {
        self.authorities = Dictionary(authorities.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        self.log = log
        self.table = table
        self.administrator = administrator
    }

    /// In the order in which they began. Those that are known to be by something else are left out.
    package func all() async throws -> [OpenSession] {
        let connections = SSHDConnection.all(in: table, of: administrator)
        guard !connections.isEmpty else { return [] }
        let acceptances = try await log?.acceptances(by: Set(connections.map(\.monitor.number))) ?? []
        var records = connections.map { record(of: $0, among: acceptances) }
        let uses = Dictionary(grouping: records.compactMap(\.file), by: \.self)
        for index in records.indices {
            guard let file = records[index].file, uses[file]?.count != 1 else { continue }
            records[index].doubt = "another connection names the same file in SSH_USER_AUTH: one of them changed it"
        }
        return zip(connections, records).compactMap { connection, record in
            // It ended while we looked, or its number is another's by now.
            guard table.isAlive(connection.process), let since = table.start(of: connection.process) else { return nil }
            guard !record.certificates.isEmpty || record.doubt != nil else { return nil }
            return OpenSession(
                connection: connection, since: since, certificates: record.certificates, evidence: record.evidence,
                doubt: record.doubt)
        }
    }

    /// Without certificates and doubt: by something that is not ours.
    private struct Record {
        var certificates: [AuthenticatedCertificate] = []
        var evidence: OpenSession.Evidence?
        var doubt: String?
        /// The account's file that tells of it.
        var file: String?
    }

    private func record(of connection: SSHDConnection, among acceptances: [SSHDAcceptance]) -> Record {
        switch SSHDAcceptance.login(of: connection, among: acceptances) {
        case .found(let methods): record(of: connection, methods)
        case .contradictory: Record(doubt: "sshd's log tells of two different logins on it")
        case .absent: accountRecord(of: connection)
        }
    }

    private func record(of connection: SSHDConnection, _ methods: [SSHDAcceptance.Method]) -> Record {
        var record = Record(evidence: .log)
        let folder = table.path(AuthenticationFile.folder, seenBy: connection.process.number)
        lazy var written = AuthenticationFile.all(in: folder, of: connection.user).flatMap(\.certificates)
            .map(AuthenticatedCertificate.init)
        for method in methods {
            switch method {
            case .other: break
            case .unreadable: record.doubt = "sshd's log does not name the certificate by SHA256 fingerprints"
            case .certificate(let found):
                guard let authority = authorities[found.authority] else { break }
                let named = AuthenticatedCertificate(
                    authority: authority, serial: found.serial, keyID: found.keyID, keyFingerprint: found.key)
                record.certificates.append(written.first(where: named.isSame) ?? named)
            }
        }
        return record
    }

    /// What the account says, where the log is silent.
    private func accountRecord(of connection: SSHDConnection) -> Record {
        let environments = connection.commands.compactMap { table.values(of: "SSH_USER_AUTH", in: $0.number) }
        guard let first = environments.first else {
            return Record(doubt: "no command runs in it that could tell, as with `ssh -N`, and no log of sshd does")
        }
        guard let path = first.first else {
            return Record(doubt: "its commands have no SSH_USER_AUTH (is `ExposeAuthInfo yes` in sshd_config?)")
        }
        guard environments.allSatisfy({ $0 == [path] }) else {
            return Record(doubt: "SSH_USER_AUTH is not the same in all of its commands: somebody changed it")
        }
        guard AuthenticationFile.isName(path),
            let file = AuthenticationFile(
                table.path(path, seenBy: connection.process.number), of: connection.user)
        else { return Record(doubt: "SSH_USER_AUTH names no file that sshd made for `\(connection.login)`") }
        let certificates = file.certificates.filter { authorities[$0.contents.signatureKey.fingerprint] != nil }
        return Record(
            certificates: certificates.map(AuthenticatedCertificate.init), evidence: .account,
            doubt: doubt(of: file, certificates, connection), file: path)
    }

    private func doubt(
        of file: AuthenticationFile, _ certificates: [SSHCertificate], _ connection: SSHDConnection
    ) -> String? {
        guard let start = table.start(of: connection.process) else { return nil }
        guard Self.fileTimes.contains(file.changed.timeIntervalSince(start)) else {
            return "the file that SSH_USER_AUTH names was not last changed at the login"
        }
        if file.hasOthers { return "the file that SSH_USER_AUTH names holds a certificate that cannot be read" }
        let second = UInt64(max(0, start.timeIntervalSince1970))
        // The monitor may have checked the certificate a moment before the user's process began.
        let isValid = certificates.allSatisfy {
            $0.contents.validity.contains(secondsSince1970: second)
                || $0.contents.validity.contains(secondsSince1970: second - min(second, 60))
        }
        return isValid ? nil : "the file that SSH_USER_AUTH names holds a certificate that was not valid at the login"
    }
}
