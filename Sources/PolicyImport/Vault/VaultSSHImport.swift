// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictJSON
import StrictYAML

/// Reads roles of the SSH secrets engine as `internal/builtin/logical/ssh` of OpenBao applies them.
struct VaultSSHImport {
    var draft: PolicyDraft

    init(options: ImportOptions) { draft = PolicyDraft(options: options) }

    mutating func add(_ sourceName: String, _ source: SourceObject) throws(ImportError) {
        var role = source
        let keyType = try role.text("key_type") ?? "ca"
        guard keyType == "ca" else {
            draft.note(
                .dropped, role.place("key_type"), "`\(printable: keyType)` roles give passwords or keys, not certificates",
                "let people take certificates instead")
            return
        }
        let name = draft.roleNames.unique("vault-ssh-\(sourceName)")
        let forUsers = try role.flag("allow_user_certificates")
        let forHosts = try role.flag("allow_host_certificates")
        guard forUsers || forHosts else {
            draft.note(.dropped, role.path, "the role allows neither user nor host certificates")
            return
        }
        let keyTypes = try keyTypes(&role)
        let user = try userRole(&role, keyTypes)
        let zone = try hostZone(&role, name, keyTypes)
        guard user != nil || zone != nil else { return }
        let lifetime = try Vault.lifetime(&role, &draft)
        draft.noteRest(of: role, reasons: Self.reasons)

        let who = Vault.placeholder(name, role, &draft)
        if let user {
            draft.addRole(name, "Vault SSH role \(printable: sourceName)", .ssh(user))
            draft.addRule(for: name, who: who, lifetime: lifetime)
            draft.note(.carried, role.path, "user certificates of the role: role `\(name)`")
        }
        if let zone {
            let hostRole = draft.roleNames.unique("\(name)-hosts")
            draft.addRole(hostRole, "hosts of Vault SSH role \(printable: sourceName)", .sshHost(zone: zone))
            draft.addRule(for: hostRole, who: who, lifetime: lifetime)
            draft.note(.carried, role.path, "host certificates of the role: role `\(hostRole)`")
        }
    }

    // MARK: - User certificates

    private mutating func userRole(_ role: inout SourceObject, _ keyTypes: KeyTypes) throws(ImportError) -> SSHDraft? {
        let isWanted = try role.flag("allow_user_certificates")
        let names = try allowedUsers(&role)
        let extensions = try extensions(&role)
        let options = try criticalOptions(&role)
        guard isWanted else { return nil }
        guard let options else { return nil }
        var words: [String]?
        if case .only(let listed) = keyTypes {
            guard !listed.isEmpty else { return nil }
            words = listed
        }
        guard let accounts = draft.accounts(names, at: role.place("allowed_users")) else {
            draft.note(
                .needsDecision, role.place("allowed_users"), "no account is left, so there are no user certificates",
                "write a role with the accounts that are meant")
            return nil
        }
        if case .principals(let principals) = accounts, principals.count > 1 {
            draft.note(
                .needsDecision, role.place("allowed_users"),
                "each certificate names all \(principals.count) accounts; Vault put in what was asked for",
                "split the role, or import with a zone: then a request can name one account")
        }
        guard !options.verifyRequired || words == nil else {
            draft.note(
                .needsDecision, role.place("default_critical_options"),
                "`verify-required` needs keys on a token, and others are listed: no user certificates", "write the role by hand"
            )
            return nil
        }
        var ssh = SSHDraft(accounts: accounts, extensions: extensions, keyTypes: words)
        ssh.sourceAddresses = options.sourceAddresses
        ssh.forceCommand = options.forceCommand
        ssh.verifyRequired = options.verifyRequired
        return ssh
    }

    private mutating func allowedUsers(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let place = role.place("allowed_users")
        var users = try role.texts("allowed_users")
        let hasTemplates = try role.flag("allowed_users_template")
        let standard = try role.text("default_user")?.trimmed ?? ""
        let standardIsTemplate = try role.flag("default_user_template")
        // Only a star alone means anybody; in a list it is a name like others.
        if users == ["*"] {
            users = standard.isEmpty || standardIsTemplate ? [] : [standard]
            draft.note(
                .narrowed, place,
                "`*` allows any account; " + (users.isEmpty ? "none is left" : "only the default user is left"),
                "list the accounts that are meant")
        }
        if hasTemplates, users.contains(where: Vault.isTemplate) {
            draft.note(
                .needsDecision, place, "accounts made from the identity are left out",
                "use `logins: [\"{user.login}\"]` with a zone, and check what your provider takes the login from")
            users.removeAll(where: Vault.isTemplate)
        }
        if !standard.isEmpty, !users.contains(standard), !standardIsTemplate {
            draft.note(
                .dropped, role.place("default_user"), "the default user is not among the allowed ones; Vault refuses it too")
        }
        return users
    }

    private mutating func extensions(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let place = role.place("default_extensions")
        let allowed = try role.texts("allowed_extensions")
        _ = try role.flag("default_extensions_template")
        var words: [String] = []
        for (name, value) in try role.pairs("default_extensions") {
            guard let word = SSHDraft.word(forExtension: name), value.isEmpty else {
                draft.note(
                    .dropped, place, "`\(printable: name)` is not an extension OpenSSH acts on, or has a value it refuses")
                continue
            }
            words.append(word)
        }
        let others = allowed.filter { $0 == "*" || !words.contains(SSHDraft.word(forExtension: $0) ?? $0) }
        if !others.isEmpty {
            let list = others.map { "`\(printable: $0)`" }.joined(separator: ", ")
            draft.note(
                .narrowed, role.place("allowed_extensions"),
                "certificates carry the default extensions, and no other can be asked for: \(list)",
                "add what everybody should have to `extensions`")
        }
        return SSHDraft.allExtensions.filter(words.contains)
    }

    private struct CriticalOptions {
        var forceCommand: String?
        var sourceAddresses: [String] = []
        var verifyRequired = false
    }

    /// nil: there is one whose loss would give more.
    private mutating func criticalOptions(_ role: inout SourceObject) throws(ImportError) -> CriticalOptions? {
        let place = role.place("default_critical_options")
        let allowed = try role.texts("allowed_critical_options")
        var options = CriticalOptions()
        var isComplete = true
        for (name, value) in try role.pairs("default_critical_options") {
            switch name {
            case "force-command" where (1...4096).contains(value.utf8.count) && value.isPlainlyVisible:
                options.forceCommand = value
            case "source-address":
                let texts = value.split(separator: ",").map { String($0).trimmed }
                let networks = texts.compactMap(IPAddress.networkText)
                isComplete = isComplete && !networks.isEmpty && networks.count == texts.count
                options.sourceAddresses = networks.withoutRepeats
            case "verify-required": options.verifyRequired = true
            default: isComplete = false
            }
        }
        guard isComplete else {
            draft.note(
                .needsDecision, place,
                "without one of these options certificates would be worth more, so there are none for users",
                "write the role by hand")
            return nil
        }
        if options.forceCommand != nil || !options.sourceAddresses.isEmpty || options.verifyRequired {
            // Vault takes the options of a request instead of the defaults, and any option when no list is given.
            draft.note(.carried, place, "every certificate has these options; Vault let a request replace them")
        } else if !allowed.isEmpty {
            draft.note(.narrowed, role.place("allowed_critical_options"), "options cannot be asked for")
        }
        return options
    }

    // MARK: - Keys

    private enum KeyTypes {
        case any
        /// Maybe none.
        case only([String])
    }

    private mutating func keyTypes(_ role: inout SourceObject) throws(ImportError) -> KeyTypes {
        let key =
            role.mentions("allowed_user_key_types_lengths") ? "allowed_user_key_types_lengths" : "allowed_user_key_lengths"
        guard let lengths = role.take(key), !lengths.isUnset else { return .any }
        guard case .object(let members) = lengths else { throw role.wrong(key, "an object", lengths) }
        var words: Set<String> = []
        for member in members {
            let bits: [JSONNode] = if case .list(let list) = member.value { list } else { [member.value] }
            switch member.key {
            case "ed25519", "ssh-ed25519": words.insert("ed25519")
            case "ecdsa-sha2-nistp256": words.insert("ecdsa-p256")
            case "ecdsa-sha2-nistp384": words.insert("ecdsa-p384")
            case "ecdsa-sha2-nistp521": words.insert("ecdsa-p521")
            case "ec", "ecdsa":
                for (size, word) in [("256", "ecdsa-p256"), ("384", "ecdsa-p384"), ("521", "ecdsa-p521")]
                where bits.contains(.number(size)) {
                    words.insert(word)
                }
            default:
                // Vault takes exactly these sizes; `rsa` of the language is any from 3072 bits.
                draft.note(
                    .narrowed, role.place(key),
                    "`\(printable: member.key)` keys are left out: the language does not limit their size",
                    "add `rsa` to `key_types` if any size from 3072 bits will do")
            }
        }
        if words.isEmpty {
            draft.note(.dropped, role.place(key), "no type of key is left, so there are no user certificates")
        }
        return .only(words.sorted())
    }

    // MARK: - Host certificates

    private mutating func hostZone(
        _ role: inout SourceObject, _ name: String, _ keyTypes: KeyTypes
    ) throws(ImportError) -> String? {
        let place = role.place("allowed_domains")
        let domains = try role.texts("allowed_domains")
        let hasTemplates = try role.flag("allowed_domains_template")
        let bare = try role.flag("allow_bare_domains")
        let below = try role.flag("allow_subdomains")
        guard try role.flag("allow_host_certificates") else { return nil }
        guard case .any = keyTypes else {
            draft.note(
                .needsDecision, role.place("allowed_user_key_lengths"),
                "host roles of the language do not limit types of keys, so there are no host certificates",
                "write the role by hand if any key will do")
            return nil
        }
        var hosts: [String] = []
        for domain in domains {
            guard SourceName.isHost(domain), !(hasTemplates && Vault.isTemplate(domain)) else {
                draft.note(
                    domain == "*" ? .needsDecision : .dropped, place,
                    "`\(printable: domain)` is not one host or domain in lower case",
                    "add the hosts that are meant to a zone")
                continue
            }
            if bare { hosts.append(domain) }
            if below, SourceName.isDNSName(domain) { hosts.append("*.\(domain)") }
        }
        guard !hosts.isEmpty else {
            draft.note(.dropped, place, "no host is left, so there are no host certificates")
            return nil
        }
        if below {
            draft.note(.narrowed, role.place("allow_subdomains"), "`*` stands for one label; Vault allowed any number of them")
        }
        draft.note(.narrowed, place, "a host certificate names one host")
        return draft.useZone(draft.zoneNames.unique("\(name)-hosts"), hosts: hosts.withoutRepeats)
    }

    private static let reasons = [
        "allow_user_key_ids": "mayfly makes the key IDs itself",
        "key_id_format": "mayfly makes the key IDs itself",
        "allow_empty_principals": "a certificate without principals is never issued",
        "allow_commas_in_identity_templates": "accounts made from the identity are left out",
        "algorithm_signer": "the key of the CA decides how it signs",
        "not_before_duration": "mayfly sets the start itself",
        "issuer_ref": "the issuer is chosen by the service",
        "role_version": "a matter of Vault's storage",
        "port": "a matter of one-time passwords",
        "cidr_list": "a matter of one-time passwords",
        "exclude_cidr_list": "a matter of one-time passwords",
    ]
}
