// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

extension StepCAImport {
    /// JWK, X5C and K8sSA: whoever makes the token chooses the names, within the policies of the authority.
    mutating func addTokens(_ provisioner: StepProvisioner) {
        let group = draft.roleNames.unique("step-\(provisioner.name)")
        let who = WhoDraft(groups: [group])
        let before = draft.rules.count
        addX509(provisioner, group, who)
        if provisioner.kind == .k8sSA {
            noteSSH(provisioner, "SSH certificates of service accounts hold what the request says")
        } else if let reason = reasonAgainstSSH(provisioner) {
            noteSSH(provisioner, reason)
        } else {
            addSSHUsers(provisioner, group, who)
            addSSHHosts(provisioner, group, who)
        }
        guard draft.rules.count > before else { return }
        draft.note(
            .needsDecision, provisioner.path, "whoever can make a token of the provisioner could have these certificates",
            "put people into group `\(group)`, or write groups of your provider into the rules")
    }

    func reasonAgainstSSH(_ provisioner: StepProvisioner) -> String? {
        if !hasSSH { return "step-ca has no SSH CA" }
        if !provisioner.claims.enablesSSH { return "`enableSSHCA` is off" }
        return provisioner.hasSSHTemplate ? "a template decides what is in SSH certificates" : nil
    }

    mutating func noteSSH(_ provisioner: StepProvisioner, _ reason: String) {
        draft.note(.dropped, provisioner.path, "no SSH certificates: \(reason)")
    }

    private mutating func addX509(_ provisioner: StepProvisioner, _ group: String, _ who: WhoDraft) {
        guard !provisioner.hasX509Template else { return }
        guard !x509Names.allow.isEmpty else {
            draft.note(
                .needsDecision, provisioner.path, "tokens may name anything in TLS certificates, which a role cannot say",
                "write a role with the names that are meant")
            return
        }
        var x509 = X509Draft(usage: ["client", "server"])
        x509.dns = x509Names.domains(&draft)
        x509.ips = x509Names.addresses(&draft).map(\.description).withoutRepeats
        x509.emails = x509Names.emails(&draft)
        x509Names.noteOthers([("uri", x509Names.allow.uri), ("cn", x509Names.allow.cn)], &draft)
        guard !x509.namesNobody else {
            draft.note(.dropped, x509Names.path, "no name is left, so there are no TLS certificates")
            return
        }
        if x509.dns.isEmpty, x509.ips.isEmpty { x509.usage = ["client"] }
        let role = draft.roleNames.unique("\(group)-tls")
        draft.addRole(role, "TLS certificates of step-ca provisioner \(printable: provisioner.name)", .x509(x509))
        draft.addRule(for: role, who: who, lifetime: provisioner.claims.lifetime(.tls))
        draft.note(.narrowed, provisioner.path, "TLS certificates: role `\(role)`, without a common name")
    }

    private mutating func addSSHUsers(_ provisioner: StepProvisioner, _ group: String, _ who: WhoDraft) {
        let names = userNames.principals(&draft)
        userNames.noteOthers([("dns", userNames.allow.dns), ("ip", userNames.allow.ip)], &draft)
        guard let accounts = draft.accounts(names, at: "\(userNames.path).allow") else {
            draft.note(
                .needsDecision, provisioner.path, "tokens may name any account in SSH certificates, or none is left",
                "write a role with the accounts that are meant")
            return
        }
        let role = draft.roleNames.unique("\(group)-users")
        draft.addRole(
            role, "SSH users of step-ca provisioner \(printable: provisioner.name)",
            .ssh(SSHDraft(accounts: accounts, extensions: SSHDraft.allExtensions)))
        draft.addRule(for: role, who: who, lifetime: provisioner.claims.lifetime(.userSSH))
        draft.note(.carried, provisioner.path, "SSH user certificates: role `\(role)`")
        if case .principals(let principals) = accounts, principals.count > 1 {
            draft.note(
                .needsDecision, "\(userNames.path).allow",
                "each certificate names all \(principals.count) accounts; step-ca put in those of the token",
                "split the role, or import with a zone: then a request can name one account")
        }
    }

    private mutating func addSSHHosts(_ provisioner: StepProvisioner, _ group: String, _ who: WhoDraft) {
        let hosts = hostNames.domains(&draft) + hostNames.addresses(&draft).map(\.description)
        hostNames.noteOthers([("principal", hostNames.allow.principal), ("email", hostNames.allow.email)], &draft)
        guard !hosts.isEmpty else {
            draft.note(
                .needsDecision, provisioner.path, "tokens may name any host in SSH certificates, or none is left",
                "write a zone with the hosts that are meant")
            return
        }
        let role = draft.roleNames.unique("\(group)-hosts")
        let zone = draft.useZone(draft.zoneNames.unique(role), hosts: hosts.withoutRepeats)
        draft.addRole(role, "SSH hosts of step-ca provisioner \(printable: provisioner.name)", .sshHost(zone: zone))
        draft.addRule(for: role, who: who, lifetime: provisioner.claims.lifetime(.hostSSH))
        draft.note(.narrowed, provisioner.path, "SSH host certificates: role `\(role)`, one host in each certificate")
    }
}
