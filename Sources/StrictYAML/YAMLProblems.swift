// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a file: `policies/web.yaml:3:5: unknown key …`.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Missing when the set as a whole is wrong.
    package let position: SourcePosition?
    package let problem: String

    package var description: String {
        position.map { "\($0): \(problem)" } ?? problem
    }
}

/// Everything that is wrong with a set of files, in the order of file, line and column. Never empty.
package struct YAMLErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package let errors: [YAMLError]

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Collects what is wrong, so that one load tells it all.
package struct YAMLProblems {
    /// Enough for a person to work on; a hostile file cannot make us hold more.
    package static let maximum = 100

    package private(set) var errors: [YAMLError] = []

    package init() {}

    package var isEmpty: Bool { errors.isEmpty }

    package mutating func add(_ position: SourcePosition?, _ problem: String) {
        guard errors.count < Self.maximum else { return }
        errors.append(YAMLError(position: position, problem: problem))
    }

    package var sorted: YAMLErrors {
        YAMLErrors(
            errors: errors.sorted { left, right in
                guard let first = left.position, let second = right.position else {
                    return left.position == nil && right.position != nil
                }
                return first == second ? left.problem < right.problem : first.precedes(second)
            })
    }
}
