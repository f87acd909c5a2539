// SPDX-License-Identifier: Apache-2.0

/// What an SSH user certificate would say if it were issued now.
package struct SSHCertificatePreview: Codable, Sendable {
    package var role: String
    package var rule: String
    /// Seconds.
    package var lifetime: Int
    package var principals: [String]
    /// As on the wire: `permit-pty`.
    package var extensions: [String]
    package var forceCommand: String?
    /// Networks; empty means anywhere.
    package var sourceAddresses: [String]
    /// What would be narrower than asked, and why.
    package var narrowed: [String]

    package init(
        role: String, rule: String, lifetime: Int, principals: [String], extensions: [String], forceCommand: String?,
        sourceAddresses: [String], narrowed: [String]
    ) {
        self.role = role
        self.rule = rule
        self.lifetime = lifetime
        self.principals = principals
        self.extensions = extensions
        self.forceCommand = forceCommand
        self.sourceAddresses = sourceAddresses
        self.narrowed = narrowed
    }

    enum CodingKeys: String, CodingKey {
        case role, rule, lifetime, principals, extensions, narrowed
        case forceCommand = "force_command"
        case sourceAddresses = "source_addresses"
    }
}
