// SPDX-License-Identifier: Apache-2.0

/// The smallest right a role gives, and what its certificates are bound to. Roles by another name give the same.
struct RightAtom: Hashable {
    /// In words and without the host: ``login `deploy` on ``.
    let what: String
    /// The hosts it is a right to, where it is one to hosts.
    var hosts: HostPattern?
    /// The name it is a right to, where people may have others from the same role, or from the same template.
    var name: RoleName?
    let bounds: Bounds
    var isCapability = false

    /// In words: ``login `deploy` on `web*.example.com` ``.
    var right: String { what + (hosts.map { "`\($0.text)`" } ?? "") }

    /// Whether this is a right to nothing that `other` is not one to, whatever they are bound to.
    func isPart(of other: RightAtom) -> Bool {
        guard what == other.what else { return false }
        guard let hosts else { return other.hosts == nil }
        return other.hosts.map { hosts.isWithin($0) } ?? false
    }

    /// Each member that is there binds.
    struct Bounds: Hashable {
        var forceCommand: String?
        var sourceAddress: SourceAddress?
        var verifyRequired = false
        var endsSessionAtExpiry = false
        var canBeRevoked = false
        var extensions: Set<SSHExtension> = []
        var usage: Set<X509Usage> = []
        var keyTypes: Set<KeyType>?
    }

    static func all(of role: Role) -> Set<RightAtom> {
        var atoms: Set<RightAtom> = []
        if let ssh = role.ssh { atoms.formUnion(ssh.atoms) }
        for zone in role.sshHost?.zones ?? [] {
            for host in zone.hosts { atoms.insert(RightAtom(what: "host certificate for ", hosts: host, bounds: Bounds())) }
        }
        if let x509 = role.x509 { atoms.formUnion(x509.atoms) }
        for capability in role.capabilities {
            atoms.insert(RightAtom(what: "capability `\(capability.rawValue)`", bounds: Bounds(), isCapability: true))
        }
        return atoms
    }
}

extension SSHRole {
    fileprivate var atoms: Set<RightAtom> {
        let bounds = RightAtom.Bounds(
            forceCommand: forceCommand, sourceAddress: sourceAddress, verifyRequired: verifyRequired,
            endsSessionAtExpiry: endsSessionAtExpiry, extensions: extensions, keyTypes: keyTypes)
        let logins = logins.flatMap { login in
            zones.flatMap(\.hosts).map { host in
                RightAtom(
                    what: "login `\(login.text)` on ", hosts: host, name: RoleName(template: login, place: .login),
                    bounds: bounds)
            }
        }
        return Set(logins + principals.map { RightAtom(what: "principal `\($0)`", bounds: bounds) })
    }
}

extension X509Role {
    fileprivate var atoms: Set<RightAtom> {
        let bounds = RightAtom.Bounds(canBeRevoked: !saysNoRevocation, usage: usage, keyTypes: keyTypes)
        func atoms(_ word: String, _ templates: [Template], _ place: NamePlace) -> [RightAtom] {
            templates.map { template in
                let name = RoleName(template: template, place: place)
                // Of hosts a pattern is what it matches.
                let hosts = place == .dnsName ? try? HostPattern(template.text) : nil
                return RightAtom(
                    what: hosts == nil ? "\(word) `\(template.text)`" : "\(word) ", hosts: hosts, name: name, bounds: bounds)
            }
        }
        let names =
            atoms("common name", commonName.map { [$0] } ?? [], .commonName)
            + atoms("organization", organizations, .organization)
            + atoms("DNS name", dns, .dnsName) + atoms("e-mail address", emails, .email) + atoms("URI", uris, .uri)
        return Set(names + ips.map { RightAtom(what: "IP address `\($0)`", bounds: bounds) })
    }
}

extension RightAtom.Bounds {
    /// Whether whoever is bound like this can do no more than whoever is bound like `other`.
    func isWithin(_ other: Self) -> Bool {
        (other.forceCommand == nil || forceCommand == other.forceCommand) && sourceIsWithin(other.sourceAddress)
            && (verifyRequired || !other.verifyRequired) && (endsSessionAtExpiry || !other.endsSessionAtExpiry)
            && (canBeRevoked || !other.canBeRevoked)
            && extensions.isSubset(of: other.extensions)
            && usage.isSubset(of: other.usage)
            && (other.keyTypes.map { allowed in keyTypes.map { $0.isSubset(of: allowed) } ?? false } ?? true)
    }

    private func sourceIsWithin(_ other: SourceAddress?) -> Bool {
        switch (sourceAddress, other) {
        case (_, nil): true
        case (.requester, .requester): true
        case (.networks(let mine), .networks(let theirs)):
            mine.allSatisfy { network in theirs.contains { $0.contains(network) } }
        default: false
        }
    }

    /// What binds in `self` and binds less, or to something else, in `other`.
    func losses(to other: Self) -> [GainWords] {
        func loss(of what: String) -> GainWords { GainWords("no longer bound to \(what)", "now bound to \(what)") }
        var losses: [GainWords] = []
        if let forceCommand, other.forceCommand != forceCommand {
            losses.append(
                other.forceCommand.map { GainWords("command", mine: $0.inBackticks, theirs: forceCommand.inBackticks) }
                    ?? loss(of: "the command \(forceCommand.inBackticks)"))
        }
        if let sourceAddress, !other.sourceIsWithin(sourceAddress) {
            losses.append(
                other.sourceAddress.map { GainWords("source address", mine: "\($0)", theirs: "\(sourceAddress)") }
                    ?? loss(of: "the source address"))
        }
        if verifyRequired, !other.verifyRequired { losses.append(loss(of: "the check of PIN or fingerprint")) }
        if endsSessionAtExpiry, !other.endsSessionAtExpiry { losses.append(loss(of: "the end of sessions at expiry")) }
        if canBeRevoked, !other.canBeRevoked { losses.append(loss(of: "revocation")) }
        if let keyTypes, !(other.keyTypes?.isSubset(of: keyTypes) ?? false) {
            func list(_ types: Set<KeyType>) -> String { types.map(\.rawValue).sorted().joined(separator: ", ") }
            losses.append(
                other.keyTypes.map { GainWords("types of keys", mine: list($0), theirs: list(keyTypes)) }
                    ?? loss(of: "the types of keys"))
        }
        return losses
    }
}

extension SourceAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .requester: "of the requester"
        case .networks(let networks): networks.map(\.description).joined(separator: ", ")
        }
    }
}

extension IPNetwork {
    /// Whether all of `other` lies in it.
    func contains(_ other: IPNetwork) -> Bool {
        prefix <= other.prefix && contains(other.address)
    }
}
