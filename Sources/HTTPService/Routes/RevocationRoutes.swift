// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Issuance
import Policies
import ServiceAPI
import X509Certificates

/// Ending certificates early, and the lists that say so.
struct RevocationRoutes: Sendable {
    let authority: Authority
    let publication: Publication

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.revocations, answer: .session(revoke)),
            Endpoint(method: .post, path: Paths.releases, answer: .capability(.certificatesRevoke, release)),
            Endpoint(method: .get, path: Paths.revokedKeys, query: ["after", "wait"], answer: .anyone(revokedKeys)),
            Endpoint(method: .get, path: Paths.revocationLists, query: ["after", "wait"], answer: .anyone(revocationLists)),
        ]
    }

    /// A call that waits longer would be cut off by what lies between.
    private static let longestWait: UInt64 = 60  // seconds

    private func revoke(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(RevocationRequest.self)
        let before = publication.lists.keys?.version
        let outcome = try await authority.revoke(
            RevocationOrder(
                try selection(request), cause: request.cause.map(RevocationCause.init) ?? .unspecified,
                reason: request.reason, isRehearsal: request.dryRun ?? false), by: call.caller)
        return try .json(
            RevocationReply(
                count: outcome.count, certificates: outcome.certificates.map { CertificateSummary($0) },
                exposedUntil: outcome.lastExpiry, revocationListVersion: await listVersion(naming: outcome),
                previousListVersion: outcome.lastListedEvent == nil ? nil : before, notEnforceable: outcome.notEnforceable))
    }

    /// The version of the KRL that names all of it: the lists are built a moment after the commit.
    private func listVersion(naming outcome: RevocationOutcome) async -> UInt64? {
        guard let event = outcome.lastListedEvent else { return nil }
        return await publication.lists.keys(covering: event, within: Self.longestBuilding)?.version
    }

    private static let longestBuilding = Duration.seconds(5)

    private func selection(_ request: RevocationRequest) throws -> RevocationSelection {
        var match = RevocationMatch()
        match.user = request.user
        match.host = request.host
        match.role = request.role
        match.rule = request.rule
        match.policy = request.policy
        match.enrolment = request.enrolment
        match.issuedFrom = request.issuedFrom
        match.issuedBefore = request.issuedBefore
        if let serial = request.serial {
            guard match.isEverything else {
                throw CallError.malformed("`serial` names one certificate; nothing goes beside it but `kind`")
            }
            return .serial(serial, kind: request.kind.map(CertificateRecord.Kind.init))
        }
        guard !match.isEverything else {
            throw CallError.malformed(
                "name a `serial`, or at least one of `user`, `host`, `role`, `rule`, `policy`, `enrolment`, `issued_from` and `issued_before`"
            )
        }
        match.kind = request.kind.map(CertificateRecord.Kind.init)
        return .matching(match)
    }

    private func release(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(ReleaseRequest.self)
        let record = try await authority.release(
            serial: request.serial, kind: request.kind.map(CertificateRecord.Kind.init), reason: request.reason,
            by: call.caller)
        return try .json(CertificateSummary(record))
    }

    /// Nothing is answered before there is a list: an empty one would let everybody in.
    private func revokedKeys(_ call: Call) async throws -> Reply {
        let after = try call.unsigned("after") ?? 0
        let wait = min(try call.unsigned("wait") ?? 0, Self.longestWait)
        let lists = publication.lists
        guard let keys = await lists.keys(after: after, within: .seconds(Int64(wait))) else {
            guard lists.keys != nil else { throw CallError.notReady("the KRL is not built yet") }
            return .noContent
        }
        return try .json(
            RevokedKeysDocument(
                version: keys.version, krl: Data(keys.krl).base64EncodedString(), signature: keys.signature))
    }

    private func revocationLists(_ call: Call) async throws -> Reply {
        let after = call.query["after"]
        let wait = min(try call.unsigned("wait") ?? 0, Self.longestWait)
        let publication = publication
        let found = await publication.lists.certificates(within: .seconds(Int64(wait))) {
            publication.version(of: $0) != after
        }
        guard let issuing = found else {
            guard publication.lists.certificates != nil else { throw CallError.notReady("the CRL is not built yet") }
            return .noContent
        }
        return try .json(
            RevocationListsDocument(
                version: publication.version(of: issuing), issuing: issuing.pem, root: publication.rootList?.pem,
                nextUpdate: min(issuing.nextUpdate, publication.rootList?.nextUpdate ?? issuing.nextUpdate)))
    }
}

extension CertificateRecord.Kind {
    fileprivate init(_ kind: CertificateKind) {
        self =
            switch kind {
            case .ssh: .ssh
            case .sshHost: .sshHost
            case .x509: .x509
            case .session: .session
            case .server: .server
            }
    }
}

extension RevocationCause {
    fileprivate init(_ name: RevocationCauseName) {
        self =
            switch name {
            case .unspecified: .unspecified
            case .keyCompromise: .keyCompromise
            case .affiliationChanged: .affiliationChanged
            case .superseded: .superseded
            case .cessationOfOperation: .cessationOfOperation
            case .certificateHold: .certificateHold
            case .privilegeWithdrawn: .privilegeWithdrawn
            }
    }
}
