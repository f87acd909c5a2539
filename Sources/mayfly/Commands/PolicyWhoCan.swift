// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyWhoCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-can",
        abstract: "List all ways into a right, with their conditions.",
        discussion: """
            Computed over the rules, not tried out: `ssh [LOGIN@]HOST`, \
            `ssh-host HOST`, `x509 NAME` or `capability NAME`.

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
        let question = try self.question
        let ways = try policies.set().ways(to: question)
        try output.print(Document(ways: ways)) { ways.isEmpty ? "nobody can\n" : ways.map { "\($0)\n" }.joined() }
    }

    private var question: RightQuestion {
        get throws {
            switch kind {
            case .ssh:
                let parts = target.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2 else { return .ssh(login: nil, host: try host(target)) }
                guard LoginName.isValid(parts[0]) else { throw ValidationError("`\(parts[0])` is not a Unix login") }
                return .ssh(login: parts[0], host: try host(parts[1]))
            case .sshHost: return .sshHost(try host(target))
            case .x509:
                guard !target.isEmpty else { throw ValidationError("the name is empty") }
                return .x509(target)
            case .capability:
                guard let capability = Capability(rawValue: target) else {
                    let known = Capability.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("`\(target)` is not a capability; known are \(known)")
                }
                return .capability(capability)
            }
        }
    }

    private func host(_ text: String) throws -> HostName {
        do { return try HostName(text) } catch { throw ValidationError("\(error)") }
    }

    private struct Document: Encodable {
        let ways: [Way]
    }
}
