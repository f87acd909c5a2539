// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Notifications

/// One entry of `receivers` in `mayfly.yaml`: everything but the secrets, which lie in files.
struct ReceiverConfiguration: Equatable {
    enum Kind: String, CaseIterable {
        case webhook, slack, teams, email
    }

    enum Channel: Equatable {
        case webhook(url: WebLink, secretFile: String)
        /// The URL is the secret.
        case slack(urlFile: String)
        case teams(urlFile: String)
        case email(Mail)
    }

    struct Mail: Equatable {
        var server: ListenAddress
        var security: MailAccount.Security
        var username: String?
        var passwordFile: String?
        var from: MailAddress
        var to: [MailAddress]
        /// Domains, in small letters.
        var peopleOf: Set<String> = []
    }

    var name: ReceiverName
    var channel: Channel
    var kinds: Set<Notice.Kind>
    /// PEM; nil: what the system trusts.
    var caFile: String?

    /// With the secrets it needs.
    func loaded(from directory: CADirectory) throws -> Receiver {
        func secret(_ file: String) throws -> String { try Files.readSecret(directory.resolve(file)) }
        func link(_ file: String) throws -> WebLink {
            do {
                return try WebLink(try secret(file))
            } catch let problem as WebLink.Problem {
                // Not what it holds: the URL is a secret.
                throw ReceiverError.unusableSecret(file: file, "its content is \(problem)")
            }
        }
        let channel: Receiver.Channel
        switch self.channel {
        case .webhook(let url, let file):
            guard let key = WebhookSecret(try secret(file)) else {
                throw ReceiverError.unusableSecret(file: file, "it must hold `whsec_` and the base64 of 24 to 64 bytes")
            }
            channel = .webhook(url, secret: key)
        case .slack(let file): channel = .slack(try link(file))
        case .teams(let file): channel = .teams(try link(file))
        case .email(let mail):
            var credentials: MailAccount.Credentials?
            if let username = mail.username, let file = mail.passwordFile {
                let password = try secret(file)
                guard !password.isEmpty, !password.utf8.contains(0) else {
                    throw ReceiverError.unusableSecret(file: file, "it holds no password")
                }
                credentials = .init(username: username, password: password)
            }
            channel = .email(
                MailAccount(
                    host: mail.server.host, port: mail.server.port, security: mail.security, credentials: credentials,
                    from: mail.from, to: mail.to, peopleOf: mail.peopleOf))
        }
        return Receiver(
            name: name, channel: channel, kinds: kinds, trustRoots: try caFile.map { try Files.read(directory.resolve($0)) })
    }
}

/// Why a receiver cannot be used. Names files, never what they hold.
enum ReceiverError: ExplainedError, Equatable {
    case unusableSecret(file: String, String)
    case readableByAll(file: String)
    case unknown(String, known: [String])
    /// There is nobody it could be tried with.
    case onlyForPeople(String)
    case notDelivered(String, String)

    var description: String {
        switch self {
        case .unusableSecret(let file, let reason): "`\(file)` cannot be used: \(reason)"
        case .readableByAll(let file): "`\(file)` holds a secret and everybody may read it"
        case .unknown(let name, _): "there is no receiver `\(name)` in `mayfly.yaml`"
        case .onlyForPeople(let name):
            "receiver `\(name)` writes only to people whom a message concerns, and a test concerns none"
        case .notDelivered(let name, let reason): "receiver `\(name)` was not told: \(reason)"
        }
    }

    var hint: String? {
        switch self {
        case .unusableSecret: "see docs/notifications.md for what each file holds"
        case .readableByAll(let file): "`chmod 600 \(file)`"
        case .unknown(_, let known):
            known.isEmpty ? "add one under `receivers`" : "known are \(known.map { "`\($0)`" }.joined(separator: ", "))"
        case .onlyForPeople: "give it an address in `to`"
        case .notDelivered: "nothing was stored; try again when it is mended"
        }
    }
}
