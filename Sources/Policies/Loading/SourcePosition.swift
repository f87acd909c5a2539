// SPDX-License-Identifier: Apache-2.0

/// A place in a policy file. Lines and columns start at 1; columns count Unicode scalars.
package struct SourcePosition: Hashable, Sendable {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// What a person needs to open the right place: `policies/web.yaml:14`.
    package var fileAndLine: String { "\(file):\(line)" }

    func precedes(_ other: SourcePosition) -> Bool {
        if file != other.file { return file.precedesInUTF8(other.file) }
        return (line, column) < (other.line, other.column)
    }
}

extension SourcePosition: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}
