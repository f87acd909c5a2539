// SPDX-License-Identifier: Apache-2.0

extension ApprovalRequirement: CustomStringConvertible {
    /// `2 of group `sre-leads` must approve, then 1 of user `cto@example.com``.
    package var description: String {
        if isAutomatic { return "by the rule itself, for at most \(PolicyDuration.text(grant))" + extensions }
        if let review { return "at once as break-glass, reviewed by \(review)" + extensions }
        return steps.map(\.description).joined(separator: ", then ") + " must approve" + (signature?.demand ?? "") + extensions
            + (recheck == .revoke ? ", revoked when an approval no longer counts" : "")
    }

    private var extensions: String {
        total > grant ? ", with extensions for at most \(PolicyDuration.text(total))" : ""
    }
}

extension ReviewRequirement: CustomStringConvertible {
    package var description: String { "\(by) within \(PolicyDuration.text(within))" }
}

extension ApprovalSignature {
    fileprivate var demand: String {
        switch self {
        case .key: ", each signing with an SSH key"
        case .touch: ", each signing with a security key"
        }
    }
}

extension ApprovalStep: CustomStringConvertible {
    package var description: String { "\(count) of \(by)" }
}

extension Approvers: CustomStringConvertible {
    package var description: String {
        func list(_ word: String, _ names: some Sequence<String>) -> String? {
            let quoted = names.sorted().map { "`\($0)`" }
            return quoted.isEmpty ? nil : word + (quoted.count == 1 ? " " : "s ") + quoted.joined(separator: ", ")
        }
        let people = list("user", users.union(userDomains.map { "*@\($0)" }))
        let parts = [list("group", groups), people].compactMap(\.self).joined(separator: Self.and)
        return mfa == true ? parts + Self.secondFactor : parts
    }
}
