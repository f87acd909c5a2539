// SPDX-License-Identifier: Apache-2.0

/// What a role gives, as words that can be kept with an approval and compared later: what was approved must not have grown
/// when it is claimed.
package struct GrantedRights: Hashable, Sendable {
    /// Sorted, without duplicates: more of them is more.
    package let rights: [String]
    /// Sorted, without duplicates: more of them is less.
    package let restrictions: [String]

    package init(rights: some Sequence<String>, restrictions: some Sequence<String>) {
        self.rights = Set(rights).sorted()
        self.restrictions = Set(restrictions).sorted()
    }

    /// Whether whoever has `other` gains nothing here.
    package func isWithin(_ other: GrantedRights) -> Bool { gains(over: other).isEmpty }

    /// What whoever has `other` gains here, in words: rights, and what no longer binds them.
    package func gains(over other: GrantedRights) -> [String] {
        Set(rights).subtracting(other.rights).sorted()
            + Set(other.restrictions).subtracting(restrictions).sorted().map { "not bound to \($0)" }
    }
}

extension PolicySet {
    /// What `subject` gives that came of a decision of this set about `role`. The hosts of its zones and the patterns of its
    /// names are part of it where the request left them open.
    package func rights(of subject: Permit.Subject, role name: String) -> GrantedRights {
        var rights: [String] = []
        var restrictions: [String] = []
        if let types = subject.keyTypes {
            restrictions.append("key types " + types.map(\.rawValue).sorted().joined(separator: " "))
        }
        switch subject {
        case .ssh(let permit):
            rights += permit.principals.map { "principal \($0)" } + permit.extensions.map { "extension \($0)" }
            for zone in roles[name]?.ssh?.zones ?? []
            where permit.principals.contains(where: { $0.hasSuffix("@zone:\(zone.name)") }) {
                rights += zone.hosts.map { "host \($0.text) in zone \(zone.name)" }
            }
            if let command = permit.forceCommand { restrictions.append("force-command \(command)") }
            if permit.verifyRequired { restrictions.append("verify-required") }
            switch roles[name]?.ssh?.sourceAddress {
            case .requester: restrictions.append("source-address requester")
            case .networks(let networks):
                restrictions.append("source-address " + networks.map(\.description).sorted().joined(separator: " "))
            case nil: break
            }
        case .sshHost(let permit):
            rights += permit.hosts.map { "host \($0.text)" }
        case .x509(let permit):
            rights += permit.usage.map { "usage \($0.rawValue)" } + permit.organizations.map { "organization \($0)" }
            if permit.saysNoRevocation { rights.append("no revocation") }
            if let commonName = permit.commonName { rights.append("common name \(commonName)") }
            let names = permit.names
            rights += (names.dns + names.ips.map(\.description) + names.emails + names.uris).map { "name \($0)" }
            rights += (roles[name]?.x509?.dns ?? []).filter { $0.text.contains("*") }.map { "names \($0.text)" }
        }
        return GrantedRights(rights: rights, restrictions: restrictions)
    }
}

extension ApprovalOffer {
    /// What may be issued once the approval is there.
    package var permit: Permit {
        Permit(rule: rule, role: role, lifetime: lifetime, ends: ends, narrowed: narrowed, subject: subject)
    }
}
