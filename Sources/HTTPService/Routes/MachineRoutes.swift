// SPDX-License-Identifier: Apache-2.0

import Authentication
import HTTPTypes
import Issuance
import Policies
import ServiceAPI

/// Machines that enrol and renew by themselves, and the people who let them and hosts in.
struct MachineRoutes: Sendable {
    let authenticator: MachineAuthenticator
    let authority: Authority
    private let limits: EnrolmentLimits

    init(authenticator: MachineAuthenticator, authority: Authority, clock: any WallClock, failures: FailedLogins) {
        self.authenticator = authenticator
        self.authority = authority
        limits = EnrolmentLimits(clock: clock, failures: failures)
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.enrolmentTokens, answer: .capability(.tokensCreate, createToken)),
            Endpoint(
                method: .get, path: Paths.enrolmentTokens, query: ["after"], answer: .capability(.tokensCreate, listTokens)),
            Endpoint(method: .post, path: Paths.enrolmentTokenCancellations, answer: .capability(.tokensCreate, cancelToken)),
            Endpoint(method: .get, path: Paths.machines, query: ["after"], answer: .capability(.certificatesRead, list)),
            Endpoint(method: .post, path: Paths.machineEnrolment, answer: .anyone(enrol)),
            Endpoint(method: .post, path: Paths.machineRenewal, answer: .machine(renew)),
        ]
    }

    private func createToken(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(EnrolmentTokenRequest.self)
        guard (request.host == nil) != (request.names == nil) else {
            throw CallError.malformed("name the `host`, or the `names` of a machine")
        }
        let kind: EnrolmentToken.Kind = request.host == nil ? .x509 : .sshHost
        let names = request.host.map { [$0] } ?? request.names ?? []
        let created = try await authority.createEnrolmentToken(
            kind, role: request.role, names: try names.map { try HostPattern($0) },
            lifetime: request.lifetime.map { .seconds(Int64($0)) } ?? EnrolmentToken.standardLifetime, by: call.caller)
        return try .json(
            EnrolmentTokenReply(
                token: created.text, id: created.token.id, role: created.token.role, host: created.token.host,
                names: created.token.machineNames, expiresAt: created.token.expiresAt), status: .created)
    }

    private func cancelToken(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(EnrolmentTokenCancellation.self)
        let token = try await authority.cancelEnrolmentToken(request.id, reason: request.reason, by: call.caller)
        return try .json(EnrolmentTokenSummary(token))
    }

    private func listTokens(_ call: AuthenticatedCall) async throws -> Reply {
        let tokens = try await authority.openEnrolmentTokens(after: call.call.query["after"], limit: Self.pageSize)
        return try .json(
            EnrolmentTokenList(
                tokens: tokens.map { EnrolmentTokenSummary($0) },
                next: tokens.next(\.id, ofPage: Self.pageSize)))
    }

    private func list(_ call: AuthenticatedCall) async throws -> Reply {
        let machines = try await authority.machines(after: call.call.query["after"], limit: Self.pageSize)
        return try .json(
            MachineList(
                machines: machines.map { MachineSummary($0) },
                next: machines.next(\.enrolment, ofPage: Self.pageSize)))
    }

    private static let pageSize = 500

    private func enrol(_ call: Call) async throws -> Reply {
        let request = try await limits.decode(MachineEnrolmentRequest.self, call)
        let machine = try await limits.proven(call, name: \.enrolmentID) {
            try await authenticator.enrolling(request, address: call.address)
        }
        return try reply(
            try await authority.issueMachineCertificate(
                to: machine, lifetime: request.lifetime.map { .seconds(Int64($0)) }, reason: request.reason,
                ticket: request.ticket, requestID: call.requestID, idempotencyKey: nil))
    }

    private func renew(_ call: MachineCall) async throws -> Reply {
        let shown = try await limits.proven(call.call, name: \.enrolment) {
            try await authenticator.shown(call.certificate)
        }
        let request = try await limits.decode(MachineRenewalRequest.self, call.call)
        let machine = try authenticator.renewing(shown, request, address: call.call.address)
        return try reply(
            try await authority.issueMachineCertificate(
                to: machine, lifetime: request.lifetime.map { .seconds(Int64($0)) }, reason: request.reason,
                ticket: request.ticket, requestID: call.call.requestID, idempotencyKey: call.call.idempotencyKey))
    }

    private func reply(_ outcome: IssuanceOutcome) throws -> Reply {
        try .json(try outcome.certificate(of: authority), status: .created)
    }
}

extension EnrolmentTokenSummary {
    fileprivate init(_ token: EnrolmentToken) {
        self.init(
            id: token.id, role: token.role, host: token.host, names: token.machineNames, createdBy: token.createdBy,
            createdAt: token.createdAt, expiresAt: token.expiresAt)
    }
}

extension MachineSummary {
    fileprivate init(_ machine: MachineRecord) {
        let newest = machine.newest
        self.init(
            enrolment: machine.enrolment, enrolledAt: machine.enrolledAt, role: newest.role, names: newest.names,
            publicKey: newest.publicKey, issuer: newest.issuer, serial: newest.serial, issuedAt: newest.issuedAt,
            validBefore: newest.validBefore, hasEnded: machine.isEnded)
    }
}
