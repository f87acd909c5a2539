// SPDX-License-Identifier: Apache-2.0

/// What a value of the identity must be, or must not be, so that a template makes some name of it.
struct NameTest: Hashable {
    let variable: TemplateVariable
    let values: Set<String>
    /// The value must be there, and be none of these.
    var isExcluding = false
    /// Whether users with a domain, whoever they are, may be made a name of.
    var takesDomains = true

    func accepts(_ value: String?) -> Bool { value.map { values.contains($0) != isExcluding } ?? false }

    var users: Set<String> { variable == .userName ? values : [] }
    var domains: Set<String> { variable == .userDomain ? values : [] }
    var logins: Set<String> { variable == .userLogin ? values : [] }

    var claim: ClaimRequirement? {
        guard case .claim(let name) = variable else { return nil }
        return ClaimRequirement(name: name, accepted: values.sorted().map { .value(.string($0)) })
    }
}
