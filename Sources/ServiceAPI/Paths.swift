// SPDX-License-Identifier: Apache-2.0

/// The paths of the service, the same text at both ends of the wire.
package enum Paths {
    package static let health = "/healthz"
    package static let openAPI = "/v1/openapi.json"
    package static let authorities = "/v1/ca"
    package static let loginChallenges = "/v1/login/challenges"
    package static let sessions = "/v1/sessions"
    package static let currentSession = "/v1/sessions/current"
    package static let sessionEndings = "/v1/sessions/endings"
    package static let whoami = "/v1/whoami"
    package static let roles = "/v1/roles"
    package static let status = "/v1/status"
    package static let policyReloads = "/v1/policies/reloads"
    package static let metrics = "/metrics"
    package static let sshCertificates = "/v1/certificates/ssh"
    package static let sshHostCertificates = "/v1/certificates/ssh-host"
    package static let x509Certificates = "/v1/certificates/x509"
    package static let certificates = "/v1/certificates"
    package static let revocations = "/v1/revocations"
    package static let auditEvents = "/v1/audit/events"
    package static let auditCheckpoint = "/v1/audit/checkpoint"
    package static let auditConsistency = "/v1/audit/consistency"

    package static let all = [
        health, metrics, openAPI, authorities, loginChallenges, sessions, currentSession, whoami, roles, status,
        policyReloads, sshCertificates, sshHostCertificates, x509Certificates, certificates, revocations, auditEvents,
        auditCheckpoint, auditConsistency, sessionEndings,
    ]
}

/// A repeated call with the same key and the same request is answered with the first reply.
package let idempotencyKeyHeader = "Idempotency-Key"
