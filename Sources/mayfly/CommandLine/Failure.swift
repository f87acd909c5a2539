// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Glibc
import Issuance
import Keys
import Policies
import PolicyImport
import ServiceAPI
import Storage
import StrictYAML

/// An error with something to say to the person who typed the command.
protocol ExplainedError: Error, CustomStringConvertible {
    /// Lines that say more of it.
    var details: [String] { get }
    /// What to do about it.
    var hint: String? { get }
    var exitCode: Int32 { get }
}

extension ExplainedError {
    var details: [String] { [] }
    var exitCode: Int32 { 1 }
}

extension ClientError: ExplainedError {}

/// How a command ends that was not done. Exit status: 1 failed, 2 denied by policy, 3 waits for approval, 64 usage.
struct Failure {
    private let lines: [String]
    private let exitCode: Int32
    /// What the server said, for programs.
    private var document: Problem?

    init(_ error: any Error) {
        switch error {
        case let error as any ExplainedError:
            let what = error.description
            let label =
                switch error.exitCode {
                case 2: what.hasPrefix("denied") ? "" : "denied: "
                case 3: "approval needed: "
                default: "error: "
                }
            lines = [label + what] + error.details + (error.hint.map { ["hint: " + $0] } ?? [])
            if case .problem(let problem)? = error as? ClientError { document = problem }
            exitCode = error.exitCode
        case AuthorityError.clockWentBack:
            lines = [
                "error: \(error)", "hint: set the clock; if the event is what is wrong, see `mayfly ca accept-clock --help`",
            ]
            exitCode = 1
        case is YAMLErrors, is ImportError, is KeyError, is StorageError, is AuthorityError, is PolicyDurationError:
            lines = "\(error)".split(separator: "\n").map { "error: \($0)" }
            exitCode = 1
        case let code as ExitCode:
            lines = []
            exitCode = code.rawValue
        default:
            let code = Mayfly.exitCode(for: error)
            exitCode = code.rawValue
            if code == .success {
                Console.write(Self.help(Mayfly.fullMessage(for: error)) + "\n")
                lines = []
            } else if code == .validationFailure {
                let message = Mayfly.message(for: error)
                lines = [
                    "error: " + message.prefix(1).lowercased() + message.dropFirst(),
                    "hint: see `\(Self.commandPath(CommandLine.arguments.dropFirst())) --help`",
                ]
            } else {
                lines = ["error: \(error)"]
            }
        }
    }

    func exit() -> Never {
        for line in lines { Console.note(line) }
        // A program that asked for a document gets one, also when the answer is no.
        if let document, CommandLine.arguments.prefix(while: { $0 != "--" }).contains("--json") {
            try? Console.write(json: document)
        }
        Glibc.exit(exitCode)
    }

    /// Every help ends with its example: what comes last is what one sees.
    private static func help(_ text: String) -> String {
        var paragraphs = (text.hasSuffix("\n") ? text.dropLast() : text[...]).split(separator: "\n\n").map(String.init)
        if let index = paragraphs.firstIndex(where: { $0.hasPrefix("EXAMPLE:") }) {
            paragraphs.append(paragraphs.remove(at: index))
        }
        return paragraphs.joined(separator: "\n\n")
    }

    private static func commandPath(_ arguments: some Sequence<String>) -> String {
        var path = ["mayfly"]
        var command: any ParsableCommand.Type = Mayfly.self
        for word in arguments {
            let all = command.configuration.subcommands + command.configuration.groupedSubcommands.flatMap(\.subcommands)
            guard let next = all.first(where: { $0._commandName == word }) else { break }
            path.append(word)
            command = next
        }
        return path.joined(separator: " ")
    }
}
