// SPDX-License-Identifier: Apache-2.0

/// The paths of the service, the same text at both ends of the wire.
package enum Paths {
    package static let health = "/healthz"
    package static let openAPI = "/v1/openapi.json"
    package static let authorities = "/v1/ca"
    package static let caKeys = "/v1/ca/keys"
    package static let caKeyRequests = "/v1/ca/keys/requests"
    package static let caKeyChanges = "/v1/ca/keys/changes"
    package static let loginChallenges = "/v1/login/challenges"
    package static let loginProviders = "/v1/login/providers"
    package static let loginAuthorizations = "/v1/login/authorizations"
    package static let loginDevices = "/v1/login/devices"
    package static let authorizationSessions = "/v1/sessions/authorization"
    package static let deviceSessions = "/v1/sessions/device"
    package static let tokenSessions = "/v1/sessions/token"
    package static let backChannelLogout = "/v1/login/logouts"
    package static let sessions = "/v1/sessions"
    package static let currentSession = "/v1/sessions/current"
    package static let sessionEndings = "/v1/sessions/endings"
    package static let whoami = "/v1/whoami"
    package static let roles = "/v1/roles"
    package static let people = "/v1/people"
    package static let status = "/v1/status"
    package static let policyReloads = "/v1/policies/reloads"
    package static let metrics = "/metrics"
    package static let sshCertificates = "/v1/certificates/ssh"
    package static let sshCertificatePreviews = "/v1/certificates/ssh/previews"
    package static let sshHostCertificates = "/v1/certificates/ssh-host"
    package static let x509Certificates = "/v1/certificates/x509"
    package static let certificates = "/v1/certificates"
    package static let revocations = "/v1/revocations"
    package static let releases = "/v1/releases"
    package static let revokedKeys = "/v1/ssh/revocations"
    package static let revocationLists = "/v1/x509/revocations"
    package static let auditEvents = "/v1/audit/events"
    package static let auditCheckpoint = "/v1/audit/checkpoint"
    package static let auditConsistency = "/v1/audit/consistency"
    package static let accessRequests = "/v1/access-requests"
    package static let accessRequest = "/v1/access-requests/{id}"
    package static let accessApprovals = "/v1/access-requests/{id}/approvals"
    package static let accessDenials = "/v1/access-requests/{id}/denials"
    package static let accessCancellation = "/v1/access-requests/{id}/cancellation"
    package static let accessReview = "/v1/access-requests/{id}/review"
    /// For people who follow the link of a notification.
    package static let accessRequestPage = "/requests/{id}"
    package static let grants = "/v1/grants"
    package static let grantEnd = "/v1/grants/{id}/end"
    package static let grantRevocation = "/v1/grants/{id}/revocation"
    package static let enrolmentTokens = "/v1/enrolment-tokens"
    package static let enrolmentTokenCancellations = "/v1/enrolment-tokens/cancellations"
    package static let machines = "/v1/machines"
    package static let machineEnrolment = "/v1/machines/enrolment"
    package static let machineRenewal = "/v1/machines/renewal"
    package static let hosts = "/v1/hosts"
    package static let hostEnrolment = "/v1/hosts/enrolment"
    package static let hostRenewal = "/v1/hosts/renewal"
    package static let hostReports = "/v1/hosts/reports"
    package static let hostSessions = "/v1/hosts/sessions"
    package static let hostEnforcement = "/v1/hosts/enforcement"
    package static let hostRemovals = "/v1/hosts/removals"

    package static let all = [
        health, metrics, openAPI, authorities, caKeys, caKeyRequests, caKeyChanges, loginChallenges, sessions, currentSession,
        whoami, roles,
        people, status,
        policyReloads, sshCertificates, sshCertificatePreviews, sshHostCertificates, x509Certificates, certificates,
        revocations, releases,
        revokedKeys, revocationLists, auditEvents,
        auditCheckpoint, auditConsistency,
        accessRequests, accessRequest, accessApprovals, accessDenials, accessCancellation, accessReview, accessRequestPage,
        grants, grantEnd,
        grantRevocation, loginProviders, loginAuthorizations, loginDevices, authorizationSessions,
        deviceSessions, tokenSessions, sessionEndings, backChannelLogout,
        enrolmentTokens, enrolmentTokenCancellations, hosts, hostEnrolment, hostRenewal, hostReports, hostSessions,
        hostEnforcement, hostRemovals,
        machines, machineEnrolment, machineRenewal,
    ]
}

/// A repeated call with the same key and the same request is answered with the first reply.
package let idempotencyKeyHeader = "Idempotency-Key"
