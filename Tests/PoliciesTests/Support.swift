// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictYAML
import Testing

@testable import Policies

let anyTime = Date(timeIntervalSince1970: 1_795_000_000)

/// The root of the repository.
let repository = (0..<3).reduce(URL(filePath: #filePath).resolvingSymlinksInPath()) { url, _ in url.deletingLastPathComponent()
}

/// A set of one file, whose first line `version: 1` is added.
func policies(_ yaml: String) throws -> PolicySet {
    try PolicySet.load([PolicyFile(name: "p.yaml", text: "version: 1\n" + yaml)])
}

/// What loading a file says, one line for each problem.
func problems(_ text: String) -> [String] {
    do {
        _ = try PolicySet.load([PolicyFile(name: "p.yaml", text: text)])
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

func person(
    _ user: String = "ana@example.com", login: String? = "ana", groups: Known<Set<String>> = .known([]),
    mfa: Known<Bool> = .known(false), loggedIn ago: Double? = nil, from address: String? = nil
) -> Identity {
    Identity(
        provider: "local", user: user, login: login, groups: groups, claims: .known([:]), mfa: mfa,
        authenticatedAt: ago.map { .known(anyTime - $0) } ?? .unknown, address: address.flatMap { IPAddress($0) })
}

func workload(_ provider: String, _ claims: Known<[String: ClaimValue]>) -> Identity {
    Identity(provider: provider, groups: .known([]), claims: claims, mfa: .known(false))
}

func ssh(
    _ role: String, logins: [String]? = nil, host: String? = nil, lifetime: Duration? = nil, reason: String? = nil,
    ticket: String? = nil, route: AuthorizationRequest.Route = .issue
) throws -> AuthorizationRequest {
    try AuthorizationRequest(
        role: role, what: .ssh(logins: logins, host: try host.map { try HostName($0) }), lifetime: lifetime, reason: reason,
        ticket: ticket, route: route)
}

func x509(_ role: String, _ names: [String]? = nil) throws -> AuthorizationRequest {
    try AuthorizationRequest(role: role, what: .x509(names: try names.map { try X509Names(sorting: $0) }))
}

extension PolicySet {
    func answer(_ identity: Identity, _ request: AuthorizationRequest) -> Decision {
        decide(identity, request, at: anyTime)
    }
}

extension Decision {
    var permit: Permit? { if case .allow(let permit) = self { permit } else { nil } }
    var offer: ApprovalOffer? { if case .needsApproval(let offer) = self { offer } else { nil } }
    var denial: String? { if case .deny(let denial) = self { denial.description } else { nil } }
    var ssh: SSHPermit? { if case .ssh(let ssh)? = permit?.subject { ssh } else { nil } }
    var x509: X509Permit? { if case .x509(let x509)? = permit?.subject { x509 } else { nil } }
}
