// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Issuance
import Policies
import ServiceAPI
import X509Certificates

/// Rotation of CA keys, and what to do about them.
struct CAKeyRoutes: Sendable {
    let authority: Authority
    let root: RootAuthority
    let clock: any WallClock

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: Paths.caKeys, answer: .capability(.keysRotate) { _ in try .json(try await status()) }),
            Endpoint(method: .post, path: Paths.caKeyChanges, answer: .capability(.keysRotate, change)),
            Endpoint(method: .post, path: Paths.caKeyRequests, answer: .capability(.keysRotate, makeKey)),
        ]
    }

    private func change(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(CAKeyChangeRequest.self)
        var certificate: IssuerCertificate?
        if let pem = request.certificate {
            guard request.purpose == .issuing, request.act == .prepare else {
                throw CallError.malformed("`certificate` goes with `prepare` of `issuing`")
            }
            do { certificate = try IssuerCertificate(pem: pem) } catch { throw CallError.invalid("`certificate`: \(error)") }
        }
        _ = try await authority.rotate(
            CAKeyOrder(
                .init(request.act), .init(request.purpose), key: request.key, isForced: request.force ?? false,
                reason: request.reason,
                issuing: .init(certificate: certificate, root: root.certificate, rootList: root.list)), by: call.caller)
        return try .json(try await status())
    }

    private func makeKey(_ call: AuthenticatedCall) async throws -> Reply {
        _ = try call.call.decode(EmptyBody.self)
        return try .json(CAKeyRequestReply(publicKey: PEM.publicKey(try await authority.makeIssuingKey())), status: .created)
    }

    private func status() async throws -> CAStatus {
        CAStatus(
            time: clock.wholeSeconds,
            keys: try await authority.standing(root: root.certificate, rootList: root.list).map { CAKeyStanding($0) })
    }
}

extension CAKeyStanding {
    fileprivate init(_ standing: CAStanding) {
        self.init(
            name: standing.name, state: standing.state?.rawValue, key: standing.key, changedAt: standing.changedAt,
            endsAt: standing.endsAt, lastCertificateEndsAt: standing.lastCertificateEnds,
            missingOn: standing.missingOn.isEmpty ? nil : standing.missingOn, advice: standing.advice)
    }
}

extension CAKeyPurpose {
    fileprivate init(_ name: CAKeyPurposeName) {
        self =
            switch name {
            case .sshUser: .sshUser
            case .sshHost: .sshHost
            case .issuing: .issuing
            }
    }
}

extension CAKeyOrder.Act {
    fileprivate init(_ act: CAKeyAct) {
        self =
            switch act {
            case .prepare: .prepare
            case .activate: .activate
            case .retire: .retire
            case .revoke: .revoke
            }
    }
}
