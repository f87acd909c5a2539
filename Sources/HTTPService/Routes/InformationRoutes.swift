// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import Issuance
import NIOCore
import Policies
import ServiceAPI

/// What the service says about itself and about what the caller may have.
struct InformationRoutes: Sendable {
    let authorities: Authorities
    let authority: Authority
    let log: LogReader
    let serverCertificate: ServerCertificate
    let clock: any WallClock

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.health, answer: .anyone { _ in try .json(["status": "ok"]) }),
            Endpoint(method: .get, path: Paths.openAPI, answer: .anyone { _ in OpenAPI.reply }),
            Endpoint(method: .get, path: Paths.authorities, answer: .anyone { _ in try .json(authorities) }),
            Endpoint(method: .get, path: Paths.roles, answer: .session(roles)),
            Endpoint(method: .get, path: Paths.status, answer: .session(status)),
        ]
    }

    private func roles(_ call: AuthenticatedCall) async throws -> Reply {
        let roles = authority.policies.current.set.roles(for: call.caller.identity, at: clock.now)
        return try .json(RoleList(roles: roles.map { ServiceAPI.RoleSummary($0) }))
    }

    private func status(_ call: AuthenticatedCall) async throws -> Reply {
        let live = authority.policies.current
        return try .json(
            ServiceStatus(
                name: authorities.name, time: clock.now, policyDigest: live.set.digest, policyLoadedAt: live.loadedAt,
                policyProblem: live.problem, logSize: try await log.size,
                activeCertificates: try await authority.countActiveCertificates(),
                serverCertificateExpiresAt: serverCertificate.expiresAt))
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
