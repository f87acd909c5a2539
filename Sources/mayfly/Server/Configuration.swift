// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPService
import Issuance
import Keys
import Notifications
import Policies

/// `mayfly.yaml`: everything about an installation that is not policy. Paths are relative to the CA directory.
struct Configuration: Equatable {
    /// Stands in the subjects of the CA certificates.
    var name = "mayfly"
    var listen = ListenAddress(host: "127.0.0.1", port: 8443)
    /// How people reach the service, where that is not the first of `hosts` and the port it listens on.
    var url: WebLink?
    /// DNS names and addresses of the server's certificate.
    var hosts = ["localhost", "127.0.0.1"]
    var policies = "../policies"
    /// The keys that may sign commits of the policies; nil: the directory is taken as it is.
    var policySigners: String?
    var users = "users.yaml"
    var passphraseFile = "keys/passphrase"
    var keys: [CADirectory.Key: KeyAlgorithm] = [
        .root: .ecdsaP256, .issuing: .ecdsaP256, .service: .ecdsaP256, .sshUser: .ed25519, .sshHost: .ed25519,
        // Checkpoints are signed with Ed25519 alone (C2SP signed-note).
        .log: .ed25519,
    ]
    var ceilings = Ceilings.standard
    /// Where revocation lists are served over plain HTTP; nil for nowhere.
    var publish: Publish?
    var providers: [ProviderSettings] = []
    var requestSeconds = ServiceLimits.standard.requestSeconds
    /// Who is told of access requests; in the order of the file.
    var receivers: [ReceiverConfiguration] = []

    init() {}

    /// What links lead to; nil where it listens on any free port.
    var address: WebLink? {
        guard url == nil, listen.port > 0 else { return url }
        let place = ListenAddress(host: hosts.first ?? listen.host, port: listen.port)
        return try? WebLink("https://" + (place.port == 443 ? String("\(place)".dropLast(4)) : "\(place)"))
    }

    init(reading directory: CADirectory) throws {
        try self.init(parsing: Array(try Files.read(directory.configuration).utf8), file: directory.configuration)
    }
}

/// The plain-HTTP side.
struct Publish: Equatable {
    var listen: ListenAddress
    /// Under which servers reach it: `http://ca.example.com:8080`. It stands in X.509 certificates; nil to say nothing there.
    var url: String?
    /// Whether certificates name a sixteenth of the list rather than all of it.
    var isSharded = false
}

struct ListenAddress: Equatable, CustomStringConvertible {
    var host: String
    var port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8443`, `[::1]:8443` or `ca.example.com:8443`. Port 0 takes any free one.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }
}
