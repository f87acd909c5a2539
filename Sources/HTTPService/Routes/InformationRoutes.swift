// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Authentication
import FoundationEssentials
import HTTPTypes
import Issuance
import NIOCore
import Notifications
import Policies
import ServiceAPI

/// Reads the policies again; the argument says whether an older commit will do.
package typealias PolicyReload = @Sendable (Bool) async throws -> Void

/// What the service says about itself and about what the caller may have.
struct InformationRoutes: Sendable {
    let authorities: PublishedAuthorities
    let authority: Authority
    let log: LogReader
    let serverCertificate: ServerCertificate
    let outbox: any Outbox
    let providers: ProviderDirectory
    let clock: any WallClock
    let reloadPolicies: PolicyReload

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.health, answer: .anyone { _ in try .json(["status": "ok"]) }),
            Endpoint(method: .get, path: Paths.openAPI, answer: .anyone { _ in OpenAPI.reply }),
            Endpoint(method: .get, path: Paths.authorities, answer: .anyone { _ in try .json(authorities.current) }),
            Endpoint(method: .get, path: Paths.roles, answer: .session(roles)),
            Endpoint(method: .get, path: Paths.people, query: ["after"], answer: .capability(.auditRead, people)),
            Endpoint(method: .get, path: Paths.status, answer: .session { _ in try await status() }),
            Endpoint(method: .get, path: Paths.metrics, answer: .anyone { _ in try await metrics() }),
            Endpoint(method: .post, path: Paths.policyReloads, answer: .capability(.policiesReload, reload)),
        ]
    }

    private func roles(_ call: AuthenticatedCall) async throws -> Reply {
        let roles = authority.policies.current.set.roles(for: call.caller.identity, at: clock.now)
        return try .json(RoleList(roles: roles.map { ServiceAPI.RoleSummary($0) }))
    }

    private static let pageSize = 500

    /// For reviews of access: whoever may read what everybody did may know who there is.
    private func people(_ call: AuthenticatedCall) async throws -> Reply {
        let after = call.call.query["after"]
        let people = authority.people.compactMap { PersonSummary($0) }.sorted { $0.user < $1.user }
            .filter { person in after.map { $0 < person.user } ?? true }
        let page = Array(people.prefix(Self.pageSize))
        return try .json(PersonList(people: page, next: people.count > page.count ? page.last?.user : nil))
    }

    private func reload(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(PolicyReloadRequest.self)
        try await reloadPolicies(request.allowOlder ?? false)
        return try await status()
    }

    private func status() async throws -> Reply {
        let live = authority.policies.current
        return try .json(
            ServiceStatus(
                name: authorities.name, time: clock.now, policyDigest: live.set.digest, policyLoadedAt: live.loadedAt,
                policyRules: live.set.ruleCount, policyProblem: live.problem, policyRefusedAt: live.reads.failedAt,
                policyCommit: live.source?.commit, policySigner: live.source?.signer,
                logSize: try await log.size,
                activeCertificates: try await authority.countActiveCertificates(),
                serverCertificateExpiresAt: serverCertificate.expiresAt, providers: await providerStatus()))
    }

    private func providerStatus() async -> [ProviderStatus] {
        var found: [ProviderStatus] = []
        for entry in providers.entries {
            let trouble = await entry.trouble
            found.append(
                ProviderStatus(
                    name: entry.declaration.name, problem: trouble?.reason, problemSince: trouble?.since))
        }
        return found
    }

    /// What a monitor needs to call somebody. Open to anyone, so nothing about who does what, and no text of policies or people:
    /// the status has that.
    private func metrics() async throws -> Reply {
        let live = authority.policies.current
        let outbox = try await outbox.outboxCounts()
        let gauges = [
            ("policy_refused", "Whether newer policy files are not live.", live.problem == nil ? 0 : 1),
            ("policy_loaded_timestamp_seconds", "When the live policies were loaded.", live.loadedAt.timeIntervalSince1970),
            (
                "policy_last_read_success_timestamp_seconds", "When policy files were last read that are live.",
                live.readAt.timeIntervalSince1970
            ),
            (
                "policy_last_read_failure_timestamp_seconds",
                "When policy files were last refused; 0 where none were since the start.",
                live.reads.failedAt?.timeIntervalSince1970 ?? 0
            ),
            (
                "server_certificate_expiry_timestamp_seconds", "When the server's certificate ends.",
                serverCertificate.expiresAt.timeIntervalSince1970
            ),
            ("notifications_pending", "Notifications that wait to be delivered.", Double(outbox.pending)),
            ("notifications_failed", "Notifications given up within the last 30 days.", Double(outbox.failed)),
        ]
        let reachable = await providerStatus().map { ([("provider", $0.name)], $0.problem == nil ? Int64(1) : 0) }
        var text = MetricsText()
        for (name, help, value) in gauges { text.add(name, .gauge, help, Int64(value)) }
        if !reachable.isEmpty {
            text.add("provider_available", .gauge, "Whether the identity provider answered when it was asked last.", reachable)
        }
        let revoking = providers.entries.filter { $0.declaration.people?.recheck != nil }
        if !revoking.isEmpty {
            text.add(
                "token_revocations_total", .counter,
                "Refresh tokens of sessions that are over, by what their identity provider did, since the start.",
                revoking.flatMap { entry in
                    RevocationResult.allCases.map { result in
                        (
                            [("provider", entry.declaration.name), ("result", result.rawValue)],
                            Int64(entry.revocations[result])
                        )
                    }
                })
        }
        text.add(
            "policy_info", .gauge, "The live policies: their digest, and the commit where they are kept in signed commits.",
            [([("digest", live.set.digest), ("commit", live.source?.commit ?? "")], 1)])
        text.add(
            "policy_rules", .gauge, "Rules of the live policies.",
            [([("effect", "allow")], Int64(live.set.allowCount)), ([("effect", "deny")], Int64(live.set.denyCount))])
        text.add(
            "policy_reads_total", .counter, "How often policy files were read since the start.",
            [([("result", "success")], Int64(live.reads.successes)), ([("result", "failure")], Int64(live.reads.failures))])
        text.add(
            "decisions_total", .counter, "Decisions of the policy since the start, of those that are on record.",
            AuditEvent.Decision.Result.allCases.map { ([("outcome", $0.rawValue)], Int64(authority.decisions[$0])) })
        return Reply(status: .ok, contentType: MetricsText.contentType, body: ByteBuffer(string: text.text))
    }
}

extension ServiceAPI.RoleSummary {
    fileprivate init(_ role: Policies.RoleSummary) {
        self.init(
            name: role.name, description: role.description ?? "",
            gives: role.kinds.map { $0 == .sshHost ? "ssh-host" : $0.rawValue }
                + (role.capabilities.isEmpty ? [] : ["capabilities"]),
            maximumLifetime: role.maximumLifetime.map { Int($0.components.seconds) })
    }
}

extension PersonSummary {
    fileprivate init?(_ identity: Identity) {
        guard let user = identity.user else { return nil }
        var groups: [String] = []
        if case .known(let known) = identity.groups { groups = known.sorted() }
        self.init(provider: identity.provider, user: user, login: identity.login, groups: groups)
    }
}
