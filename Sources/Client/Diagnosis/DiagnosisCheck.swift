// SPDX-License-Identifier: Apache-2.0

/// One thing a login needs, and how it is here.
package struct DiagnosisCheck: Codable, Equatable, Sendable {
    package enum Outcome: String, Codable, Sendable {
        case ok
        /// The login works, but not as one may believe.
        case warning
        /// It fails because of this, or lets in whom it should not.
        case problem
        /// It cannot be seen from here.
        case unknown
    }

    /// A word of lower-case letters and hyphens, which stays.
    package let check: String
    package let outcome: Outcome
    /// What was found, in words.
    package let finding: String
    /// What to do about it.
    package let mend: String?

    static func ok(_ check: String, _ finding: String) -> Self {
        Self(check: check, outcome: .ok, finding: finding, mend: nil)
    }

    static func warning(_ check: String, _ finding: String, mend: String?) -> Self {
        Self(check: check, outcome: .warning, finding: finding, mend: mend)
    }

    static func problem(_ check: String, _ finding: String, mend: String?) -> Self {
        Self(check: check, outcome: .problem, finding: finding, mend: mend)
    }

    static func unknown(_ check: String, _ finding: String, mend: String? = nil) -> Self {
        Self(check: check, outcome: .unknown, finding: finding, mend: mend)
    }
}
