// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

/// Reads the `ca.json` of step-ca: provisioners, their claims, and the name policies of the authority.
struct StepCAImport {
    /// The account of whoever asks.
    static let ownLogin = "{user.login}"
    /// The address of whoever asks, where the provider writes users so.
    static let ownEmail = "{user.name}"

    var draft: PolicyDraft
    var hasSSH = false
    var x509Names = StepNamePolicy(path: "authority.policy.x509")
    var userNames = StepNamePolicy(path: "authority.policy.ssh.user")
    var hostNames = StepNamePolicy(path: "authority.policy.ssh.host")

    init(options: ImportOptions) { draft = PolicyDraft(options: options) }

    mutating func read(_ source: SourceObject) throws(ImportError) {
        var root = source
        hasSSH = root.has("ssh")
        _ = root.take("ssh")
        guard var authority = try root.object("authority") else { throw .missing(path: "authority") }
        if !root.rest.isEmpty {
            let keys = root.rest.map { "`\(printable: $0)`" }.joined(separator: ", ")
            draft.note(
                .dropped, "the top level", "\(keys): how the service runs, not who may have what", "see `ca/mayfly.yaml`")
        }
        let claims = try StepClaims.standard.overridden(by: authority.object("claims"), &draft)
        if let policy = try authority.object("policy") { try readPolicy(policy) }
        let provisioners = try authority.objects("provisioners")
        if try authority.flag("enableAdmin") {
            draft.note(
                .needsDecision, authority.place("enableAdmin"),
                "the provisioners and policies that count are in the database of step-ca, and those in this file may be old",
                "compare with `step ca provisioner list` and `step ca policy authority view`")
        }
        draft.noteRest(
            of: authority,
            reasons: [
                "template": "the subject has no such attributes", "authorityId": "a name of the installation",
                "deploymentType": "a name of the installation",
                "disableIssuedAtCheck": "tokens are checked by mayfly's own rules",
                "backdate": "mayfly sets the start itself", "disableGetSSHHosts": "there is no such list",
            ])
        for provisioner in provisioners { try add(provisioner, inherited: claims) }
    }

    private mutating func readPolicy(_ source: SourceObject) throws(ImportError) {
        var policy = source
        if let names = try policy.object("x509") { x509Names = try StepNamePolicy(names, &draft) }
        if var ssh = try policy.object("ssh") {
            if let names = try ssh.object("user") { userNames = try StepNamePolicy(names, &draft) }
            if let names = try ssh.object("host") { hostNames = try StepNamePolicy(names, &draft) }
            draft.noteRest(of: ssh, reasons: [:])
        }
        draft.noteRest(of: policy, reasons: [:])
    }

    private mutating func add(_ source: SourceObject, inherited: StepClaims) throws(ImportError) {
        var provisioner = source
        guard let type = try provisioner.text("type") else { throw .missing(path: provisioner.place("type")) }
        let name = try provisioner.text("name") ?? ""
        guard let kind = StepProvisionerKind(rawValue: type.lowercased()) else {
            draft.note(
                .dropped, provisioner.path,
                StepProvisionerKind.reasons[type.lowercased()] ?? "unknown type `\(printable: type)`",
                StepProvisionerKind.advice[type.lowercased()])
            return
        }
        let claims = try inherited.overridden(by: provisioner.object("claims"), &draft)
        let custom = try customization(&provisioner)
        if custom.hasWebhooks {
            draft.note(
                .needsDecision, provisioner.place("options.webhooks"),
                "a webhook may refuse what the rules would give, so the provisioner is not imported",
                "put what it checks into rules")
            return
        }
        let member = StepProvisioner(
            path: provisioner.path, name: name, kind: kind, claims: claims, hasX509Template: custom.hasX509Template,
            hasSSHTemplate: custom.hasSSHTemplate)
        if kind == .oidc {
            try addOIDC(member, &provisioner)
        } else {
            addTokens(member)
        }
        draft.noteRest(of: provisioner, reasons: StepProvisionerKind.settings)
    }

    private struct Customization {
        var hasX509Template = false
        var hasSSHTemplate = false
        var hasWebhooks = false
    }

    /// Templates are reported, not guessed: they may say anything of a certificate.
    private mutating func customization(_ provisioner: inout SourceObject) throws(ImportError) -> Customization {
        guard var options = try provisioner.object("options") else { return Customization() }
        var found = Customization(hasWebhooks: options.has("webhooks"))
        _ = options.take("webhooks")
        for key in ["x509", "ssh"] {
            guard var kind = try options.object(key) else { continue }
            let hasTemplate = kind.has("template") || kind.has("templateFile")
            for key in ["template", "templateFile", "templateData"] { _ = kind.take(key) }
            if hasTemplate {
                draft.note(
                    .needsDecision, kind.path, "the template decides what is in the certificates, so they are not imported",
                    "read it and write the role by hand")
            }
            if key == "x509" { found.hasX509Template = hasTemplate } else { found.hasSSHTemplate = hasTemplate }
            let ignored = "step-ca itself passes over name policies of provisioners in a file"
            draft.noteRest(of: kind, reasons: ["allow": ignored, "deny": ignored, "allowWildcardNames": ignored])
        }
        draft.noteRest(of: options, reasons: ["wire": "a matter of one product"])
        return found
    }
}
