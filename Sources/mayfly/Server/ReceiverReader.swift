// SPDX-License-Identifier: Apache-2.0

import Notifications
import StrictYAML

/// Reads `receivers` of `mayfly.yaml`.
struct ReceiverReader: YAMLReading {
    var problems: YAMLProblems

    private static let common = ["type", "events", "ca_file"]
    private static let own: [ReceiverConfiguration.Kind: [String]] = [
        .webhook: ["url", "secret_file"], .slack: ["url_file"], .teams: ["url_file"],
        .email: ["server", "tls", "username", "password_file", "from", "to", "people"],
    ]

    mutating func read(_ node: YAMLNode) -> [ReceiverConfiguration] {
        (entries(node, "`receivers`") ?? []).compactMap { entry in
            guard let name = ReceiverName(entry.key) else {
                problems.add(
                    entry.keyPosition, "`\(printable: entry.key)` is no name of a receiver; use a-z, 0-9 and -, at most 63")
                return nil
            }
            return receiver(name, entry.value)
        }
    }

    private mutating func receiver(_ name: ReceiverName, _ node: YAMLNode) -> ReceiverConfiguration? {
        let what = "receiver `\(name)`"
        guard let all = entries(node, what) else { return nil }
        guard let typeNode = all.first(where: { $0.key == "type" })?.value else {
            problems.add(node.position, "\(what) needs a `type`")
            return nil
        }
        guard let word = text(typeNode, "`type`") else { return nil }
        guard let kind = ReceiverConfiguration.Kind(rawValue: word) else {
            let known = ReceiverConfiguration.Kind.allCases.map(\.rawValue)
            problems.add(typeNode.position, "`\(printable: word)` is no type of receiver; known are \(quoted(known))")
            return nil
        }
        guard let fields = fields(node, what, known: Self.common + (Self.own[kind] ?? [])),
            let channel = channel(kind, fields, what)
        else { return nil }
        let kinds = fields["events"].map { Set(words($0, "`events`", as: Notice.Kind.self)) }
        return ReceiverConfiguration(
            name: name, channel: channel, kinds: kinds ?? Set(Notice.Kind.allCases),
            caFile: fields["ca_file"].flatMap { text($0, "`ca_file`") })
    }

    private mutating func channel(
        _ kind: ReceiverConfiguration.Kind, _ fields: Fields, _ what: String
    ) -> ReceiverConfiguration.Channel? {
        switch kind {
        case .webhook:
            let url = required("url", fields, what)
            let secret = required("secret_file", fields, what)
            guard let url, let secret,
                let link = attempt(url.position, { () throws(WebLink.Problem) in try WebLink(url.text) })
            else { return nil }
            return .webhook(url: link, secretFile: secret.text)
        case .slack: return required("url_file", fields, what).map { .slack(urlFile: $0.text) }
        case .teams: return required("url_file", fields, what).map { .teams(urlFile: $0.text) }
        case .email: return mail(fields, what).map { .email($0) }
        }
    }

    private mutating func mail(_ fields: Fields, _ what: String) -> ReceiverConfiguration.Mail? {
        let server = required("server", fields, what)
        let from = required("from", fields, what).flatMap { address($0) }
        let to = fields["to"].map { texts($0, "`to`").compactMap { address($0) } } ?? []
        let username = fields["username"].flatMap { text($0, "`username`") }
        let passwordFile = fields["password_file"].flatMap { text($0, "`password_file`") }
        let security = security(fields)
        guard let server else { return nil }
        guard let address = ListenAddress(server.text), address.port > 0 else {
            problems.add(server.position, "`\(printable: server.text)` is no mail server; expected `smtp.example.com:587`")
            return nil
        }
        guard (username == nil) == (passwordFile == nil) else {
            problems.add(fields.position, "\(what): `username` and `password_file` belong together")
            return nil
        }
        if security == MailAccount.Security.none, !isLoopback(address.host) || username != nil {
            problems.add(fields.position, "\(what): `tls: none` is only for a server on this machine, without a password")
            return nil
        }
        let people = fields["people"].map { domains($0) } ?? []
        guard fields["to"] != nil || fields["people"] != nil else {
            problems.add(fields.position, "\(what) needs `to` or `people`")
            return nil
        }
        guard let security, let from, !to.isEmpty || !people.isEmpty else { return nil }
        return .init(
            server: address, security: security, username: username, passwordFile: passwordFile, from: from, to: to,
            peopleOf: people)
    }

    private mutating func domains(_ node: YAMLNode) -> Set<String> {
        Set(
            texts(node, "`people`").compactMap { domain in
                if let address = MailAddress("x@" + domain.text) { return address.domain.lowercased() }
                problems.add(domain.position, "`\(printable: domain.text)` is no domain such as `example.com`")
                return nil
            })
    }

    private mutating func security(_ fields: Fields) -> MailAccount.Security? {
        guard let node = fields["tls"] else { return .startTLS }
        guard let word = text(node, "`tls`") else { return nil }
        if let security = MailAccount.Security(rawValue: word) { return security }
        let known = MailAccount.Security.allCases.map(\.rawValue)
        problems.add(node.position, "`\(printable: word)` is no way to use TLS; known are \(quoted(known))")
        return nil
    }

    private mutating func address(_ located: Located) -> MailAddress? {
        if let address = MailAddress(located.text) { return address }
        problems.add(located.position, "`\(printable: located.text)` is no mail address such as `oncall@example.com`")
        return nil
    }

    private mutating func required(_ key: String, _ fields: Fields, _ what: String) -> Located? {
        guard let node = fields[key] else {
            problems.add(fields.position, "\(what) needs `\(key)`")
            return nil
        }
        return text(node, "`\(key)`").map { Located(text: $0, position: node.position) }
    }
}
