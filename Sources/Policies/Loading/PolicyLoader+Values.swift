// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func duration(_ node: YAMLNode, _ what: String) -> Duration? {
        guard case .scalar(let text, _) = node.value else {
            problems.add(node.position, "\(what) must be a duration such as `30m`, not \(node.kindName)")
            return nil
        }
        return attempt(node.position) { () throws(PolicyDurationError) in try PolicyDuration.parse(text) }
    }
}
