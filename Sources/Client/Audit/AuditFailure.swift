// SPDX-License-Identifier: Apache-2.0

package import AuditLog

/// The audit log is not what it was, or not what its operator signed. Each of these is an alarm.
package enum AuditFailure: Error, Equatable {
    case logKey(CheckpointError)
    case checkpoint(CheckpointError)
    /// The server names another key for its log than at the first login.
    case otherLogKey(remembered: String, found: String)
    /// The log lost entries that it had.
    case truncated(remembered: UInt64, found: UInt64)
    /// The log has other entries than it had.
    case rewritten(size: UInt64, checkpointPath: String)
    /// The entries are not those the checkpoint was signed over.
    case entries(ProofError)
}

extension AuditFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .logKey(let error): "audit log: \(error)"
        case .checkpoint(let error): "audit log: \(error)"
        case .otherLogKey(let remembered, let found):
            "the audit log has another key than before: `\(TerminalText.text(found))` instead of `\(remembered)`"
        case .truncated(let remembered, let found):
            "the audit log was cut off: it has \(found) entries, and had \(remembered) when it was last seen"
        case .rewritten(let size, _): "the audit log was rewritten: its first \(size) entries are not those seen before"
        case .entries(let error): "the audit log does not match its checkpoint: \(error)"
        }
    }

    package var hint: String {
        "do not trust this log; tell who runs the CA"
            + (checkpointPath.map { ". If it was restored from a backup on purpose, delete `\($0)`" } ?? "")
    }

    private var checkpointPath: String? {
        if case .rewritten(_, let path) = self { path } else { nil }
    }
}
