// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SSHCertificates
import SystemPackage

/// What sshd writes with `ExposeAuthInfo yes`, one line for each method that succeeded (sshd_config(5)).
///
/// sshd makes the file as the user who logs in: who has the account can write into it. It proves what a certificate says,
/// for that is signed, and not that this certificate was used.
struct AuthenticationFile: Sendable {
    let certificates: [SSHCertificate]
    /// Whether a line names a certificate that none of our CA can be.
    let hasOthers: Bool
    let changed: Date

    static let folder = "/tmp"
    private static let prefix = "sshauth."

    /// Whether sshd could have named it like this.
    static func isName(_ path: String) -> Bool {
        guard path.hasPrefix("\(folder)/\(prefix)") else { return false }
        let rest = path.dropFirst(folder.count + 1 + prefix.count)
        return rest.utf8.count == 15 && rest.utf8.allSatisfy { Character(Unicode.Scalar($0)).isLetterOrDigit }
    }

    /// - Returns: `nil` for what is not a file that sshd made for this user.
    init?(_ path: String, of user: UInt32) {
        guard
            let file = try? FileDescriptor.open(
                FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow])
        else { return nil }
        defer { try? file.close() }
        guard let status = try? file.stat(), status.type == .regular, status.userID.rawValue == user, status.linkCount == 1,
            let text = Self.text(file)
        else { return nil }
        let changed = status.st_ctim
        self.changed = Date(timeIntervalSince1970: Double(changed.tv_sec) + Double(changed.tv_nsec) / 1e9)
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let words = lines.filter { $0.count == 3 && $0[0] == "publickey" && $0[1].contains("-cert-") }
        certificates = words.compactMap { try? SSHCertificate(authorizedKey: $0[1] + " " + $0[2]) }
        hasOthers = certificates.count < words.count
    }

    private static func text(_ file: FileDescriptor) -> String? {
        let limit = 4 * SSHLimits.certificateLine
        var bytes: [UInt8] = []
        while bytes.count <= limit, let part = try? file.readSome() {
            if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += part
        }
        return nil
    }
}

extension AuthenticationFile {
    /// All that lie there for a user.
    /// - Parameter folder: `/tmp` as the connection sees it.
    static func all(in folder: String, of user: UInt32) -> [AuthenticationFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { isName("\(Self.folder)/\($0)") }.compactMap { AuthenticationFile("\(folder)/\($0)", of: user) }
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
