// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A git repository with policies in a folder of its own, as a security team keeps them, and keys that sign its commits.
struct PolicyRepository {
    let directory: TemporaryDirectory
    var path: String { directory.file("repository") }
    var policies: String { path + "/policies" }
    var signers: String { directory.file("signers") }

    /// One who may sign, `lead@example.com`; the key of `eve` is in no list.
    init(_ policy: String) async throws {
        directory = try TemporaryDirectory()
        for name in ["lead", "eve"] { try await MayflyCA.makeKey(directory.file(name)) }
        try directory.write("lead@example.com \(try directory.text(of: "lead.pub"))", to: "signers")
        try directory.makeDirectory("repository")
        try directory.makeDirectory("repository/policies")
        try await git("init", "--quiet", "--initial-branch=main")
        try await commit(policy, signedBy: "lead")
    }

    /// The id of the new commit.
    @discardableResult
    func commit(_ policy: String, signedBy key: String?) async throws -> String {
        try directory.write(policy, to: "repository/policies/policy.yaml")
        return try await commit(signedBy: key)
    }

    @discardableResult
    func commit(signedBy key: String?) async throws -> String {
        try await git("add", "--all")
        let signature = key.map { ["-S", "-c", "gpg.format=ssh", "-c", "user.signingKey=\(directory.file($0))"] } ?? []
        let settings = signature.dropFirst() + ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        try await git(settings + ["commit", "--quiet", "--allow-empty", "-m", "policies"] + signature.prefix(1))
        return try await head
    }

    var head: String {
        get async throws { try await git("rev-parse", "HEAD").trimmingCharacters(in: .newlines) }
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String { try await git(arguments) }

    @discardableResult
    private func git(_ arguments: [String]) async throws -> String {
        try await run(
            "git", ["-C", path] + arguments,
            environment: ["HOME": directory.path, "GIT_CONFIG_NOSYSTEM": "1"]
        ).checked().stdout
    }
}
