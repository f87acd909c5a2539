// SPDX-License-Identifier: Apache-2.0

/// A role to be written. Everything in it was checked for the place it goes to.
struct RoleDraft {
    enum Content {
        case ssh(SSHDraft)
        /// The zone of the hosts that certificates may name.
        case sshHost(zone: String)
        case x509(X509Draft)
    }

    let name: String
    let description: String
    let content: Content
}

/// Either logins with a zone or plain principals.
struct SSHDraft {
    enum Accounts {
        case principals([String])
        case logins([String], zone: String)
    }

    var accounts: Accounts
    /// As the policy language names them.
    var extensions: [String] = []
    var sourceAddresses: [String] = []
    var forceCommand: String?
    var verifyRequired = false
    /// nil: any.
    var keyTypes: [String]?

    /// All that OpenSSH knows, in the order of the policy language.
    static let allExtensions = ["pty", "agent-forwarding", "port-forwarding", "x11-forwarding", "user-rc"]

    /// The word of the policy language for a name on the wire.
    static func word(forExtension wireName: String) -> String? {
        let words = ["permit-X11-forwarding": "x11-forwarding"]
        if let word = words[wireName] { return word }
        guard wireName.hasPrefix("permit-") else { return nil }
        let word = String(wireName.dropFirst("permit-".count))
        return allExtensions.contains(word) && word != "x11-forwarding" ? word : nil
    }
}

struct X509Draft {
    var usage: [String]
    var organizations: [String] = []
    /// Names and patterns.
    var dns: [String] = []
    var ips: [String] = []
    /// Addresses, or a template alone.
    var emails: [String] = []
    var uris: [String] = []
    /// nil: any.
    var keyTypes: [String]?

    var namesNobody: Bool { dns.isEmpty && ips.isEmpty && emails.isEmpty && uris.isEmpty }
    var exactDNS: [String] { dns.filter { !$0.contains("*") } }
    /// Whether a request without names gets any.
    var hasExactName: Bool { !exactDNS.isEmpty || !ips.isEmpty || !emails.isEmpty || !uris.isEmpty }
}

struct ZoneDraft {
    let name: String
    let hosts: [String]
}
