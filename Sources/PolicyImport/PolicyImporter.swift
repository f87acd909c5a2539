// SPDX-License-Identifier: Apache-2.0

/// Turns the configuration of other certificate authorities into policies.
///
/// The policies load, their tests pass, and they are never wider than the source: what the language cannot say is left out
/// or narrowed, and the report says so.
package enum PolicyImporter {
    /// More than any configuration needs that a person wrote.
    package static let maximumBytes = 4 << 20

    /// A `ca.json` of step-ca.
    package static func stepCA(_ bytes: [UInt8], options: ImportOptions = ImportOptions()) throws(ImportError) -> Imported {
        var step = StepCAImport(options: options)
        try step.read(SourceObject(JSONReader.read(bytes), path: ""))
        return try step.draft.finished(as: "step-ca.yaml", kind: "provisioners of step-ca")
    }

    /// SSH roles of Vault or OpenBao: the answer of `vault read -format=json ssh/roles/NAME`, or an object of such by name.
    /// - Parameter roleName: how the role is called, when there is one alone.
    package static func vaultSSH(
        _ bytes: [UInt8], roleName: String? = nil, options: ImportOptions = ImportOptions()
    ) throws(ImportError) -> Imported {
        var vault = VaultSSHImport(options: options)
        for (name, role) in try VaultRoles.read(bytes, roleName: roleName, marks: ["key_type", "allow_user_certificates"]) {
            try vault.add(name, role)
        }
        return try vault.draft.finished(as: "vault-ssh.yaml", kind: "SSH roles of Vault")
    }

    /// PKI roles of Vault or OpenBao, in the same forms.
    package static func vaultPKI(
        _ bytes: [UInt8], roleName: String? = nil, options: ImportOptions = ImportOptions()
    ) throws(ImportError) -> Imported {
        var vault = VaultPKIImport(options: options)
        for (name, role) in try VaultRoles.read(bytes, roleName: roleName, marks: ["allowed_domains", "key_type", "max_ttl"]) {
            try vault.add(name, role)
        }
        return try vault.draft.finished(as: "vault-pki.yaml", kind: "PKI roles of Vault")
    }

    /// The file `auth_id` of opkssh, and `providers` beside it, which holds the lifetimes.
    package static func opkssh(
        authID: [UInt8], providers: [UInt8]? = nil, options: ImportOptions = ImportOptions()
    ) throws(ImportError) -> Imported {
        var opkssh = OPKSSHImport(options: options)
        try opkssh.read(authID: authID, providers: providers)
        return try opkssh.draft.finished(as: "opkssh.yaml", kind: "identities of opkssh")
    }
}
