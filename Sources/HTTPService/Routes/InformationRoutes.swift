// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import HTTPTypes
import Issuance
import NIOCore
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
    let clock: any WallClock
    let reloadPolicies: PolicyReload

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.health, answer: .anyone { _ in try .json(["status": "ok"]) }),
            Endpoint(method: .get, path: Paths.openAPI, answer: .anyone { _ in OpenAPI.reply }),
            Endpoint(method: .get, path: Paths.authorities, answer: .anyone { _ in try .json(authorities.current) }),
            Endpoint(method: .get, path: Paths.roles, answer: .session(roles)),
            Endpoint(method: .get, path: Paths.status, answer: .session { _ in try await status() }),
            Endpoint(method: .get, path: Paths.metrics, answer: .anyone { _ in metrics }),
            Endpoint(method: .post, path: Paths.policyReloads, answer: .capability(.policiesReload, reload)),
        ]
    }

    private func roles(_ call: AuthenticatedCall) async throws -> Reply {
        let roles = authority.policies.current.set.roles(for: call.caller.identity, at: clock.now)
        return try .json(RoleList(roles: roles.map { ServiceAPI.RoleSummary($0) }))
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
                policyProblem: live.problem, policyCommit: live.source?.commit, policySigner: live.source?.signer,
                logSize: try await log.size,
                activeCertificates: try await authority.countActiveCertificates(),
                serverCertificateExpiresAt: serverCertificate.expiresAt))
    }

    /// What a monitor needs to call somebody, in the text format of Prometheus 0.0.4; nothing about who does what.
    private var metrics: Reply {
        let live = authority.policies.current
        let gauges = [
            ("policy_refused", "Whether newer policy files are not live.", live.problem == nil ? 0 : 1),
            ("policy_loaded_timestamp_seconds", "When the live policies were loaded.", live.loadedAt.timeIntervalSince1970),
            (
                "server_certificate_expiry_timestamp_seconds", "When the server's certificate ends.",
                serverCertificate.expiresAt.timeIntervalSince1970
            ),
        ]
        let text = gauges.map { name, help, value in
            "# HELP mayfly_\(name) \(help)\n# TYPE mayfly_\(name) gauge\nmayfly_\(name) \(Int64(value))\n"
        }
        return Reply(
            status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: ByteBuffer(string: text.joined()))
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
