// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import ServiceAPI

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noHome: "there is no home directory to keep the session in"
        case .homeUnwritable(let path): "`\(path)` cannot be written, and a session has to be kept there"
        case .homeOpenToOthers(let path): "`\(path)` can be written by others"
        case .openToOthers(let path): "`\(path)` can be read by others"
        case .unreadable(let path): "`\(path)` cannot be read"
        case .unwritable(let path): "`\(path)` cannot be written"
        case .tooLarge(let path, let limit): "`\(path)` is larger than \(limit) bytes"
        case .damaged(let path): "`\(path)` is damaged"
        case .wouldReplace(let path): "`\(path)` is there already, and was not made by mayfly"
        case .noServer: "you are not logged in to any server"
        case .unknownServer(let server): "you have never logged in to `\(server)`"
        case .notLoggedIn(let server): "you are not logged in to `\(server)`"
        case .sessionExpired(let server, let end): "your session with `\(server)` ended at \(end.formatted(.iso8601))"
        case .invalidAddress(let text): "`\(TerminalText.text(text))` is not the address of a server"
        case .invalidFingerprint(let text): "`\(TerminalText.text(text))` is not a fingerprint"
        case .fingerprintNeeded(let found): "the server is not known yet; its service CA is `\(found)`"
        case .fingerprintRefused: "not logged in: the fingerprint was not confirmed"
        case .noServiceCA(let server): "`\(server)` does not present a service CA; is it a mayfly server?"
        case .otherServiceCA(let server, let expected, let found):
            "`\(server)` presents the service CA \(Self.list(found)), not `\(expected)`"
        case .untrustedServer(let server): "`\(server)` cannot prove that it is the server you logged in to"
        case .tlsFailed(let server, let reason): "no secure connection to `\(server)`: \(reason)"
        case .unreachable(let server, let reason): "`\(server)` does not answer: \(reason)"
        case .problem(let problem):
            TerminalText.text(
                // Of a refusal the detail has every rule again, in one line; of what needs approval it says which grants do not do.
                problem.kind == .approvalNeeded ? problem.detail : problem.explanation?.summary ?? problem.detail,
                limit: Self.longestDetail)
        case .unexpectedReply(let what): "the server's reply cannot be used: \(what)"
        case .loginRefused(let code): "the identity provider refused the login: `\(TerminalText.text(code))`"
        case .loginTimedOut: "nobody completed the login in time"
        case .portTaken(let port): "port \(port) of 127.0.0.1, to which the browser comes back, is in use"
        case .userNeeded: "who are you? the server knows people by their name"
        case .noSigningKey: "there is no SSH key to log in with: none in ssh-agent, none in `~/.ssh`"
        case .noKeyAccepted(let tried, let problem):
            TerminalText.text(problem.detail, limit: Self.longestDetail) + "; tried \(Self.list(tried))"
        case .agentUnavailable(let path):
            path.map { "ssh-agent at `\($0)` does not answer" } ?? "no ssh-agent is running: `SSH_AUTH_SOCK` is not set"
        case .agent(let reason): reason
        case .keyFile(let path, let reason): "`\(path)`: \(reason)"
        case .certificateOfOtherKey: "the server's reply cannot be used: the certificate is for another key"
        case .invalidDestination(let text): "`\(TerminalText.text(text))` is not a destination for ssh"
        case .programMissing(let name): "`\(name)` is not installed"
        case .programFailed(let name, let status): "`\(name)` ended with status \(status)"
        case .outputTooLong(let name): "`\(name)` prints more than it should"
        case .invalidAccessID(let id): "`\(TerminalText.text(id))` is not the id of an access request"
        case .noGrant: "you have no grant or request that this could be about"
        case .severalGrants(let ids): "you have several: \(ids.map(TerminalText.word).joined(separator: ", "))"
        case .hostConfiguration(let error): error.description
        case .host(let error): error.description
        case .serverFiles(let error): error.description
        case .audit(let failure): failure.description
        }
    }

    package var hint: String? {
        switch self {
        case .noHome: "set `MAYFLY_HOME`"
        case .homeUnwritable: "set `MAYFLY_HOME` to a folder that can be written, in a container one in memory"
        case .homeOpenToOthers(let path): "close it with `chmod go-w \(path)`"
        case .openToOthers(let path): "close it with `chmod 600 \(path)`, and log in again if others may have read it"
        case .unreadable, .unwritable: "check that it exists, and its owner and mode"
        case .damaged: "log in again with `mayfly login URL --fingerprint SHA256:…`"
        case .wouldReplace: "choose another name with `--out`"
        case .noServer, .unknownServer: "log in with `mayfly login URL --fingerprint SHA256:…`"
        case .notLoggedIn, .sessionExpired: "log in with `mayfly login`"
        case .invalidAddress: "write `https://HOST` or `https://HOST:PORT`"
        case .invalidFingerprint: "`mayfly init` printed it: `SHA256:` and 43 characters"
        case .fingerprintNeeded: "if that is what `mayfly init` printed on the server, add `--fingerprint SHA256:…`"
        case .otherServiceCA, .untrustedServer:
            "somebody may be between you and the server; if the CA was made anew, ask for its fingerprint and log in with it"
        case .tlsFailed: "log in again with `mayfly login`"
        case .unreachable: "is `mayfly serve` running there?"
        case .problem(let problem), .noKeyAccepted(_, let problem):
            problem.hint.map { TerminalText.text($0, limit: Self.longestDetail) }
        case .loginRefused, .loginTimedOut: "log in again"
        case .userNeeded: "name yourself with `--user NAME`"
        case .noSigningKey: "name one with `--ssh-key FILE`"
        case .agentUnavailable: "start one with `eval $(ssh-agent)`"
        case .keyFile: "give the `.pub` file of a key made with `ssh-keygen -t ed25519`"
        case .programMissing(let name): "on Debian, `apt install openssh-client` brings `\(name)`"
        case .hostConfiguration(let error): error.hint
        case .host(let error): error.hint
        case .serverFiles(let error): error.hint
        case .audit(let failure): failure.hint
        default: nil
        }
    }

    /// What is said between the description and the hint, line by line: the rules behind a refusal of the policy, or behind its wish
    /// for an approval.
    package var details: [String] {
        guard case .problem(let problem) = self, let explanation = problem.explanation else { return [] }
        return explanation.text.split(separator: "\n").dropFirst().filter { $0.hasPrefix("  ") }.prefix(Self.mostDetails).map {
            TerminalText.text(String($0), limit: Self.longestDetail)
        }
    }

    private static let mostDetails = 200

    /// A rule is named with all that is missing.
    private static let longestDetail = 4096

    private static func list(_ words: [String]) -> String {
        words.isEmpty ? "none" : words.map { "`\(TerminalText.text($0))`" }.joined(separator: ", ")
    }
}
