// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import Glibc
import Policies
import SSHCertificates

/// The person who runs the command, as the first administrator.
struct LocalPerson {
    let name: String
    let login: String

    init(name: String?, login: String?) throws {
        let own = ProcessInfo.processInfo.userName
        self.login = login ?? own
        self.name = name ?? own
        guard LoginName.isValid(self.login) else {
            throw ServerError.invalidOption("`\(self.login)` is not a login; choose one with `--admin-login`")
        }
        guard LocalUser.isValidName(self.name) else {
            throw ServerError.invalidOption("`\(self.name)` is not a user name; choose one with `--admin`")
        }
    }
}

/// The SSH public keys the first administrator logs in with.
struct AdministratorKeys {
    /// One line each, never empty.
    let lines: [String]
    /// The private key file that was made because there was no key.
    let madeKey: String?

    /// - Parameter file: a `.pub` file; without it the person's own, which are read and never written.
    init(file: String?, directory: CADirectory) throws {
        if let file {
            lines = try Self.keys(in: file)
            madeKey = nil
            guard !lines.isEmpty else { throw ServerError.invalidOption("`\(file)` holds no SSH public key that can be used") }
            return
        }
        let home = ProcessInfo.processInfo.environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
        let folder = home + "/.ssh"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".pub") && !$0.hasSuffix("-cert.pub")
        }
        let found = names.sorted().flatMap { (try? Self.keys(in: "\(folder)/\($0)")) ?? [] }
        guard found.isEmpty else {
            lines = found
            madeKey = nil
            return
        }
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let path = directory.path + "/admin_key"
        try Files.createDirectory(directory.path, mode: 0o755)
        try key.fileContents(comment: "mayfly administrator").withBytes { try Files.createPrivate($0, at: path) }
        lines = [try key.publicKey.authorizedKey(comment: "mayfly administrator")]
        try Files.write(lines[0] + "\n", to: path + ".pub")
        madeKey = path
    }

    private static func keys(in file: String) throws -> [String] {
        try Files.read(file).split(separator: "\n").map(String.init).filter {
            (try? SSHPublicKey(authorizedKey: $0)) != nil
        }
    }
}
