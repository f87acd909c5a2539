// SPDX-License-Identifier: Apache-2.0
import Foundation
import Policies

/// A directory inside a git checkout. Files are read from a commit, never from the work tree: what was signed or named is
/// what is read, whatever lies beside it or changes meanwhile.
struct GitCheckout {
    let path: String

    /// The full id of a commit.
    /// - Throws: `PolicyFilesError` when there is no such revision, or no checkout.
    func commit(at revision: String) throws -> String {
        guard !revision.hasPrefix("-") else { throw PolicyFilesError.noSuchRevision(revision, in: path) }
        _ = try prefix()
        let found = try git(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"])
        let id = found.text
        guard found.status == 0, Self.isObjectID(id) else { throw PolicyFilesError.noSuchRevision(revision, in: path) }
        return id
    }

    /// The policy files of the directory as they are in `commit`.
    func files(at commit: String) throws -> [PolicyFile] {
        let prefix = try prefix()
        let listing = try git(["ls-tree", "-z", "--long", "--full-tree", commit] + (prefix.isEmpty ? [] : [prefix]))
        guard listing.status == 0 else { throw PolicyFilesError.noSuchRevision(commit, in: path) }
        let entries = try listing.bytes.split(separator: 0).map { try entry(String(decoding: $0, as: UTF8.self), prefix) }
            .compactMap(\.self).sorted { $0.name < $1.name }
        guard !entries.isEmpty else { throw PolicyFilesError.noPolicies(path) }
        guard entries.count <= PolicyFile.maximumFiles,
            entries.reduce(0, { $0 + $1.size }) <= PolicyFile.maximumTotalBytes
        else { throw PolicyFilesError.tooManyPolicies(path) }
        let folder = PolicyDirectory(path: path).folder
        return try entries.map { entry in
            let blob = try git(["cat-file", "blob", entry.object])
            guard blob.status == 0, blob.bytes.count == entry.size else {
                throw PolicyFilesError.unreadable("\(path)/\(entry.name)")
            }
            return PolicyFile(name: "\(folder)/\(entry.name)", bytes: blob.bytes)
        }
    }

    /// Who signed `commit`, by a key that `allowedSigners` (ssh-keygen(1), ALLOWED SIGNERS) lists: principal and key.
    func signer(of commit: String, allowedSigners: String) throws -> String {
        guard FileManager.default.isReadableFile(atPath: allowedSigners) else {
            throw PolicyFilesError.unreadable(allowedSigners)
        }
        let answer = try git(["verify-commit", commit], allowedSigners: allowedSigners)
        // Good "git" signature for ana@example.com with ED25519 key SHA256:…
        let start = "Good \"git\" signature for "
        let line = answer.text.split(separator: "\n").first { $0.hasPrefix(start) }
        guard answer.status == 0, let line else {
            let reason = answer.text.split(separator: "\n").last.map(String.init) ?? "it has no signature"
            throw PolicyFilesError.notSigned(commit: commit, reason: reason)
        }
        return String(line.dropFirst(start.count).prefix(500))
    }

    /// Whether `later` is `earlier` or comes after it. False also when git does not know `earlier` any more.
    func comes(_ later: String, after earlier: String) throws -> Bool {
        try git(["merge-base", "--is-ancestor", earlier, later]).status == 0
    }

    /// Where the directory lies in the repository: empty, or with a slash at its end.
    func prefix() throws -> String {
        let answer = try git(["rev-parse", "--show-prefix"], mergingErrors: true)
        guard answer.status == 0 else { throw PolicyFilesError.notACheckout(path, reason: answer.text) }
        return answer.text
    }

    /// nil for what is no policy file of this directory.
    private func entry(_ line: String, _ prefix: String) throws -> (name: String, object: String, size: Int)? {
        // MODE SP TYPE SP OBJECT SP* SIZE TAB PATH
        let parts = line.split(separator: "\t", maxSplits: 1)
        let fields = parts.first?.split(separator: " ").map(String.init) ?? []
        guard parts.count == 2, fields.count == 4, parts[1].hasPrefix(prefix) else { return nil }
        let name = String(parts[1].dropFirst(prefix.count))
        guard fields[1] != "tree", !name.contains("/"), PolicyDirectory.isPolicyFile(name) else { return nil }
        guard ["100644", "100755"].contains(fields[0]), let size = Int(fields[3]), Self.isObjectID(fields[2]) else {
            throw PolicyFilesError.notAFile("\(path)/\(name)")
        }
        return (name, fields[2], size)
    }

    private static func isObjectID(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (97...102).contains($0) }
    }
}

extension GitCheckout {
    private struct Answer {
        let status: Int32
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// Only SSH signatures count, and nothing that the repository's own configuration names is run.
    private func git(
        _ arguments: [String], allowedSigners: String? = nil, mergingErrors: Bool = false
    ) throws -> Answer {
        let settings = [
            "core.fsmonitor=false", "core.hooksPath=/dev/null", "gpg.ssh.program=ssh-keygen", "gpg.program=false",
            "gpg.openpgp.program=false", "gpg.x509.program=false",
            "gpg.ssh.allowedSignersFile=\(allowedSigners.map { URL(filePath: $0).path } ?? "/dev/null")",
            "gpg.ssh.revocationFile=",
        ]
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "-C", path] + settings.flatMap { ["-c", $0] } + arguments
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
        environment["LC_ALL"] = "C"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        process.standardError = allowedSigners == nil && !mergingErrors ? FileHandle.nullDevice : output
        do { try process.run() } catch { throw PolicyFilesError.gitMissing }
        let bytes = Array((try? output.fileHandleForReading.readToEnd()) ?? Data())
        process.waitUntilExit()
        guard process.terminationStatus != 127 else { throw PolicyFilesError.gitMissing }
        return Answer(status: process.terminationStatus, bytes: bytes)
    }
}
