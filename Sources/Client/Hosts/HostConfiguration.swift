// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SSHCertificates

/// What sshd needs to let in the holders of certificates: the CA's key, and for each login the zones and the name that a
/// certificate must be for. Plain files; nothing of ours runs on the host.
package struct HostConfiguration: Sendable {
    package let directory: String
    private let zones: [String]
    private let logins: [String]
    private let hostName: String?
    private let userCA: [String]
    private let hostKey: String?

    /// - Parameters:
    ///   - hostName: what `ssh -G` resolves this host to; certificates for one host name it.
    ///   - directory: absolute, of characters that sshd_config needs no quotes for.
    ///   - userCA: lines of public keys.
    ///   - hostKey: path of the private key whose certificate lies beside it.
    package init(
        zones: [String], logins: [String], hostName: String?, directory: String, userCA: String, hostKey: String?
    ) throws(HostConfigurationError) {
        guard !logins.isEmpty else { throw .noLogins }
        guard !zones.isEmpty || hostName != nil else { throw .noZones }
        for zone in zones where !Self.isIdentifier(zone) { throw .zone(zone) }
        for login in logins where !Self.isLogin(login) { throw .login(login) }
        if let hostName, !Self.isHostName(hostName) { throw .hostName(hostName) }
        for path in [directory] + (hostKey.map { [$0] } ?? []) where !Self.isPlainPath(path) { throw .path(path) }
        self.userCA = userCA.split(whereSeparator: \.isNewline).map(String.init)
        guard !self.userCA.isEmpty else { throw .userCA("it is empty") }
        for line in self.userCA {
            do throws(SSHKeyError) { _ = try SSHPublicKey(authorizedKey: line) } catch { throw .userCA(error.description) }
        }
        self.zones = Set(zones).sorted()
        self.logins = Set(logins).sorted()
        self.hostName = hostName
        self.directory = directory
        self.hostKey = hostKey
    }

    package var configurationPath: String { directory + "/mayfly.conf" }
    private var userCAPath: String { directory + "/user_ca.pub" }
    private var principalsDirectory: String { directory + "/principals" }

    /// For `/etc/ssh/sshd_config.d/`.
    package var sshdConfiguration: String {
        var lines = [
            "# Written by `mayfly host config`: logins by certificates of the CA.",
            "TrustedUserCAKeys \(userCAPath)", "AuthorizedPrincipalsFile \(principalsDirectory)/%u",
            "# For `mayfly host sessions` and `end-sessions`.", "ExposeAuthInfo yes",
        ]
        if let hostKey { lines += ["HostKey \(hostKey)", "HostCertificate \(hostKey)-cert.pub"] }
        return Self.text(lines)
    }

    package struct File: Codable, Equatable, Sendable {
        package let path: String
        package let contents: String
    }

    package var files: [File] {
        [File(path: userCAPath, contents: Self.text(userCA))]
            + logins.map { File(path: "\(principalsDirectory)/\($0)", contents: Self.text(principals(of: $0))) }
            + [File(path: configurationPath, contents: sshdConfiguration)]
    }

    private func principals(of login: String) -> [String] {
        zones.map { "\(login)@zone:\($0)" } + (hostName.map { ["\(login)@host:\($0)"] } ?? [])
    }

    private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

extension HostConfiguration {
    /// The paths that changed. Repeating it changes nothing.
    package func write() throws(ClientError) -> [String] {
        // sshd reads as the user who logs in, and wants nobody but root to write here.
        try AtomicFile.createDirectory(directory, mode: 0o755)
        try AtomicFile.createDirectory(principalsDirectory, mode: 0o755)
        var changed: [String] = []
        for file in files {
            if let old = try? AtomicFile.read(file.path), old == Array(file.contents.utf8) { continue }
            try AtomicFile.write(file.contents, to: file.path, for: .everyone)
            changed.append(file.path)
        }
        return changed
    }

    /// Principals files of logins that were not named: they still let people in.
    package var leftOver: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: principalsDirectory)) ?? []
        return names.filter { !logins.contains($0) }.sorted().map { "\(principalsDirectory)/\($0)" }
    }
}

extension HostConfiguration {
    private static func isIdentifier(_ text: String) -> Bool {
        consists(text, limit: 64, of: { isLower($0) || isDigit($0) || "-_.".utf8.contains($0) }) {
            isLower($0) || isDigit($0)
        }
    }

    /// `[a-z_][a-z0-9_.-]*`, at most 32 bytes (useradd(8)).
    private static func isLogin(_ text: String) -> Bool {
        consists(text, limit: 32, of: { isLower($0) || isDigit($0) || "-_.".utf8.contains($0) }) {
            isLower($0) || $0 == UInt8(ascii: "_")
        }
    }

    /// A DNS name in lower case, or an IP address.
    private static func isHostName(_ text: String) -> Bool {
        consists(text, limit: 253, of: { isLower($0) || isDigit($0) || "-.:".utf8.contains($0) }) {
            isLower($0) || isDigit($0) || $0 == UInt8(ascii: ":")
        } && !text.hasSuffix(".")
    }

    private static func isPlainPath(_ text: String) -> Bool {
        consists(text, limit: 1024, of: { isLower($0) || isUpper($0) || isDigit($0) || "/-_.+@:,".utf8.contains($0) }) {
            $0 == UInt8(ascii: "/")
        }
    }

    private static func consists(
        _ text: String, limit: Int, of isAllowed: (UInt8) -> Bool, beginning isFirst: (UInt8) -> Bool
    ) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= limit else { return false }
        return isFirst(first) && text.utf8.allSatisfy(isAllowed)
    }

    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
