// SPDX-License-Identifier: Apache-2.0

/// Why there is no policy set to be had from where it should lie.
enum PolicyFilesError: ExplainedError, Equatable {
    case unreadable(String)
    case notADirectory(String)
    case noPolicies(String)
    case tooManyPolicies(String)
    case testsFailed([String])
    case gitMissing
    case notACheckout(String, reason: String)
    case noSuchRevision(String, in: String)
    case notAFile(String)
    /// What `git verify-commit` said.
    case notSigned(commit: String, reason: String)
    case olderCommit(String, live: String)
    case nobodyAdministers([String])

    var description: String {
        switch self {
        case .unreadable(let path): "`\(path)` cannot be read"
        case .notADirectory(let path): "`\(path)` is not a directory"
        case .noPolicies(let path): "`\(path)` holds no policy file"
        case .tooManyPolicies(let path): "`\(path)` holds more or larger policy files than a set may have"
        case .testsFailed(let failures): "policy tests failed:\n" + failures.joined(separator: "\n")
        case .gitMissing: "`git` cannot be run"
        case .notACheckout(let path, let reason): "`\(path)` cannot be read as a git checkout: \(reason)"
        case .noSuchRevision(let revision, let path): "there is no revision `\(revision)` in `\(path)`"
        case .notAFile(let path): "`\(path)` is not a regular file in git"
        case .notSigned(let commit, let reason): "commit \(commit) is not signed by a listed key: \(reason)"
        case .olderCommit(let commit, let live): "commit \(commit) does not come after \(live), which was live before"
        case .nobodyAdministers(let capabilities):
            "no local user would have \(capabilities.map { "`\($0)`" }.joined(separator: ", ")) any more"
        }
    }

    var hint: String? {
        switch self {
        case .unreadable: "check that it exists, and its owner and mode"
        case .notADirectory: "a policy set is a directory, loaded whole: name the one that holds the file"
        case .noPolicies: "choose a directory of policy files with `--policies` or in `mayfly.yaml`"
        case .gitMissing: "install git, or leave `policy_signers` out of mayfly.yaml"
        case .notACheckout: "clone the policy repository there, owned by the user that runs mayfly"
        case .notSigned: "sign it with a key in the file that `policy_signers` names: `git commit -S`"
        case .olderCommit: "`mayfly policy reload --allow-older` goes back on purpose"
        case .nobodyAdministers: "give the capability to a role that a rule gives to a user of the user file"
        default: nil
        }
    }
}
