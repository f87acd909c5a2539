// SPDX-License-Identifier: Apache-2.0

import Issuance
import Keys
import Notifications
import Policies
import StrictYAML

extension Configuration {
    /// Strict: what is unknown, double or of the wrong type refuses the file. What is missing has its default.
    init(parsing bytes: [UInt8], file name: String) throws(YAMLErrors) {
        var reader = ConfigurationReader()
        self = reader.read(bytes, name)
        guard reader.problems.isEmpty else { throw reader.problems.sorted }
    }
}

private struct ConfigurationReader: YAMLReading {
    var problems = YAMLProblems()

    private static let maximumBytes = 64 << 10

    mutating func read(_ bytes: [UInt8], _ name: String) -> Configuration {
        var configuration = Configuration()
        guard let root = YAMLNode.parse(bytes, file: name, limit: Self.maximumBytes, &problems),
            let fields = fields(
                root, "the configuration",
                known: [
                    "name", "listen", "url", "hosts", "policies", "policy_signers", "users", "passphrase_file", "keys",
                    "ceilings",
                    "publish", "request_deadline", "providers", "receivers",
                ])
        else { return configuration }
        func text(_ key: String) -> String? { fields[key].flatMap { self.text($0, "`\(key)`") } }
        if let name = text("name") { configuration.name = name }
        if let node = fields["listen"], let listen = listenAddress(node, example: "127.0.0.1:8443") {
            configuration.listen = listen
        }
        if let node = fields["url"], let url = self.text(node, "`url`") {
            configuration.url = attempt(node.position) { () throws(WebLink.Problem) in try WebLink(url) }
        }
        if let node = fields["publish"] { configuration.publish = publish(node) }
        if let node = fields["hosts"] {
            configuration.hosts = texts(node, "`hosts`").compactMap { host in
                attempt(host.position) { () throws(HostNameError) in try HostName(host.text) }?.text
            }
        }
        if let policies = text("policies") { configuration.policies = policies }
        configuration.policySigners = text("policy_signers")
        if let users = text("users") { configuration.users = users }
        if let file = text("passphrase_file") { configuration.passphraseFile = file }
        if let node = fields["keys"] { readKeys(node, into: &configuration) }
        if let node = fields["ceilings"] { readCeilings(node, into: &configuration) }
        if let node = fields["request_deadline"], let deadline = duration(node, "`request_deadline`") {
            configuration.requestSeconds = deadline.components.seconds
        }
        if let node = fields["providers"] {
            var reader = ProvidersReader(problems: problems)
            configuration.providers = reader.read(node)
            problems = reader.problems
        }
        if let node = fields["receivers"] {
            var reader = ReceiverReader(problems: problems)
            configuration.receivers = reader.read(node)
            problems = reader.problems
        }
        return configuration
    }

    private mutating func listenAddress(_ node: YAMLNode, example: String) -> ListenAddress? {
        guard let listen = text(node, "`listen`") else { return nil }
        let address = ListenAddress(listen)
        if address == nil {
            problems.add(node.position, "`\(printable: listen)` is not an address to listen on; expected `\(example)`")
        }
        return address
    }

    private mutating func publish(_ node: YAMLNode) -> Publish? {
        guard let fields = fields(node, "`publish`", known: ["listen", "url", "shards"]) else { return nil }
        guard let listen = fields["listen"] else {
            problems.add(node.position, "`publish` needs `listen`, such as `127.0.0.1:8080`")
            return nil
        }
        guard let address = listenAddress(listen, example: "127.0.0.1:8080") else { return nil }
        var publish = Publish(listen: address)
        if let node = fields["url"], let url = text(node, "`url`") {
            publish.url = url.hasSuffix("/") ? String(url.dropLast()) : url
            if (try? publish.status(list: "issuing")) == nil {
                problems.add(node.position, "`\(printable: url)` is not an address such as `http://ca.example.com:8080`")
            }
        }
        if let node = fields["shards"] {
            publish.isSharded = flag(node, "`shards`") ?? false
            if publish.isSharded, publish.url == nil {
                problems.add(node.position, "`shards` needs `url`: certificates name their shard")
            }
        }
        return publish
    }

    private mutating func readKeys(_ node: YAMLNode, into configuration: inout Configuration) {
        let choices = CADirectory.Key.allCases.filter { $0 != .log }
        guard let fields = fields(node, "`keys`", known: choices.map(\.rawValue)) else { return }
        for key in choices {
            guard let node = fields[key.rawValue], let name = text(node, "`\(key.rawValue)`") else { continue }
            guard let algorithm = KeyAlgorithm(rawValue: name) else {
                let known = KeyAlgorithm.allCases.map(\.rawValue)
                let nearest = NearestWord.to(name, among: known).map { "did you mean `\($0)`?" }
                problems.add(
                    node.position, "unknown algorithm `\(printable: name)`; \(nearest ?? "known are \(quoted(known))")")
                continue
            }
            configuration.keys[key] = algorithm
        }
    }

    private mutating func readCeilings(_ node: YAMLNode, into configuration: inout Configuration) {
        guard let fields = fields(node, "`ceilings`", known: ["ssh", "ssh_host", "x509", "session", "session_idle"]) else {
            return
        }
        func ceiling(_ key: String) -> Duration? { fields[key].flatMap { duration($0, "`\(key)`") } }
        configuration.ceilings.ssh = ceiling("ssh") ?? configuration.ceilings.ssh
        configuration.ceilings.sshHost = ceiling("ssh_host") ?? configuration.ceilings.sshHost
        configuration.ceilings.x509 = ceiling("x509") ?? configuration.ceilings.x509
        configuration.ceilings.session = ceiling("session") ?? configuration.ceilings.session
        configuration.ceilings.sessionIdle = ceiling("session_idle") ?? configuration.ceilings.sessionIdle
    }

    private mutating func duration(_ node: YAMLNode, _ what: String) -> Duration? {
        guard let text = text(node, what) else { return nil }
        return attempt(node.position) { () throws(PolicyDurationError) in try PolicyDuration.parse(text) }
    }
}
