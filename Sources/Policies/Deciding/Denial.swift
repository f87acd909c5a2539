// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// Why not, which rules said so, and in which file that can be changed. Never empty.
package struct Denial: Hashable, Sendable {
    package let reasons: [DenialReason]

    /// The `deny` rules that apply.
    package var denyRules: [RuleReference] {
        reasons.compactMap { if case .deniedBy(let rule, _) = $0 { rule } else { nil } }
    }

    /// A role may have a thousand rules; what is kept of each refusal, or said in a line, names so many of them.
    package static let maximumSentences = 20

    /// The reasons in words, the first ones where there are very many.
    package var sentences: [String] {
        let others = reasons.count - Self.maximumSentences
        return reasons.prefix(Self.maximumSentences).map(\.description)
            + (others > 0 ? ["\(others) more rules do not apply"] : [])
    }
}

package enum DenialReason: Hashable, Sendable {
    /// `because`: what the rule assumed, for it was not known.
    case deniedBy(RuleReference, because: [Mismatch])
    case notAllowedBy(RuleReference, because: [Mismatch])
    case noRole(String, nearest: String?)
    /// The role is there but no rule gives it to anyone.
    case noRule(RoleReference)
    case noSuchCertificate(RoleReference, asked: RequestKind, issued: [RequestKind])
    /// The role is yours, but not with what is asked for.
    case outsideRole(RoleReference, SubjectProblem)
    /// The role is theirs, but not at once and to be looked at afterwards.
    case noBreakGlass(RoleReference)
    /// The one rule that was to decide gives it no longer.
    case noLongerBy(rule: String)
    /// No role that is yours has the capability.
    case noCapability(Capability)
    /// No role that is yours reaches the host.
    case noRoleReaching(HostName)
}

extension Denial: CustomStringConvertible {
    package var description: String { sentences.joined(separator: "; ") }
}

extension DenialReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .deniedBy(let rule, let because):
            "denied by \(rule)"
                + (because.isEmpty ? "" : ": " + Self.list(because) + ", which counts as a match in `deny`")
        case .notAllowedBy(let rule, let because):
            "not allowed by \(rule): " + Self.list(because)
        case .noRole(let name, let nearest):
            "there is no role `\(printable: name)` for you" + (nearest.map { "; did you mean `\($0)`?" } ?? "")
        case .noRule(let role):
            "no rule gives role `\(role.name)` (\(role.position.fileAndLine)) to anyone"
        case .noSuchCertificate(let role, let asked, let issued):
            "role `\(role.name)` (\(role.position.fileAndLine)) issues "
                + (issued.isEmpty ? "no certificates" : issued.map(\.certificateName).joined(separator: " and "))
                + ", not \(asked.certificateName)"
        case .outsideRole(let role, let problem):
            "role `\(role.name)` (\(role.position.fileAndLine)): \(problem)"
        case .noBreakGlass(let role):
            "no rule gives you role `\(role.name)` (\(role.position.fileAndLine)) as break-glass"
        case .noLongerBy(let rule):
            "rule `\(printable: rule)` no longer gives this"
        case .noCapability(let capability):
            "none of your roles has capability `\(capability.rawValue)`"
        case .noRoleReaching(let host):
            "none of your roles reaches host `\(host)`"
        }
    }

    private static func list(_ mismatches: [Mismatch]) -> String {
        mismatches.map(\.description).joined(separator: ", and ")
    }
}

/// Why a role that may be taken does not give what is asked for.
package enum SubjectProblem: Error, Hashable, Sendable {
    case template(TemplateProblem)
    case loginOutside(String, logins: [String])
    case hostOutside(HostName, zones: [String])
    case addressUnknown
    case nameOutside(String, kind: String)
    case onlyPatterns
    case keyTypeOutside(KeyType, allowed: Set<KeyType>)
}

extension SubjectProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .template(let problem): problem.description
        case .loginOutside(let login, let logins):
            "login `\(login)` is not among its logins"
                + (logins.isEmpty ? ", for it has plain principals only" : " (\(Self.quoted(logins)))")
        case .hostOutside(let host, let zones):
            "host `\(host)` is in none of its zones"
                + (zones.isEmpty ? ", for it has plain principals only" : " (\(Self.quoted(zones)))")
        case .addressUnknown: "it binds certificates to the address of the requester, which is unknown"
        case .nameOutside(let name, let kind): "\(kind) `\(name)` is not among its names"
        case .keyTypeOutside(let type, let allowed):
            "keys of type `\(type.rawValue)` are not among its key types (\(Self.quoted(allowed.map(\.rawValue).sorted())))"
        case .onlyPatterns: "it has only patterns; ask for the names you need"
        }
    }

    private static func quoted(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
}
