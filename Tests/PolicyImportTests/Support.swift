// SPDX-License-Identifier: Apache-2.0

import Foundation
import Policies
import Testing

@testable import PolicyImport

let fixtures = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "Fixtures")

func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: fixtures.appending(path: name)))
}

/// The policies of an import that made some.
func policies(_ imported: Imported) throws -> PolicySet { try PolicySet.load(imported.files) }

func text(_ imported: Imported) -> String {
    imported.files.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
}

func vaultSSH(_ fields: String, zone: ImportZone? = nil) throws -> Imported {
    try PolicyImporter.vaultSSH(
        Array(#"{"key_type": "ca", "max_ttl": 3600, \#(fields)}"#.utf8), roleName: "r", options: ImportOptions(zone: zone))
}

func vaultPKI(_ fields: String) throws -> Imported {
    try PolicyImporter.vaultPKI(Array(#"{"max_ttl": 3600, "allow_localhost": false, \#(fields)}"#.utf8), roleName: "r")
}

func stepCA(_ authority: String, root: String = #""ssh": {"userKey": "u"}, "#, zone: ImportZone? = nil) throws -> Imported {
    try PolicyImporter.stepCA(Array(#"{\#(root)"authority": {\#(authority)}}"#.utf8), options: ImportOptions(zone: zone))
}

func opkssh(_ lines: String, providers: String? = nil) throws -> Imported {
    try PolicyImporter.opkssh(authID: Array(lines.utf8), providers: providers.map { Array($0.utf8) })
}

/// What a member of the groups gets, or nil when it is refused.
func permit(
    _ policies: PolicySet, _ role: String, provider: String = "local", user: String = "ana@example.com",
    groups: Set<String> = [], claims: [String: ClaimValue] = [:], names: [String]? = nil, host: String? = nil,
    lifetime: Duration? = nil
) throws -> Permit? {
    let what: AuthorizationRequest.Subject =
        if let host { .sshHost(host: try HostName(host)) } else if let names {
            .x509(names: try X509Names(sorting: names))
        } else if role.hasPrefix("vault-pki") || role.hasSuffix("-tls") { .x509(names: nil) } else {
            .ssh(logins: nil, host: nil)
        }
    let identity = Identity(
        provider: provider, user: user, login: "ana", groups: .known(groups), claims: .known(claims), mfa: .known(false))
    let request = try AuthorizationRequest(role: role, what: what, lifetime: lifetime)
    guard case .allow(let permit) = policies.decide(identity, request, at: Date(timeIntervalSince1970: 1_795_000_000)) else {
        return nil
    }
    return permit
}
