// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Glibc
import Issuance
import Keys
import Policies
import ServiceAPI
import Storage
import StrictYAML

/// An error with something to say to the person who typed the command.
protocol ExplainedError: Error, CustomStringConvertible {
    /// Lines that say more of it.
    var details: [String] { get }
    /// What to do about it.
    var hint: String? { get }
    /// What it is about, where that is one file.
    var file: String? { get }
    var exitCode: Int32 { get }
}

extension ExplainedError {
    var details: [String] { [] }
    var file: String? { nil }
    var exitCode: Int32 { 1 }
}

extension ClientError: ExplainedError {}

/// A failure of a command whose status 1 is an answer, so that a failure needs another.
struct Unanswered: Error {
    /// EX_DATAERR (sysexits.h), as 64 is EX_USAGE.
    static let exitCode: Int32 = 65

    let cause: any Error
}

/// How a command ends that was not done. Exit status: 1 failed, 2 denied by policy, 3 waits for approval, 64 usage, and 65 failed
/// where 1 is an answer.
struct Failure {
    private let lines: [String]
    private let exitCode: Int32
    /// For programs, what the server said, or else what is wrong here. Neither where the command has printed its document.
    private var problem: Problem?
    private var complaints: [Complaint] = []

    private struct Document: Encodable {
        let errors: [Complaint]
    }

    init(_ error: any Error) {
        switch error {
        case let error as Unanswered:
            let failure = Failure(error.cause)
            (lines, problem, complaints) = (failure.lines, failure.problem, failure.complaints)
            exitCode = failure.exitCode == 1 ? Unanswered.exitCode : failure.exitCode
        case let error as any ExplainedError:
            let what = error.description
            let label =
                switch error.exitCode {
                case 2: what.hasPrefix("denied") ? "" : "denied: "
                case 3: "approval needed: "
                default: "error: "
                }
            lines = [label + what] + error.details + (error.hint.map { ["hint: " + $0] } ?? [])
            if case .problem(let said)? = error as? ClientError { problem = said }
            let message = ([what] + error.details).joined(separator: "\n")
            complaints = [Complaint(file: error.file, message: message, hint: error.hint)]
            exitCode = error.exitCode
        case AuthorityError.clockWentBack:
            lines = [
                "error: \(error)", "hint: set the clock; if the event is what is wrong, see `mayfly ca accept-clock --help`",
            ]
            complaints = [Complaint(message: "\(error)")]
            exitCode = 1
        case let error as YAMLErrors:
            lines = error.errors.map { "error: \($0)" }
            complaints = error.errors.map { Complaint(at: $0.position, message: $0.problem) }
            exitCode = 1
        case is KeyError, is StorageError, is AuthorityError, is PolicyDurationError:
            lines = "\(error)".split(separator: "\n").map { "error: \($0)" }
            complaints = [Complaint(message: "\(error)")]
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
                let text = Mayfly.message(for: error)
                let message = text.prefix(1).lowercased() + text.dropFirst()
                let hint = "see `\(Self.commandPath(CommandLine.arguments.dropFirst())) --help`"
                lines = ["error: " + message, "hint: " + hint]
                complaints = [Complaint(message: message, hint: hint)]
            } else {
                lines = ["error: \(error)"]
                complaints = [Complaint(message: "\(error)")]
            }
        }
    }

    func exit() -> Never {
        for line in lines { Console.note(line) }
        // A program that asked for a document gets one, also when the answer is no.
        if CommandLine.arguments.prefix(while: { $0 != "--" }).contains("--json") {
            if let problem {
                try? Console.write(json: problem)
            } else if !complaints.isEmpty {
                try? Console.write(json: Document(errors: complaints))
            }
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
