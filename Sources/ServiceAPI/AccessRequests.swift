// SPDX-License-Identifier: Apache-2.0

/// Asks for access that others must agree to. With `extends` alone it asks for more time after a grant, and only `duration`
/// and `reason` may stand beside it.
package struct AccessRequestBody: RequestDocument {
    package var role: String?
    /// `ssh` where it is left out.
    package var kind: CertificateKind?
    package var host: String?
    package var logins: [String]?
    /// X.509 names; those of the role where they are left out.
    package var names: [String]?
    /// Whole seconds that certificates may be taken for.
    package var duration: Int?
    package var reason: String?
    package var ticket: String?
    /// Not before: RFC 3339, in UTC.
    package var starts: String?
    /// At once, to be reviewed afterwards.
    package var breakGlass: Bool?
    /// The grant that is to go on.
    package var extends: String?

    package init(
        role: String? = nil, kind: CertificateKind? = nil, host: String? = nil, logins: [String]? = nil,
        names: [String]? = nil, duration: Int? = nil, reason: String? = nil, ticket: String? = nil, starts: String? = nil,
        breakGlass: Bool? = nil, extends: String? = nil
    ) {
        (self.role, self.kind, self.host, self.logins, self.names) = (role, kind, host, logins, names)
        (self.duration, self.reason, self.ticket, self.starts) = (duration, reason, ticket, starts)
        (self.breakGlass, self.extends) = (breakGlass, extends)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, kind, host, logins, names, duration, reason, ticket, starts, extends
        case breakGlass = "break_glass"
    }
}

/// Agrees, for no longer and for no more than was asked.
package struct AccessApprovalBody: RequestDocument {
    /// Whole seconds.
    package var duration: Int?
    package var host: String?
    package var note: String?
    /// Armored SSHSIG in the namespace `approval@mayfly` over the approval statement.
    package var signature: String?

    package init(duration: Int? = nil, host: String? = nil, note: String? = nil, signature: String? = nil) {
        (self.duration, self.host, self.note, self.signature) = (duration, host, note, signature)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case duration, host, note, signature
    }
}

/// Says why: of a denial, or of a grant that is taken away.
package struct AccessNoteBody: RequestDocument {
    package var note: String

    package init(note: String) {
        self.note = note
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case note
    }
}

/// Closes the review of what was taken as break-glass.
package struct AccessReviewBody: RequestDocument {
    package var verdict: AccessVerdict
    package var note: String

    package init(verdict: AccessVerdict, note: String) {
        (self.verdict, self.note) = (verdict, note)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case verdict, note
    }
}

package enum AccessVerdict: String, Codable, Sendable, CaseIterable {
    case fine
    case flagged
}

/// A request that takes nothing.
package struct EmptyBody: RequestDocument {
    package init() {}

    package enum CodingKeys: CodingKey, CaseIterable {}
}
