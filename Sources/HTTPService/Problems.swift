// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Authentication
import Issuance
package import Policies
import SSHCertificates
package import ServiceAPI
import X509Certificates

extension NeededApproval {
    fileprivate init(_ offer: ApprovalOffer) {
        self.init(
            role: offer.role, rule: offer.rule.id, approvers: offer.approval.description,
            duration: Int(offer.approval.grant.components.seconds), lifetime: Int(offer.lifetime.components.seconds),
            breakGlass: offer.approval.isBreakGlass)
    }
}

extension DecisionExplanation {
    package init(_ explanation: Explanation) {
        self.init(
            decision: explanation.result, summary: explanation.summary,
            steps: explanation.listed.map { step in
                Step(
                    role: step.role, rule: step.rule.id, place: step.place, effect: step.effect.rawValue, applies: step.applies,
                    because: step.because.map(\.description))
            }, text: explanation.description,
            missing: explanation.missing.isEmpty
                ? nil : explanation.missing.map { Missing(what: .init($0.what), pattern: $0.pattern) })
    }
}

extension DecisionExplanation.Missing.What {
    fileprivate init(_ what: Explanation.Missing.What) {
        self =
            switch what {
            case .reason: .reason
            case .ticket: .ticket
            }
    }
}

extension Explanation {
    fileprivate var result: DecisionExplanation.Result {
        switch decision {
        case .allow: .allow
        case .needsApproval: .approvalNeeded
        case .deny: .deny
        case nil: isTaken ? .allow : .deny
        }
    }
}

extension DeniedError {
    /// What whoever asks can do themselves, else whose work it is to change it.
    fileprivate var hint: String {
        let missing = explanation.missing.map { missing in
            "`--\(missing.what.rawValue) …`" + (missing.pattern.map { ", one that matches `\($0)`" } ?? "")
        }
        guard missing.isEmpty else { return "add " + missing.joined(separator: ", and ") }
        let isWithoutGlass = denial.reasons.contains { if case .noBreakGlass = $0 { true } else { false } }
        return (isWithoutGlass ? "ask without `--break-glass`; " : "") + (explanation.ways.first ?? explanation.remedy)
    }
}

/// The one place that knows status codes. What is not named here is an internal error: the caller learns the request id,
/// the log has the rest.
extension Problem {
    init(_ error: any Error, requestID: String) {
        self =
            switch error {
            case let error as CallError: Problem(error)
            case let error as RequestError: Problem.invalid(error.description)
            case let error as HostNameError: Problem.invalid("`host`: \(error)")
            case AuthenticationError.token(.provider(let name, let error)): Problem(.provider(name, error))
            case AuthenticationError.token(let error):
                Problem(
                    type: .notAuthenticated, status: 401, title: "not authenticated", detail: error.description,
                    hint: error.hint)
            case let error as AuthenticationError:
                Problem(
                    type: .notAuthenticated, status: 401, title: "not authenticated", detail: error.description,
                    hint: error == .noMachine
                        ? "open the connection with the certificate that is to be renewed" : "log in with `mayfly login`")
            case let error as LoginError:
                Problem(
                    type: .loginFailed, status: 401, title: "login failed", detail: error.description,
                    hint: error.hint)
            case let error as ProviderLoginError: Problem(error)
            case let error as EnrolmentRefusal:
                error == .tooManyReports
                    ? Problem(type: .tooManyRequests, status: 429, title: "too many requests", detail: error.description)
                    : Problem(
                        type: .enrolmentRefused, status: 401, title: "enrolment refused", detail: error.description,
                        hint: error.hint)
            case let error as DeniedError:
                Problem(
                    type: .denied, status: 403, title: "denied by policy",
                    detail: (error.grants + [error.denial.description]).joined(separator: "; "),
                    hint: error.hint, explanation: DecisionExplanation(error.explanation))
            case let error as ApprovalNeededError:
                Problem(
                    type: .approvalNeeded, status: 403, title: "approval needed",
                    detail: ([
                        "\(error.offer.rule) gives role `\(error.offer.role)` after approval: \(error.offer.approval)"
                    ] + error.grants).joined(separator: "; "),
                    hint: Self.howToAsk(error.offer), approval: NeededApproval(error.offer),
                    explanation: DecisionExplanation(error.explanation))
            case let error as AccessError: Problem(error)
            case let error as AccessEventError:
                Problem(type: .internalError, status: 500, title: "internal error", detail: "\(error)")
            case let error as AuthorityError: Problem(error)
            case let error as CAKeyError: Problem(error)
            case let error as PoliciesRefused:
                Problem(
                    type: .policiesRefused, status: 409, title: "policies refused, the old ones stay", detail: error.reason,
                    hint: error.hint)
            case let error as SSHKeyError: Problem.invalid("`public_key`: \(error)")
            case let error as CSRError: Problem.invalid("`csr`: \(error)")
            default:
                Problem(
                    type: .internalError, status: 500, title: "internal error",
                    detail: "the server could not do this; nothing was issued",
                    hint: "an administrator finds the reason in the server's log under request `\(requestID)`")
            }
        instance = "urn:uuid:\(requestID)"
    }

    /// A command line that asks for what was refused, for no longer than a certificate of it is valid.
    private static func howToAsk(_ offer: ApprovalOffer) -> String {
        let glass = offer.approval.isBreakGlass ? " --break-glass" : ""
        return "ask with `mayfly request \(offer.role)\(glass) --for \(PolicyDuration.text(offer.lifetime)) --reason …`"
    }

    private init(_ error: AccessError) {
        let detail = error.description
        self =
            switch error {
            case .notFound: Problem(type: .notFound, status: 404, title: "not found", detail: detail)
            case .refused(.notAnApprover), .refused(.ownRequest), .refused(.notTheRequester), .refused(.notAReviewer),
                .refused(.ownReview):
                Problem(
                    type: .denied, status: 403, title: "not yours to decide", detail: detail,
                    hint: "the rule in the policy files says who decides")
            case .refused(.wider), .startTooLate, .startInThePast, .durationOutOfRange, .noHostToNarrow, .hostOutside,
                .signatureInvalid:
                Problem.invalid(detail)
            case .signatureNeeded, .touchNeeded, .keyUnknown:
                Problem(
                    type: .signatureNeeded, status: 403, title: "signature needed", detail: detail,
                    hint: "`mayfly approve` signs with the key you log in with; choose another with `--ssh-key`")
            case .refused, .tooLate, .notExtendable, .alreadyExtended, .ruleChanged, .tooManyOpen, .grantUnusable:
                Problem(type: .conflict, status: 409, title: "not possible now", detail: detail)
            case .totalReached:
                Problem(
                    type: .conflict, status: 409, title: "not possible now", detail: detail,
                    hint: "ask anew with `mayfly request`; how long that is, says `total` in the policy files")
            case .notNeeded:
                Problem(
                    type: .conflict, status: 409, title: "no approval needed", detail: detail,
                    hint: "take it with `mayfly ssh` or `mayfly issue`")
            case .onlyBreakGlass:
                Problem(
                    type: .conflict, status: 409, title: "only as break-glass", detail: detail,
                    hint: "if it cannot wait, ask with `--break-glass`")
            case .reviewOverdue(let id, _):
                Problem(
                    type: .denied, status: 403, title: "review overdue", detail: detail,
                    hint: "whoever reviews it can close it with `mayfly review \(id)`")
            case .busy:
                Problem(type: .unavailable, status: 503, title: "unavailable", detail: detail, hint: "try again")
            }
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail)
    }

    private init(_ error: CallError) {
        self =
            switch error {
            case .malformed(let detail):
                Problem(type: .malformedRequest, status: 400, title: "malformed request", detail: detail)
            case .invalid(let detail):
                Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail)
            case .tooLarge(let limit):
                Problem(
                    type: .tooLarge, status: 413, title: "too large", detail: "a request body has at most \(limit) bytes")
            case .tooManyRequests:
                Problem(
                    type: .tooManyRequests, status: 429, title: "too many requests",
                    detail: "there were too many requests of this kind from you", hint: "wait a second and try again")
            case .notReady(let what):
                Problem(
                    type: .unavailable, status: 503, title: "not ready", detail: what, hint: "try again in a second")
            case .noSuchPath:
                Problem(type: .notFound, status: 404, title: "not found", detail: "there is nothing at this path")
            case .methodNotAllowed(let methods):
                Problem(
                    type: .methodNotAllowed, status: 405, title: "method not allowed",
                    detail: "this path takes \(methods.joined(separator: ", "))")
            }
    }

    private init(_ error: ProviderLoginError) {
        let detail = error.description
        self =
            switch error {
            case .unknownProvider, .tokenOfNone:
                Problem(type: .notFound, status: 404, title: "not found", detail: detail, hint: error.hint)
            case .notForPeople, .notForWorkloads, .otherPort:
                Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail, hint: error.hint)
            // RFC 8628 §3.5 answers 400 for both.
            case .pending: Problem(type: .loginPending, status: 400, title: "login pending", detail: detail)
            case .slowDown: Problem(type: .slowDown, status: 400, title: "slow down", detail: detail)
            case .refusedByProvider, .deviceFlowRefused, .loginInvalid, .loginExpired, .loginAlreadyUsed, .loginEnded, .token,
                .identity,
                .unreadableToken, .sessionIdentityTooLarge:
                Problem(type: .loginFailed, status: 401, title: "login failed", detail: detail, hint: error.hint)
            case .provider, .down:
                Problem(type: .unavailable, status: 503, title: "unavailable", detail: detail, hint: error.hint)
            }
    }

    private init(_ error: CAKeyError) {
        let (detail, hint) = (error.description, error.hint)
        self =
            switch error {
            case .unknownKey: Problem(type: .notFound, status: 404, title: "not found", detail: detail, hint: hint)
            case .keyNeeded: Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail, hint: hint)
            case .certificateUnusable:
                Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail, hint: hint)
            case .damaged:
                Problem(type: .internalError, status: 500, title: "internal error", detail: detail, hint: hint)
            case .busy, .noVault, .alreadyPrepared, .tooMany, .nonePrepared, .wrongState, .notAdopted, .hostsDepend,
                .notOnRootList, .stillUsed:
                Problem(type: .conflict, status: 409, title: "not possible now", detail: detail, hint: hint)
            }
    }

    private init(_ error: AuthorityError) {
        let detail = error.description
        self =
            switch error {
            case .roleNeeded:
                Problem(
                    type: .roleNeeded, status: 409, title: "role needed", detail: detail, hint: "name one with `--role`")
            case .idempotencyKeyReused:
                Problem(
                    type: .idempotencyKeyReused, status: 422, title: "idempotency key reused", detail: detail,
                    hint: "use a new key for a new request")
            case .replyNoLongerValid:
                Problem(
                    type: .conflict, status: 409, title: "no longer valid", detail: detail,
                    hint: "ask again with a new idempotency key")
            case .sessionEnded, .personNoLongerKnown:
                Problem(type: .notAuthenticated, status: 401, title: "not authenticated", detail: detail)
            case .certificateNotFound, .sessionNotFound:
                Problem(type: .notFound, status: 404, title: "not found", detail: detail)
            case .serialIsAmbiguous:
                Problem(type: .conflict, status: 409, title: "ambiguous", detail: detail, hint: "name one with `--kind`")
            case .noHostRole, .noMachineRole, .tokenNames, .tokenLifetime:
                Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail)
            case .hostNotFound, .tokenNotFound:
                Problem(type: .notFound, status: 404, title: "not found", detail: detail)
            case .tokenUsedAlready:
                Problem(
                    type: .conflict, status: 409, title: "used already", detail: detail,
                    hint: "end what came of it with `mayfly revoke --enrolment`, or a host with `mayfly host remove`")
            case .alreadyRevoked, .alreadyExpired, .notHeld:
                Problem(type: .conflict, status: 409, title: "nothing to revoke", detail: detail)
            case .nothingSelected:
                Problem(type: .invalidValue, status: 422, title: "invalid value", detail: detail)
            case .clockWentBack:
                Problem(
                    type: .unavailable, status: 503, title: "unavailable", detail: detail,
                    hint: "an administrator must set the clock, or run `mayfly ca accept-clock` on the server")
            case .caExpired:
                Problem(
                    type: .unavailable, status: 503, title: "unavailable", detail: detail,
                    hint: "an administrator must mend the server")
            case .keyMismatch, .lintFailed:
                Problem(type: .internalError, status: 500, title: "internal error", detail: "the server refused to sign")
            }
    }
}
