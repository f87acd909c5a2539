// SPDX-License-Identifier: Apache-2.0

import Policies

/// Lifetimes and switches of a provisioner: its own, then the authority's, then those of step-ca.
struct StepClaims {
    enum Kind: String {
        case tls = "TLS"
        case userSSH = "UserSSH"
        case hostSSH = "HostSSH"
    }

    private var maximums: [Kind: Duration]
    private var defaults: [Kind: Duration]
    private(set) var enablesSSH: Bool

    /// What step-ca takes when nothing is written (`GlobalProvisionerClaims`).
    static let standard = StepClaims(
        maximums: [.tls: .seconds(86_400), .userSSH: .seconds(86_400), .hostSSH: .seconds(2_592_000)],
        defaults: [.tls: .seconds(86_400), .userSSH: .seconds(57_600), .hostSSH: .seconds(2_592_000)], enablesSSH: false)

    func lifetime(_ kind: Kind) -> LifetimeDraft {
        LifetimeDraft(standard: defaults[kind], maximum: maximums[kind] ?? .seconds(3_600))
    }

    /// These claims with those of an object over them.
    func overridden(by source: SourceObject?, _ draft: inout PolicyDraft) throws(ImportError) -> StepClaims {
        guard var source else { return self }
        var claims = self
        for kind in [Kind.tls, .userSSH, .hostSSH] {
            let standard = try source.duration("default\(kind.rawValue)CertDuration")
            let maximum = try source.duration("max\(kind.rawValue)CertDuration")
            // step-ca lets a default that is written alone lift the maximum it inherits; ours is not lifted.
            if let maximum { claims.maximums[kind] = maximum }
            if let standard { claims.defaults[kind] = standard }
            if let least = try source.duration("min\(kind.rawValue)CertDuration"), least > .zero {
                draft.note(
                    .dropped, source.place("min\(kind.rawValue)CertDuration"), "a request may always ask for a shorter lifetime"
                )
            }
        }
        if source.mentions("enableSSHCA") { claims.enablesSSH = try source.flag("enableSSHCA") }
        for kind in [Kind.tls, .userSSH, .hostSSH]
        where claims.maximums[kind] == .zero || claims.defaults[kind] == .zero {
            throw .invalidValue(path: source.path, value: "0", expected: "a lifetime that step-ca accepts")
        }
        draft.noteRest(
            of: source,
            reasons: [
                "disableRenewal": "a certificate is not renewed but asked for anew, under the rules of the day",
                "allowRenewalAfterExpiry": "a certificate is not renewed but asked for anew, under the rules of the day",
                "disableSmallstepExtensions": "certificates have no such extension",
            ])
        return claims
    }
}
