// SPDX-License-Identifier: Apache-2.0

/// The name of a log: the origin of its checkpoints and the name of its key, best a URL without scheme such as
/// `ca.example.com/log`. C2SP signed-note excludes spaces and `+`; we take ASCII only, so that a name looks like no other.
enum LogName {
    private static let maximumBytes = 255

    static func isValid(_ name: String) -> Bool {
        (1...maximumBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "+") }
    }
}
