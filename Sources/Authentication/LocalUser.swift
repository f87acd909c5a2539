// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates

/// A person of the local user file.
package struct LocalUser: Sendable, Equatable {
    /// What policies and the log call them: `ana` or `ana@example.com`.
    package let name: String
    /// Their login on servers, `{user.login}` in policies.
    package let login: String?
    package let groups: Set<String>
    package let keys: [SSHPublicKey]

    /// Whether a login of theirs can have a second factor.
    package var hasSecurityKey: Bool {
        keys.contains { [.securityKeyEd25519, .securityKeyECDSAP256].contains($0.type) }
    }

    /// Letters, digits and `.@_+-`, at most 64: what goes into key ids, log lines and certificate subjects.
    package static func isValidName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: ".@_+-".utf8.contains(byte)
                }
            }
    }
}
