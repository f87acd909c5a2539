// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

/// Reads `auth_id` of opkssh: lines of principal, identity and issuer. Each principal becomes a role; people with the same
/// principals share a rule.
struct OPKSSHImport {
    var draft: PolicyDraft
    private var providers = OPKSSHProviders()
    private var nameByIssuer: [String: String] = [:]
    private var issuerByName: [String: String] = [:]
    private var roleByPrincipal: [String: String] = [:]
    /// The roles of an identity, in the order in which identities appear.
    private var identities: [WhoDraft] = []
    private var rolesByIdentity: [WhoDraft: [String]] = [:]

    init(options: ImportOptions) { draft = PolicyDraft(options: options) }

    mutating func read(authID: [UInt8], providers bytes: [UInt8]?) throws(ImportError) {
        if let bytes { providers = try OPKSSHProviders(bytes, &draft) }
        for row in try OPKSSHTable.rows(authID) { add(row) }
        addRules()
        guard !draft.rules.isEmpty else { return }
        noteWhatIsElsewhere()
    }

    private mutating func add(_ row: OPKSSHTable.Row) {
        let place = "line \(row.line)"
        guard let words = row.words, words.count == 3 else {
            draft.note(.dropped, place, "not a principal, an identity and an issuer; opkssh passes over the line")
            return
        }
        let (principal, text, issuer) = (words[0], words[1], words[2])
        guard issuer.hasPrefix("https://"), SourceName.isDirectoryName(issuer) else {
            draft.note(.dropped, place, "`\(printable: issuer)` is not an issuer that a token can have")
            return
        }
        guard providers.provider(issuer) != nil else {
            draft.note(.dropped, place, "opkssh takes no tokens of `\(printable: issuer)`: it is not in the file of providers")
            return
        }
        let identity: WhoDraft
        switch OPKSSHIdentity(text, provider: name(of: issuer)) {
        case .who(let who): identity = who
        case .unusable(let reason):
            draft.note(.dropped, place, "`\(printable: text)`: \(reason)", "write a rule by hand if somebody needs it")
            return
        }
        guard let role = role(for: principal, at: place) else { return }
        draft.note(.carried, place, "`\(printable: text)` may be `\(principal)`: role `\(role)`")
        if rolesByIdentity[identity] == nil { identities.append(identity) }
        if rolesByIdentity[identity]?.contains(role) != true { rolesByIdentity[identity, default: []].append(role) }
    }

    private mutating func name(of issuer: String) -> String {
        if let name = nameByIssuer[issuer] { return name }
        let name = draft.providerNames.unique(OPKSSHProviders.name(issuer))
        nameByIssuer[issuer] = name
        issuerByName[name] = issuer
        return name
    }

    private mutating func role(for principal: String, at place: String) -> String? {
        if let role = roleByPrincipal[principal] { return role }
        guard let accounts = draft.accounts([principal], at: place) else { return nil }
        let role = draft.roleNames.unique("opkssh-\(principal)")
        roleByPrincipal[principal] = role
        // opkssh writes all of them into every certificate.
        draft.addRole(
            role, "the account \(principal), as by opkssh",
            .ssh(SSHDraft(accounts: accounts, extensions: SSHDraft.allExtensions)))
        return role
    }

    /// One rule for all users of a provider that have the same roles, one for all groups, and one for each claim.
    private mutating func addRules() {
        struct Key: Hashable {
            let provider: String?
            let kind: String
            let roles: [String]
        }
        var order: [Key] = []
        var merged: [Key: WhoDraft] = [:]
        for identity in identities {
            let kind = identity.claim.map { "claim \($0.name)" } ?? (identity.groups.isEmpty ? "users" : "groups")
            let key = Key(provider: identity.provider, kind: kind, roles: (rolesByIdentity[identity] ?? []).sorted())
            guard var who = merged[key] else {
                order.append(key)
                merged[key] = identity
                continue
            }
            merged[key] = nil  // so that the lists are not copied while they grow
            who.users += identity.users
            who.groups += identity.groups
            if let claim = who.claim, let other = identity.claim {
                who.claim = WhoDraft.Claim(name: claim.name, values: claim.values + other.values)
            }
            merged[key] = who
        }
        for key in order {
            guard let who = merged[key], let provider = key.provider else { continue }
            let id = draft.ruleIDs.unique("opkssh-\(provider)")
            draft.rules.append(RuleDraft(id: id, who: who, roles: key.roles, lifetime: lifetime(provider)))
        }
    }

    private func lifetime(_ provider: String) -> LifetimeDraft {
        let said = issuerByName[provider].flatMap { providers.provider($0)?.maximum }
        return LifetimeDraft(standard: nil, maximum: said ?? draft.options.unsaidLifetime)
    }

    private mutating func noteWhatIsElsewhere() {
        for (issuer, name) in nameByIssuer.sorted(by: { $0.value < $1.value }) {
            let client = providers.provider(issuer)?.clientID.map { " and client `\(printable: $0)`" } ?? ""
            draft.note(
                .needsDecision, "auth_id", "the rules are for identity provider `\(name)`",
                "configure it under this name, with issuer `\(printable: issuer)`\(client), and check that its users are e-mail "
                    + "addresses")
        }
        if providers.isUnknown {
            draft.note(
                .needsDecision, "auth_id",
                "how long keys live is in the file of providers; the rules give \(PolicyDuration.text(draft.options.unsaidLifetime))",
                "import with that file, or set `lifetime`")
        }
        if draft.options.zone == nil {
            draft.note(
                .needsDecision, "auth_id", "the file is for one server; a principal is good on every server that trusts the CA",
                "import with a zone of the servers that had this file")
        }
        draft.note(
            .needsDecision, "auth_id", "every certificate has all five extensions, as opkssh writes them",
            "shorten `extensions`")
        draft.note(
            .needsDecision, "auth_id",
            "`deny_emails` and `deny_users` of `config.yml`, and policy plugins, are not in the source",
            "write `deny` rules for them before anybody gets a certificate")
    }
}
