// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

extension YAMLReading {
    /// For each claim a value, or a list of which one will do; texts with stars are patterns.
    package mutating func claimRequirements(_ node: YAMLNode, _ what: String) -> [ClaimRequirement] {
        (entries(node, what) ?? []).map { entry in
            let what = "claim `\(printable: entry.key)`"
            var nodes = [entry.value]
            if case .list = entry.value.value { nodes = list(entry.value, what) ?? [] }
            let accepted = nodes.compactMap { node -> ClaimRequirement.Accepted? in
                guard let value = claimValue(node, what) else { return nil }
                guard case .string(let text) = value, ClaimGlob.isGlob(text) else { return .value(value) }
                return attempt(node.position) { () throws(ClaimGlobError) in .glob(try ClaimGlob(text)) }
            }
            return ClaimRequirement(name: entry.key, accepted: accepted)
        }
    }

    mutating func claimValue(_ node: YAMLNode, _ what: String) -> ClaimValue? {
        switch node.value {
        case .scalar("true", isPlain: true): return .bool(true)
        case .scalar("false", isPlain: true): return .bool(false)
        case .scalar(let plain, isPlain: true) where YAMLNode.kind(ofPlain: plain) == .number:
            if let number = Int(plain), String(number) == plain { return .int(number) }
            problems.add(node.position, "\(what) must be text, a whole number, `true` or `false`")
            return nil
        default:
            return text(node, what).map { .string($0) }
        }
    }
}
