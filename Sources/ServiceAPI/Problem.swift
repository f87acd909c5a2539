// SPDX-License-Identifier: Apache-2.0

/// Problem details (RFC 9457), the body of every reply that is not a success.
package struct Problem: Codable, Sendable, Equatable, Error {
    /// `urn:mayfly:problem:` and a word that never changes, for programs.
    package var type: String
    package var title: String
    package var status: Int
    /// What was refused and why.
    package var detail: String
    /// What to do about it.
    package var hint: String?
    /// Finds the request in the server's log.
    package var instance: String?
    /// With `approval-needed`: what to ask for.
    package var approval: NeededApproval?
    /// With `denied` and `approval-needed`, where the policy decided: the path to the decision.
    package var explanation: DecisionExplanation?

    package init(
        type: Kind, status: Int, title: String, detail: String, hint: String? = nil, instance: String? = nil,
        approval: NeededApproval? = nil, explanation: DecisionExplanation? = nil
    ) {
        self.type = "urn:mayfly:problem:" + type.rawValue
        self.title = title
        self.status = status
        self.detail = detail
        self.hint = hint
        self.instance = instance
        self.approval = approval
        self.explanation = explanation
    }

    package enum Kind: String, Sendable, CaseIterable {
        case malformedRequest = "malformed-request"
        case invalidValue = "invalid-value"
        case notAuthenticated = "not-authenticated"
        case loginFailed = "login-failed"
        case loginPending = "login-pending"
        case slowDown = "slow-down"
        case enrolmentRefused = "enrolment-refused"
        case denied = "denied"
        case approvalNeeded = "approval-needed"
        case signatureNeeded = "signature-needed"
        case roleNeeded = "role-needed"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case conflict = "conflict"
        case idempotencyKeyReused = "idempotency-key-reused"
        case policiesRefused = "policies-refused"
        case tooLarge = "too-large"
        case tooManyRequests = "too-many-requests"
        case unavailable = "unavailable"
        case internalError = "internal-error"
    }

    package var kind: Kind? {
        Kind(rawValue: String(type.dropFirst("urn:mayfly:problem:".count)))
    }
}

/// What others would have to agree to.
package struct NeededApproval: Codable, Sendable, Equatable {
    package var role: String
    package var rule: String
    /// As the rule says it.
    package var approvers: String
    /// Whole seconds, at most.
    package var duration: Int
    /// Whole seconds, of one certificate: what to ask for where more is not needed.
    package var lifetime: Int
    /// At once, to be reviewed afterwards.
    package var breakGlass: Bool

    package init(role: String, rule: String, approvers: String, duration: Int, lifetime: Int, breakGlass: Bool) {
        (self.role, self.rule, self.approvers) = (role, rule, approvers)
        (self.duration, self.lifetime, self.breakGlass) = (duration, lifetime, breakGlass)
    }

    enum CodingKeys: String, CodingKey {
        case role, rule, approvers, duration, lifetime
        case breakGlass = "break_glass"
    }
}
