// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HTTPService
import Policies
import ServiceAPI

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
        let what: Policies.AuthorizationRequest.Subject =
            switch (set.kinds(of: role).first, host) {
            case (.sshHost, let host?): .sshHost(host: host)
            case (.x509, _): .x509(names: name.isEmpty ? nil : try X509Names(sorting: name))
            default: .ssh(logins: nil, host: host)
            }
        let request = try Policies.AuthorizationRequest(
            role: role, what: what, lifetime: issue.lifetime, reason: issue.reason, ticket: issue.ticket,
            route: request ? .request : .issue)
        let explanation = set.explain(try identity.identity(at: instant), request, at: instant)
        try output.print(DecisionExplanation(explanation)) { explanation.description }
        if case .needsApproval? = explanation.decision { throw ExitCode(3) }
        if explanation.isRefused { throw ExitCode(2) }
    }
}
