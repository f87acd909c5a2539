// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyWhoCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-can",
        abstract: "List all ways into a right, with their conditions.",
        discussion: """
            Computed over the rules, not tried out: `ssh [LOGIN@]HOST`, `ssh-host HOST`, `x509 NAME` or `capability NAME`.

            EXAMPLE:
              mayfly policy who-can ssh deploy@web1.example.com
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case ssh
        case sshHost = "ssh-host"
        case x509, capability
    }

    @Argument(help: "ssh, ssh-host, x509 or capability.")
    var kind: Kind

    @Argument(help: ArgumentHelp("Of what.", valueName: "name"))
    var target: String

    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let ways = try policies.set().ways(to: try question)
        try output.print(ways) { ways.isEmpty ? "nobody can\n" : ways.map { "\($0)\n" }.joined() }
    }

    private var question: RightQuestion {
        get throws {
            switch kind {
            case .ssh:
                let parts = target.split(separator: "@", maxSplits: 1).map(String.init)
                guard let host = parts.last else { throw ValidationError("`\(target)` is not of the form [LOGIN@]HOST") }
                return .ssh(login: parts.count == 2 ? parts[0] : nil, host: try HostName(host))
            case .sshHost: return .sshHost(try HostName(target))
            case .x509: return .x509(target)
            case .capability:
                guard let capability = Capability(rawValue: target) else {
                    let known = Capability.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("`\(target)` is not a capability; known are \(known)")
                }
                return .capability(capability)
            }
        }
    }
}
