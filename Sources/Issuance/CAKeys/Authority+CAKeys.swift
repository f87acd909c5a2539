// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Policies
import X509Certificates

/// Rotation of CA keys: prepare, activate, retire, revoke. Each step is one commit with its event; a step whose reply was lost
/// is refused when it is repeated, because it has been taken, and a crash before the commit has changed nothing.
extension Authority {
    /// - Returns: the key that was meant, as it is now.
    /// - Throws: `CAKeyError`.
    package func rotate(_ order: CAKeyOrder, by caller: Caller) async throws -> CAKeyRecord {
        try AuthorizationRequest.check(reason: order.reason)
        guard let vault else { throw CAKeyError.noVault }
        return try await keys.changing {
            switch order.act {
            case .prepare: try await prepare(order, in: vault, by: caller)
            case .activate: try await activate(order, in: vault, by: caller)
            case .retire: try await retire(order, in: vault, by: caller)
            case .revoke: try await revoke(order, in: vault, by: caller)
            }
        }
    }

    private func prepare(_ order: CAKeyOrder, in vault: any KeyVault, by caller: Caller) async throws -> CAKeyRecord {
        let records = keys.current.records(of: order.purpose)
        if let prepared = records.first(where: { $0.state == .prepared }) {
            throw CAKeyError.alreadyPrepared(order.purpose, key: prepared.fingerprint)
        }
        guard records.count(where: \.state.isPublished) < CAKeyError.mostPublished else {
            throw CAKeyError.tooMany(order.purpose)
        }
        if order.purpose == .issuing { return try await prepareIssuing(order, beside: records, in: vault, by: caller) }
        // A crash after this leaves a key that nothing knows of.
        let signer = try await vault.makeKey(for: order.purpose)
        let now = clock.wholeSeconds
        let record = CAKeyRecord(
            purpose: order.purpose, fingerprint: try SSHAuthority(signer: signer, store: store).issuer,
            subjectPublicKeyInfo: signer.subjectPublicKeyInfo, certificate: nil, state: .prepared, preparedAt: now,
            changedAt: now)
        try await change([record], .keyPrepared, order, note: nil, signer: nil, in: vault, by: caller)
        return record
    }

    /// A key for which whoever has the root key can make a certificate. Nothing knows of it before that is brought back.
    /// - Returns: DER of its `SubjectPublicKeyInfo`.
    package func makeIssuingKey() async throws -> [UInt8] {
        guard let vault else { throw CAKeyError.noVault }
        return try await vault.makeKey(for: .issuing).subjectPublicKeyInfo
    }

    private func prepareIssuing(
        _ order: CAKeyOrder, beside records: [CAKeyRecord], in vault: any KeyVault, by caller: Caller
    ) async throws -> CAKeyRecord {
        let now = clock.wholeSeconds
        guard let issuing = order.issuing, let certificate = issuing.certificate else {
            throw CAKeyError.certificateUnusable("there is none")
        }
        let names = try records.compactMap(\.certificate).map { try IssuerCertificate(der: $0).commonName }
        let flaws: [(Bool, String)] = [
            (!certificate.isIssued(by: issuing.root), "the root did not sign it"),
            (certificate.pathLength != 0, "it may sign CAs"),
            (!certificate.maySignRevocationLists, "it may not sign revocation lists"),
            (certificate.serial == nil, "no list of the root could name it"),
            (certificate.notBefore > now || certificate.notAfter <= now, "it is not valid now"),
            (certificate.notAfter > issuing.root.notAfter, "it outlives the root"),
            // Lists and status answers are told apart by the name first.
            (names.contains(certificate.commonName), "another issuing CA has this name"),
            (records.contains { $0.fingerprint == certificate.keyFingerprint }, "another issuing CA has this key"),
        ]
        if let flaw = flaws.first(where: { $0.0 }) { throw CAKeyError.certificateUnusable(flaw.1) }
        guard
            let signer = try? await vault.key(for: .issuing, subjectPublicKeyInfo: certificate.subjectPublicKeyInfo)
        else { throw CAKeyError.certificateUnusable("this server has no key for it") }
        let record = CAKeyRecord(
            purpose: .issuing, fingerprint: certificate.keyFingerprint,
            subjectPublicKeyInfo: certificate.subjectPublicKeyInfo, certificate: certificate.der, state: .prepared,
            preparedAt: now, changedAt: now)
        try await change([record], .keyPrepared, order, note: nil, signer: signer, in: vault, by: caller)
        return record
    }

    private func activate(_ order: CAKeyOrder, in vault: any KeyVault, by caller: Caller) async throws -> CAKeyRecord {
        let records = keys.current.records(of: order.purpose)
        guard let prepared = records.first(where: { $0.state == .prepared }) else {
            throw CAKeyError.nonePrepared(order.purpose)
        }
        let record = try meant(order, among: [prepared])
        let missing = order.purpose == .sshUser ? try await hosts(withoutTrustIn: record) : []
        guard missing.isEmpty || order.isForced else {
            throw CAKeyError.notAdopted(order.purpose, key: record.fingerprint, hosts: missing, act: order.act)
        }
        let signer = try await vault.key(for: order.purpose, subjectPublicKeyInfo: record.subjectPublicKeyInfo)
        let changed = records.filter { $0.state == .active }.map { $0.with(.retiring, at: clock.wholeSeconds) }
        let next = record.with(.active, at: clock.wholeSeconds)
        let note = changed.map { "in place of \($0.fingerprint)" } + (missing.isEmpty ? [] : [Self.note(missing)])
        try await change(
            changed + [next], .keyActivated, order, note: note.joined(separator: "; "),
            signer: signer, in: vault, by: caller)
        return next
    }

    private func retire(_ order: CAKeyOrder, in vault: any KeyVault, by caller: Caller) async throws -> CAKeyRecord {
        let record = try meant(order, among: keys.current.records(of: order.purpose).filter { $0.state == .retiring })
        let now = clock.wholeSeconds
        if !order.isForced, let end = try await store.lastEnd(ofCertificatesBy: record.fingerprint, after: now) {
            throw CAKeyError.stillUsed(order.purpose, key: record.fingerprint, until: end)
        }
        let missing = try await checkTrust(without: record, order)
        let next = record.with(.retired, at: now)
        try await change(
            [next], .keyRetired, order, note: missing.isEmpty ? nil : Self.note(missing), signer: nil, in: vault, by: caller)
        return next
    }

    private func revoke(_ order: CAKeyOrder, in vault: any KeyVault, by caller: Caller) async throws -> CAKeyRecord {
        let records = keys.current.records(of: order.purpose)
        // Never guessed: it takes all certificates of the key with it.
        guard order.key != nil else { throw CAKeyError.keyNeeded(order.purpose, candidates: records.map(\.fingerprint)) }
        let record = try meant(order, among: records.filter { $0.state != .active && $0.state != .revoked })
        if record.purpose == .issuing, !Self.lists(order.issuing?.rootList, record) {
            throw CAKeyError.notOnRootList(key: record.fingerprint)
        }
        let missing = record.state.isPublished ? try await checkTrust(without: record, order) : []
        let next = record.with(.revoked, at: clock.wholeSeconds)
        try await change(
            [next], .keyRevoked, order, note: missing.isEmpty ? nil : Self.note(missing), signer: nil, in: vault, by: caller)
        return next
    }

    /// Before a key is published no more: who trusts nothing else, or has nothing else to show.
    /// - Returns: those hosts, where that is forced.
    private func checkTrust(without record: CAKeyRecord, _ order: CAKeyOrder) async throws -> [String] {
        let current = keys.current
        let missing: [String]
        switch order.purpose {
        case .sshUser:
            guard let active = current.records(of: .sshUser).first(where: { $0.state == .active }) else { return [] }
            missing = try await hosts(withoutTrustIn: active)
            guard missing.isEmpty || order.isForced else {
                throw CAKeyError.notAdopted(order.purpose, key: active.fingerprint, hosts: missing, act: order.act)
            }
        case .sshHost:
            missing = try await enrolledHosts {
                ($0.report?.certificate ?? $0.certificate).issuer == record.fingerprint
            }
            guard missing.isEmpty || order.isForced else {
                throw CAKeyError.hostsDepend(key: record.fingerprint, hosts: missing)
            }
        case .issuing: missing = []
        }
        return missing
    }

    private func meant(_ order: CAKeyOrder, among candidates: [CAKeyRecord]) throws -> CAKeyRecord {
        if let key = order.key {
            if let record = candidates.first(where: { $0.fingerprint == key }) { return record }
            guard let other = keys.current.records(of: order.purpose).first(where: { $0.fingerprint == key }) else {
                throw CAKeyError.unknownKey(order.purpose, key: key)
            }
            throw CAKeyError.wrongState(order.purpose, key: key, other.state, act: order.act)
        }
        guard candidates.count == 1, let only = candidates.first else {
            throw CAKeyError.keyNeeded(order.purpose, candidates: candidates.map(\.fingerprint))
        }
        return only
    }

    /// One commit; then what signs, what is published and what the lists say follow it.
    /// - Parameters:
    ///   - changed: in their new states, the one that is meant last.
    ///   - signer: of the one that is meant, where it is to sign something from now on.
    private func change(
        _ changed: [CAKeyRecord], _ type: AuditEvent.Kind, _ order: CAKeyOrder, note: String?,
        signer: (any Signer)?, in vault: any KeyVault, by caller: Caller
    ) async throws {
        let before = keys.current
        let records = before.records(of: order.purpose)
        var next = before
        let merged =
            records.map { record in changed.first { $0.fingerprint == record.fingerprint } ?? record }
            + changed.filter { record in !records.contains { $0.fingerprint == record.fingerprint } }
        switch order.purpose {
        case .sshUser:
            let active = try signer.map { try SSHAuthority(signer: $0, store: store) } ?? before.users.active
            next.users = try SSHKeys(active, records: merged)
        case .sshHost:
            let active = try signer.map { try SSHAuthority(signer: $0, store: store) } ?? before.hosts.active
            next.hosts = try SSHKeys(active, records: merged)
        case .issuing:
            var authorities = before.workloads.authorities
            if let signer, let meant = changed.last, let certificate = meant.certificate {
                authorities[meant.fingerprint] = try X509Authority(
                    certificate: try IssuerCertificate(der: certificate), signer: signer)
            }
            next.workloads = try WorkloadKeys(merged, authorities: authorities, status: keys.status)
        }
        var entry = try CommitEntry(
            event: AuditEvent(
                time: AuditTime(clock.now), type: type, actor: .init(caller.identity, session: caller.session),
                request: .init(id: caller.requestID, reason: order.reason), policy: policies.current.set.digest,
                key: .init(fingerprint: changed.last?.fingerprint ?? "", purpose: order.purpose.rawValue), message: note))
        entry.preconditions = caller.preconditions + [.caKeysAre(order.purpose, records)]
        // All of them, because those that `init` made are not on record before the first change.
        entry.caKeys = merged
        do {
            try await commit(entry)
        } catch CommitRefusal.caKeysChanged {
            throw CAKeyError.busy
        }
        keys.replace(with: next)
        revocations.signal()
        await vault.publish(next)
    }

    private static func lists(_ list: RevocationList?, _ record: CAKeyRecord) -> Bool {
        guard let list, let der = record.certificate, let serial = try? IssuerCertificate(der: der).serial else { return false }
        return list.revoked.contains { $0.serial == serial }
    }

    /// Enrolled hosts that did not say that their sshd trusts a user CA key.
    func hosts(withoutTrustIn key: CAKeyRecord) async throws -> [String] {
        try await enrolledHosts { !($0.report?.userCAKeys.contains(key.fingerprint) ?? false) }
    }

    private func enrolledHosts(where isMeant: (HostRecord) -> Bool) async throws -> [String] {
        var found: [String] = []
        var after: String?
        repeat {
            let page = try await store.hosts(after: after, limit: 500)
            found += page.filter(isMeant).map(\.name)
            after = page.last?.name
        } while after != nil
        return found
    }

    /// For the log: an event has a limit, and who is locked out can be many.
    private static func note(_ hosts: [String]) -> String {
        let more = hosts.count > 20 ? " and \(hosts.count - 20) more" : ""
        return "forced without regard to: " + hosts.prefix(20).joined(separator: ", ") + more
    }
}

extension CAKeyRecord {
    fileprivate func with(_ state: CAKeyState, at time: Date) -> CAKeyRecord {
        var record = self
        record.state = state
        record.changedAt = time
        return record
    }
}
