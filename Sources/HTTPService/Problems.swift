// SPDX-License-Identifier: Apache-2.0

import Authentication
import Issuance
import Policies
import SSHCertificates
import ServiceAPI
import X509Certificates

/// The one place that knows status codes. What is not named here is an internal error: the caller learns the request id,
/// the log has the rest.
extension Problem {
    init(_ error: any Error, requestID: String) {
        self =
            switch error {
            case let error as CallError: Problem(error)
            case let error as RequestError: Problem.invalid(error.description)
            case let error as HostNameError: Problem.invalid("`host`: \(error)")
            case let error as AuthenticationError:
                Problem(
                    type: .notAuthenticated, status: 401, title: "not authenticated", detail: error.description,
                    hint: "log in with `mayfly login`")
            case let error as LoginError:
                Problem(
                    type: .loginFailed, status: 401, title: "login failed", detail: error.description,
                    hint: error.hint)
            case let error as DeniedError:
                Problem(
                    type: .denied, status: 403, title: "denied by policy", detail: error.denial.description,
                    hint: "whoever may change the named policy files can change this")
            case let error as ApprovalNeededError:
                Problem(
                    type: .approvalNeeded, status: 403, title: "approval needed",
                    detail: "\(error.offer.rule) gives role `\(error.offer.role)` after approval: \(error.offer.approval)",
                    hint: "this version records approvals in policies, but cannot take them yet")
            case let error as AuthorityError: Problem(error)
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
            case .noSuchPath:
                Problem(type: .notFound, status: 404, title: "not found", detail: "there is nothing at this path")
            case .methodNotAllowed(let methods):
                Problem(
                    type: .methodNotAllowed, status: 405, title: "method not allowed",
                    detail: "this path takes \(methods.joined(separator: ", "))")
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
            case .alreadyRevoked, .alreadyExpired:
                Problem(type: .conflict, status: 409, title: "nothing to revoke", detail: detail)
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
