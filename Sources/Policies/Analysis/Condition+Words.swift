// SPDX-License-Identifier: Apache-2.0

extension Who {
    /// Conditions of which all must hold.
    func words(_ groups: (String) -> [String]) -> [String] {
        if isEveryone { return ["everyone"] }
        var words: [String] = []
        let names = users.sorted() + userDomains.sorted().map { "*@\($0)" }
        if !names.isEmpty { words.append("user " + Self.list(names)) }
        if !self.groups.isEmpty {
            words.append(
                "in group "
                    + self.groups.sorted().map { group in
                        let members = groups(group)
                        return group.inBackticks + (members.isEmpty ? "" : " (\(members.joined(separator: ", ")))")
                    }.joined(separator: " or "))
        }
        if let provider { words.append("from provider `\(provider)`") }
        for claim in claims { words.append("claim \(claim.name.inBackticks) is " + Self.list(claim.accepted.map(\.text))) }
        if mfa == true { words.append("with a second factor") }
        if mfa == false { words.append("without a second factor") }
        if let authenticatedWithin { words.append("logged in within \(PolicyDuration.text(authenticatedWithin))") }
        return words
    }

    private static func list(_ names: [String]) -> String { names.map(\.inBackticks).joined(separator: " or ") }
}

extension Condition {
    var placeAndTime: [String] {
        var words: [String] = []
        if !windows.isEmpty { words.append("during " + windows.map { "`\($0.name)`" }.joined(separator: " or ")) }
        if !networks.isEmpty { words.append("from " + networks.map(\.description).joined(separator: " or ")) }
        return words
    }
}

extension ClaimRequirement.Accepted {
    fileprivate var text: String {
        switch self {
        case .glob(let glob): glob.text
        case .value(.string(let text)): text
        case .value(.bool(let flag)): "\(flag)"
        case .value(.int(let number)): "\(number)"
        case .value(let other): "\(other)"
        }
    }
}

extension TextRequirement {
    /// nil when it may be left out.
    func words(_ what: String) -> String? {
        guard isRequired else { return nil }
        return "with a \(what)" + (pattern.map { " like \($0.text.inBackticks)" } ?? "")
    }
}
