// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// One thing that is wrong, or probably not meant, for programs.
struct Complaint: Encodable {
    var file: String?
    var line: Int?
    /// From 1, in Unicode scalars.
    var column: Int?
    let message: String
    /// What to do about it.
    var hint: String?
}

extension Complaint {
    init(at position: SourcePosition?, message: String) {
        self.init(file: position?.file, line: position?.line, column: position?.column, message: message)
    }
}
