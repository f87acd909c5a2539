// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import HTTPService
import Policies
import ServiceAPI
import StrictYAML

struct PolicyExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say how a request would be decided, and why.",
        discussion: """
            Every rule for the role is listed, with what matched and what did not. \
            What is not said of the person is unknown. Of a role that issues \
            several kinds, --name means X.509; else SSH user certificates come \
            first, then X.509.

            Exit status 2: it would be refused; 3: it would need approval.

            EXAMPLE:
              mayfly policy explain prod-web-debug --as ana@example.com \\
                --login ana --group sre
            """)

    @Argument(help: "The role.")
    var role: String

    @Option(name: .customLong("as"), help: ArgumentHelp("Who asks, as the provider writes it.", valueName: "user"))
    var user: String?

    @Option(help: "The one host it is for; by default all that the role reaches.", transform: { try HostName($0) })
    var host: HostName?

    @Option(
        name: .customLong("account"),
        help: ArgumentHelp("A login to ask for, where not for all of the role; may be repeated.", valueName: "login"))
    var accounts: [String] = []

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp("An X.509 name to ask for, where not for all of the role; may be repeated.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "As `mayfly request` would ask: by way of an approval.")
    var request = false

    @Flag(help: "As `mayfly request --break-glass` would ask: at once, reviewed afterwards.")
    var breakGlass = false

    @OptionGroup var issue: IssueOptions
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !request || !breakGlass else { throw ValidationError("either --request or --break-glass") }
    }

    func run() throws {
        let instant = try identity.instant
        let identity = try identity.identity(of: user, at: instant)
        let set = try policies.set()
        guard set.roleNames.contains(role) else {
            throw NoRole(name: role, nearest: NearestWord.to(role, among: set.roleNames), policies: policies.policies)
        }
        let explanation = set.explain(identity, try asked(of: set), at: instant)
        try output.print(Document(explanation: explanation)) { explanation.description }
        if case .needsApproval? = explanation.decision { throw ExitCode(3) }
        if explanation.isRefused { throw ExitCode(2) }
    }

    private func asked(of set: PolicySet) throws -> Policies.AuthorizationRequest {
        let options: [(detail: RequestDetail, option: String, isGiven: Bool)] = [
            (.host, "--host", host != nil), (.login, "--account", !accounts.isEmpty), (.names, "--name", !names.isEmpty),
        ]
        let given = options.filter(\.isGiven)
        let kind = set.kind(of: role, asking: given.map(\.detail))
        let issued = kind.map { "\($0.certificateName) of role `\(role)`" } ?? "role `\(role)`, which issues no certificates"
        for (detail, option, _) in given where kind?.details.contains(detail) != true {
            throw ValidationError("\(option) has no meaning for \(issued)")
        }
        let isPlain = issue.lifetime == nil && issue.reason == nil && issue.ticket == nil && !request && !breakGlass
        guard kind != nil || isPlain else {
            throw ValidationError("ask for the role alone: there is more to say only of certificates")
        }
        do {
            let what: Policies.AuthorizationRequest.Subject
            switch (kind, host) {
            case (.x509, _): what = .x509(names: names.isEmpty ? nil : try X509Names(sorting: names))
            case (.sshHost, let host?): what = .sshHost(host: host)
            case (.sshHost, nil):
                throw ValidationError("name the host with --host: role `\(role)` issues SSH host certificates")
            case (.ssh, _), (nil, _): what = .ssh(logins: accounts.isEmpty ? nil : accounts, host: host)
            }
            return try Policies.AuthorizationRequest(
                role: role, what: what, lifetime: issue.lifetime, reason: issue.reason, ticket: issue.ticket,
                route: breakGlass ? .breakGlass : request ? .request : .issue)
        } catch let error as RequestError {
            throw ValidationError("\(error)")
        }
    }

    private struct NoRole: ExplainedError {
        let name: String
        let nearest: String?
        let policies: String

        var description: String { "there is no role `\(printable: name)` in `\(policies)`" }
        var hint: String? { nearest.map { "did you mean `\($0)`?" } }
    }

    /// What a refusal of a server carries, and what of the answer is in its text alone.
    private struct Document: Encodable {
        let explanation: Explanation

        private enum CodingKeys: CodingKey {
            case rule, approval, lifetime, ends, gives, narrowed, remedy
        }

        func encode(to encoder: any Encoder) throws {
            try DecisionExplanation(explanation).encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(explanation.remedy, forKey: .remedy)
            guard let decision = explanation.decision, let facts = decision.facts else { return }
            switch decision {
            case .allow(let permit):
                try container.encode(permit.rule.id, forKey: .rule)
                try container.encode(permit.narrowed, forKey: .narrowed)
            case .needsApproval(let offer):
                try container.encode(offer.rule.id, forKey: .rule)
                try container.encode(offer.approval.description, forKey: .approval)
                try container.encode(offer.narrowed, forKey: .narrowed)
            case .deny: return
            }
            try container.encodeIfPresent(facts.lifetime.map { Int($0.components.seconds) }, forKey: .lifetime)
            try container.encodeIfPresent(facts.ends, forKey: .ends)
            try container.encode(facts, forKey: .gives)
        }
    }
}
