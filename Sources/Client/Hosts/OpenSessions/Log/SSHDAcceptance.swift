// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// A line in which sshd says that a method of authentication succeeded:
/// `Accepted publickey for ana from 192.0.2.7 port 40022 ssh2: ED25519-CERT SHA256:… ID … (serial 7) CA ED25519 SHA256:…`.
package struct SSHDAcceptance: Equatable, Sendable {
    package enum Method: Equatable, Sendable {
        case certificate(Certificate)
        /// A certificate in words that are not understood, as with `FingerprintHash md5`.
        case unreadable
        case other
    }

    /// What the line says of the certificate; `authority` and `key` are fingerprints.
    package struct Certificate: Equatable, Sendable {
        package let key: String
        package let keyID: String
        package let serial: UInt64
        package let authority: String
    }

    /// Whether another method has to follow (`AuthenticationMethods`).
    let isPartial: Bool
    /// The number of the process that wrote it, where the log says so.
    let process: Int32?
    /// Whether the kernel vouches for `process`, so that no other program can have written the line.
    let isVouchedFor: Bool
    let login: String
    let address: String
    let port: UInt16
    let method: Method

    /// - Parameter message: as sshd wrote it, without the time and the name of the program.
    init?(parsing message: Substring, process: Int32?, isVouchedFor: Bool) {
        // Cheap, and most lines are others.
        guard message.hasPrefix("Accepted ") || message.hasPrefix("Partial "),
            let match = message.wholeMatch(of: /(Accepted|Partial) (\S+) for (\S+) from (\S+) port ([0-9]+) ssh2(?:: (.*))?/),
            let port = UInt16(match.5)
        else { return nil }
        isPartial = match.1 == "Partial"
        self.process = process
        self.isVouchedFor = isVouchedFor
        login = String(match.3)
        address = String(match.4.prefix { $0 != "%" })
        self.port = port
        method = match.2 == "publickey" ? Self.method(match.6 ?? "") : .other
    }

    /// The key id may hold anything printable, so the rest is read from the end.
    private static func method(_ text: Substring) -> Method {
        guard text.prefix(while: { $0 != " " }).hasSuffix("-CERT") else { return .other }
        let line =
            /[A-Z0-9-]+ (SHA256:[A-Za-z0-9+\/]{43}) ID (.*) \(serial ([0-9]+)\) CA [A-Z0-9-]+ (SHA256:[A-Za-z0-9+\/]{43})/
        guard let match = text.wholeMatch(of: line), let serial = UInt64(match.3) else { return .unreadable }
        return .certificate(
            Certificate(
                key: String(match.1), keyID: String(match.2).replacing("\\\\", with: "\\"), serial: serial,
                authority: String(match.4)))
    }
}

extension SSHDAcceptance {
    /// Whether login, address and port are those of a connection, and where it stands there, the process. What has no address
    /// (a socket of another kind) is known by the process alone, if the kernel vouches for it.
    private func isOf(_ connection: SSHDConnection) -> Bool {
        guard [connection.login, connection.requestedLogin].contains(login) else { return false }
        let isItsProcess = process == connection.monitor.number
        guard let peer = connection.peer, let range = try? SSHAddressRange(peer.address) else {
            return isItsProcess && isVouchedFor
        }
        return port == peer.port && range.contains(address: address) && (isItsProcess || process == nil)
    }

    enum Login: Equatable {
        case found([Method])
        case absent
        case contradictory
    }

    /// The methods by which the user of a connection was let in.
    ///
    /// The last login counts: ports are used again. But where a log names the process and anybody may have written it (syslog(3)), two
    /// different logins of one process mean that one is a lie, and nobody knows which.
    static func login(of connection: SSHDConnection, among all: [SSHDAcceptance]) -> Login {
        let lines = all.filter { $0.isOf(connection) }
        var logins: [[Method]] = []
        var methods: [Method] = []
        for line in lines {
            methods.append(line.method)
            guard !line.isPartial else { continue }
            logins.append(methods)
            methods = []
        }
        guard let last = logins.last else { return .absent }
        let canBeForged = lines.contains { $0.process != nil && !$0.isVouchedFor }
        return canBeForged && logins.contains { $0 != last } ? .contradictory : .found(last)
    }
}
