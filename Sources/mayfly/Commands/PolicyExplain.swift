// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say how a request would be decided, and why.",
        discussion: """
            Every rule for the role is listed, with what matched and what did not. Exit status 2: it would be refused; 3: it would
            need approval.

            EXAMPLE:
              mayfly policy explain prod-web-debug --as ana@example.com \\
                --login ana --groups sre
            """)

    @Argument(help: "The role.")
    var role: String

    @Option(help: "For this host.")
    var host: String?

    @Option(help: ArgumentHelp("An X.509 name; may be repeated.", valueName: "name"))
    var name: [String] = []

    @Flag(help: "As `mayfly request` would ask: by way of an approval.")
    var request = false

    @OptionGroup var issue: IssueOptions
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let set = try policies.set()
        let instant = try identity.instant
        let host = try host.map { try HostName($0) }
        let what: AuthorizationRequest.Subject =
            switch (set.kinds(of: role).first, host) {
            case (.sshHost, let host?): .sshHost(host: host)
            case (.x509, _): .x509(names: name.isEmpty ? nil : try X509Names(sorting: name))
            default: .ssh(logins: nil, host: host)
            }
        let request = try AuthorizationRequest(
            role: role, what: what, lifetime: issue.lifetime, reason: issue.reason, ticket: issue.ticket,
            route: request ? .request : .issue)
        let explanation = set.explain(try identity.identity(at: instant), request, at: instant)
        try output.print(Report(explanation)) { explanation.description }
        switch explanation.decision {
        case .allow: break
        case .needsApproval: throw ExitCode(3)
        case .deny: throw ExitCode(2)
        case nil: if !explanation.isTaken { throw ExitCode(2) }
        }
    }

    private struct Report: Encodable {
        let decision: String
        let steps: [Step]
        let text: String

        struct Step: Encodable {
            let rule: String
            let place: String
            let effect: String
            let applies: Bool
            let because: [String]
        }

        init(_ explanation: Explanation) {
            decision =
                switch explanation.decision {
                case .allow: "allow"
                case .needsApproval: "approval-needed"
                case .deny: "deny"
                case nil: explanation.isTaken ? "allow" : "deny"
                }
            steps = explanation.steps.map {
                Step(
                    rule: $0.rule.id, place: $0.place, effect: $0.effect.rawValue, applies: $0.applies,
                    because: $0.because.map(\.description))
            }
            text = explanation.description
        }
    }
}
