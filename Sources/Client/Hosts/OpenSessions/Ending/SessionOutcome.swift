// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What became of a session in one pass.
package struct SessionOutcome: Sendable {
    package enum Reason: Equatable, Sendable {
        case revoked(serial: UInt64)
        case expired(at: Date)
    }

    /// How long a session may last that is not ended.
    package enum Limit: Equatable, Sendable {
        /// No certificate of it says that it ends.
        case none
        case until(Date)
        /// Its certificate could not be read, only its name.
        case unknown
    }

    package enum Fate: Equatable, Sendable {
        case stays(Limit)
        /// - Parameter forced: whether sshd had to be killed.
        case ended(Reason, forced: Bool)
        /// It should have been, and still runs.
        case notEnded(Reason)
        /// Nothing says that it has to end, and nothing proves that it may last.
        case undetermined(String)
    }

    package let session: OpenSession
    package let fate: Fate
    /// Whether its terminals were told in this pass that it is about to end.
    package let wasWarned: Bool

    var isInDoubt: Bool {
        if case .undetermined = fate { true } else { false }
    }

    var stays: Bool {
        if case .stays = fate { true } else { false }
    }
}

extension SessionOutcome.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .revoked(let serial): "certificate \(serial) was revoked"
        case .expired(let end): "its certificate expired at \(end.formatted(.iso8601))"
        }
    }
}

extension [SessionOutcome] {
    /// When the next pass has something to do, though no list of revoked certificates has changed.
    package func nextPass(after now: Date) -> Date? {
        compactMap { outcome -> Date? in
            guard case .stays(.until(let end)) = outcome.fate else { return nil }
            let warning = end - SessionEnder.warningTime
            return warning > now && !outcome.session.terminals.isEmpty ? warning : end
        }.min()
    }
}
