// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Dispatch
import FoundationEssentials
import Policies

/// Where a CA's policy set comes from: a directory as it is, or the signed head of the git checkout it lies in.
struct PolicySource: Sendable {
    let directory: String
    /// The file of keys whose signatures count (ssh-keygen(1), ALLOWED SIGNERS). nil: the directory as it is.
    var signers: String?

    struct Loaded: Sendable {
        let set: PolicySet
        let commit: AuditEvent.PolicySource?
    }

    /// The set, when it loads whole, its tests pass and, where signatures are asked for, the head is signed.
    /// - Parameter earlier: the commit that was live last: the head must be it or come after it. nil: any will do.
    /// - Throws: `YAMLErrors` with everything that is wrong, or `PolicyFilesError`.
    func load(after earlier: String?) async throws -> Loaded {
        // Reads files and runs git: not on a thread that requests are waiting for.
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try read(after: earlier) }) }
        }
    }

    private func read(after earlier: String?) throws -> Loaded {
        let (files, commit) = try signedHead(after: earlier) ?? (PolicyDirectory(path: directory).files(), nil)
        let set = try PolicySet.load(files)
        let failures = set.runTests().filter { !$0.passed }
        guard failures.isEmpty else { throw PolicyFilesError.testsFailed(failures.map(\.description)) }
        return Loaded(set: set, commit: commit)
    }

    private func signedHead(after earlier: String?) throws -> (files: [PolicyFile], AuditEvent.PolicySource?)? {
        guard let signers else { return nil }
        let checkout = GitCheckout(path: directory)
        let commit = try checkout.commit(at: "HEAD")
        let signer = try checkout.signer(of: commit, allowedSigners: signers)
        if let earlier, try !checkout.comes(commit, after: earlier) {
            throw PolicyFilesError.olderCommit(commit, live: earlier)
        }
        return (try checkout.files(at: commit), AuditEvent.PolicySource(commit: commit, signer: signer))
    }

    /// Changes when what `load` would read may have changed: a commit, or names, sizes and times of files.
    var fingerprint: [String] {
        guard let signers else {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory).sorted()) ?? []
            return names.map { Files.fingerprint("\(directory)/\($0)") }
        }
        return [(try? GitCheckout(path: directory).commit(at: "HEAD")) ?? "", Files.fingerprint(signers)]
    }
}
