// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

extension StepCAImport {
    /// People of an identity provider: a client certificate with their address, and their own account.
    mutating func addOIDC(_ provisioner: StepProvisioner, _ source: inout SourceObject) throws(ImportError) {
        let domains = try source.texts("domains")
        let groups = try source.texts("groups")
        let admins = try source.texts("admins")
        let endpoint = try source.text("configurationEndpoint") ?? ""
        let client = try source.text("clientID") ?? ""
        if try source.text("tenantID") != nil {
            draft.note(
                .needsDecision, source.place("tenantID"), "the issuer has the tenant in it", "write it into the configuration")
        }
        if !admins.isEmpty {
            draft.note(
                .dropped, source.place("admins"), "admins could name anything, whatever the domains, and revoke",
                "write a role with what they need; capability `certificates.revoke` reaches all certificates")
        }
        guard let who = who(provisioner, domains: domains, groups: groups, source) else { return }
        let stem = draft.roleNames.unique("step-\(provisioner.name)")
        let before = draft.rules.count
        addMail(provisioner, stem, who)
        addOwnAccount(provisioner, stem, who)
        guard draft.rules.count > before else { return }
        draft.note(
            .needsDecision, source.path, "the rules are for identity provider `\(who.provider ?? "")`",
            "configure it under this name, with endpoint `\(printable: endpoint)` and client `\(printable: client)`, and "
                + "check that its users are e-mail addresses")
    }

    /// nil: nobody can be told from others.
    private mutating func who(
        _ provisioner: StepProvisioner, domains: [String], groups: [String], _ source: SourceObject
    ) -> WhoDraft? {
        var who = WhoDraft(provider: draft.providerNames.unique(provisioner.name))
        who.users = domains.map { $0.lowercased() }.filter(SourceName.isDNSName).map { "*@\($0)" }.withoutRepeats
        who.groups = groups.filter(SourceName.isDirectoryName)
        for (key, all, kept) in [("domains", domains.count, who.users.count), ("groups", groups.count, who.groups.count)]
        where kept < all {
            draft.note(.dropped, source.place(key), "\(all - kept) of these the language does not have, or they repeat others")
        }
        guard domains.isEmpty || !who.users.isEmpty, groups.isEmpty || !who.groups.isEmpty else {
            draft.note(.dropped, source.path, "nobody is left whom the rules could mean")
            return nil
        }
        if domains.isEmpty, groups.isEmpty {
            draft.note(
                .needsDecision, source.path, "everybody with an account at the provider may have certificates",
                "name groups or domains in the rules")
        }
        return who
    }

    private mutating func addMail(_ provisioner: StepProvisioner, _ stem: String, _ who: WhoDraft) {
        guard !provisioner.hasX509Template else { return }
        guard x509Names.isEmpty else {
            draft.note(
                .needsDecision, provisioner.path,
                "the authority limits names, and the address of whoever asks cannot be compared with that: no TLS certificates",
                "write a role, and a rule for the users whose addresses are allowed")
            return
        }
        let role = draft.roleNames.unique("\(stem)-tls")
        draft.addRole(
            role, "client certificates of step-ca provisioner \(printable: provisioner.name)",
            .x509(X509Draft(usage: ["client"], emails: [Self.ownEmail])))
        draft.addRule(for: role, who: who, lifetime: provisioner.claims.lifetime(.tls))
        draft.note(
            .narrowed, provisioner.path,
            "client certificates: role `\(role)`, with the e-mail address; without common name, issuer URI and server usage")
    }

    private mutating func addOwnAccount(_ provisioner: StepProvisioner, _ stem: String, _ who: WhoDraft) {
        if let reason = reasonAgainstSSH(provisioner) {
            noteSSH(provisioner, reason)
            return
        }
        guard userNames.isEmpty else {
            noteSSH(provisioner, "the authority limits accounts, and one's own cannot be compared with that")
            return
        }
        guard let zone = draft.options.zone else {
            draft.note(
                .needsDecision, provisioner.path, "one's own account needs a zone: no SSH certificates", "import with a zone")
            return
        }
        let role = draft.roleNames.unique("\(stem)-users")
        let accounts = SSHDraft.Accounts.logins([Self.ownLogin], zone: draft.useZone(zone.name, hosts: zone.hosts))
        draft.addRole(
            role, "one's own account, as by step-ca provisioner \(printable: provisioner.name)",
            .ssh(SSHDraft(accounts: accounts, extensions: SSHDraft.allExtensions)))
        draft.addRule(for: role, who: who, lifetime: provisioner.claims.lifetime(.userSSH))
        draft.note(
            .needsDecision, provisioner.path, "SSH user certificates: role `\(role)`, for the login the provider gives",
            "check that logins are made from what stands before the `@` of the address, as step-ca does")
    }
}
