// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import AuditLog

/// One event of every type, and some that are out to confuse.
enum SampleEvents {
    static let time = AuditTime(Date(timeIntervalSince1970: 1_795_428_000))
    static let issuer = "SHA256:Zq9vE2kfFY8cRkyiGQ8wWTFyXbX2vAVPGmgj0oSpN5E"
    static let key = "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDIYVsZrmhDEKWL3yA"
    static let policy = "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

    static func later(_ seconds: Double) -> AuditTime { AuditTime(time.date.addingTimeInterval(seconds)) }

    static let ana = AuditEvent.Actor(
        provider: "local", user: "ana@example.com", login: "ana", groups: ["engineers", "oncall"], claims: [:], mfa: false,
        address: "192.0.2.17", session: "5f1c0e6bb0d14a3f9a7c2f0e4d3b2a19")

    static let web1 = AuditEvent.Actor(
        provider: "hosts", groups: [],
        claims: ["host": .string("web1.lab.example.com"), "proof": .string("certificate"), "token": .absent],
        mfa: false, address: "192.0.2.31")

    static let bo = AuditEvent.Actor(
        provider: "example", user: "bo@example.com", groups: [], mfa: true, authenticatedAt: time, address: "192.0.2.18")

    static let pipeline = AuditEvent.Actor(
        provider: "github", groups: [],
        claims: [
            "repository": .string("example/shop"), "ref": .string("refs/heads/main"), "run": .integer(-42),
            "protected": .bool(true), "environment": .absent, "labels": .list([.string("a"), .list([.integer(1)])]),
            "größe": .string("é\u{301}"),
        ],
        address: "2001:db8::1")

    static let shell = AuditEvent.Request(
        id: "01JD0Q2Z", role: "lab-shell", kind: .ssh, host: "web1.lab.example.com", logins: ["ana", "root"], lifetime: 10,
        reason: "INC-1", publicKey: key, keyType: "ed25519")

    /// Of a grant that `bo` was given: what each of its events says.
    static func access(_ change: (inout AuditEvent.Access) -> Void) -> AuditEvent.Access {
        var access = AuditEvent.Access(request: "k3x7mw2p4qza")
        change(&access)
        return access
    }

    private static var glass: AuditEvent.Request {
        var request = AuditEvent.Request(id: "01JD0Q32", role: "prod-debug", kind: .ssh)
        request.route = "break-glass"
        return request
    }

    static let requested = access {
        $0.request = nil
        $0.approvers = ["1 of group `sre-leads`", "2 of group `board`"]
        $0.counts = [1, 2]
        $0.signed = "touch"
        $0.recheck = "revoke"
        $0.wait = 1800
        $0.claimWithin = 600
        $0.duration = 3600
        $0.starts = later(600)
        $0.extends = "k3x7mw2p4qzb"
        $0.since = later(-3600)
        $0.until = later(10_800)
        $0.rights = ["principal deploy@zone:prod-web"]
        $0.restrictions = ["verify-required"]
    }

    static let all: [AuditEvent] = [
        AuditEvent(time: time, type: .authorityInitialized),
        AuditEvent(time: time, type: .policyLoaded, policy: policy, message: "6 roles, 9 rules"),
        AuditEvent(
            time: later(1), type: .policyLoaded, policy: policy,
            policySource: .init(
                commit: "0f3a12d0c4d1a5b0e7b6f4f8d9c2b3a417263549",
                signer: "ana@example.com with ED25519 key SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDWVWJPWwDHWFLCwJM")),
        AuditEvent(
            time: later(1.25), type: .policyRefused, policy: policy,
            message: "policies/web.yaml:3:5: unknown key `lifetme`, did you mean `lifetime`?"),
        AuditEvent(
            time: later(2), type: .loginAllowed, actor: ana, request: .init(id: "01JD0Q2X", publicKey: key),
            certificate: .init(
                kind: .session, serial: "5f1c0e6bb0d14a3f9a7c2f0e4d3b2a19", issuer: issuer, validAfter: time,
                validBefore: later(28_800))),
        AuditEvent(
            time: later(3), type: .loginDenied, actor: .init(provider: "local", user: "mallory", address: "198.51.100.9"),
            decision: .init(result: .deny, reasons: ["no such user", "ask an administrator"])),
        AuditEvent(
            time: time, type: .certificateIssued, actor: ana, request: shell, policy: policy,
            decision: .init(result: .allow, rule: "lab-for-engineers", narrowed: ["logins: `root` is not in role `lab-shell`"]),
            certificate: .init(
                kind: .ssh, serial: "12", issuer: issuer, keyID: "ana@example.com/lab-shell/lab-for-engineers",
                principals: ["ana@host:web1.lab.example.com"], validAfter: time, validBefore: later(10),
                options: ["permit-pty": "", "source-address": "192.0.2.17/32"],
                digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
        AuditEvent(
            time: later(4.001), type: .certificateIssued, actor: pipeline,
            request: .init(role: "deploy-shop", kind: .x509, names: ["uri:spiffe://example.com/shop"], lifetime: 86_400),
            policy: policy, decision: .init(result: .allow, rule: "ci-deploys"),
            certificate: .init(
                kind: .x509, serial: "0a0b0c0d0e0f10111213141516171819", issuer: issuer,
                names: ["uri:spiffe://example.com/shop"], validAfter: time, validBefore: later(86_400))),
        AuditEvent(
            time: later(5), type: .certificateDenied, actor: ana,
            request: .init(role: "prod-db", kind: .ssh, host: "db1.example.com", reason: "evil\u{1b}[2J\u{202e}\n\"\\"),
            policy: policy,
            decision: .init(result: .deny, rule: "nobody-on-db", reasons: ["denied by `nobody-on-db`", "see \u{9b}31m\u{7}"])),
        AuditEvent(
            time: later(5), type: .certificateDenied, actor: bo,
            request: .init(id: "01JD0Q31", role: "prod-debug", kind: .ssh, lifetime: 60, ticket: "CHG-7"), policy: policy,
            decision: .init(result: .approvalNeeded, rule: "developers-ask", reasons: ["1 of group `sre-leads` must approve"])),
        AuditEvent(
            time: later(5), type: .certificateDenied, actor: bo, request: glass, policy: policy,
            decision: .init(result: .deny, reasons: ["no rule gives you role `prod-debug` as break-glass"])),
        AuditEvent(
            time: later(5), type: .certificateDenied, actor: bo, request: .init(capability: "audit.read"), policy: policy,
            decision: .init(result: .deny, reasons: ["none of your roles has capability `audit.read`"])),
        AuditEvent(
            time: later(6), type: .certificateRevoked, actor: .init(provider: "local", user: "bo  deny  x\u{202e}"),
            request: .init(reason: "laptop lost"), certificate: .init(kind: .ssh, serial: "12", issuer: issuer)),
        AuditEvent(time: later(7), type: .sessionEnded, actor: ana),
        AuditEvent(
            time: later(7), type: .certificateReleased, actor: ana, request: .init(cause: "certificateHold", reason: "found"),
            certificate: .init(kind: .x509, serial: "0a", issuer: issuer)),
        AuditEvent(
            time: later(9), type: .accessRequested, actor: bo,
            request: .init(id: "01JD0Q40", role: "prod-debug", kind: .ssh, lifetime: 3600, reason: "INC-7\u{1b}"),
            policy: policy, decision: .init(result: .approvalNeeded, rule: "developers-ask"), access: requested),
        AuditEvent(
            time: later(10), type: .accessApproved, actor: ana, policy: policy,
            access: access {
                $0.steps = [0, 1]
                $0.duration = 1200
                $0.host = "web1.lab.example.com"
                $0.note = "go on"
                $0.signature = "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"
            }),
        AuditEvent(time: later(11), type: .accessDenied, actor: ana, policy: policy, access: access { $0.note = "no\u{202e}" }),
        AuditEvent(time: later(12), type: .accessCancelled, actor: bo, access: access { _ in }),
        AuditEvent(
            time: later(13), type: .accessVoided, policy: policy, access: access { $0.lost = ["ana@example.com", "cy d"] }),
        AuditEvent(
            time: later(13), type: .accessVoided, policy: policy,
            access: access {
                $0.lost = ["ana@example.com", "cy d"]
                $0.left = [[0, 2], []]
            }),
        AuditEvent(
            time: later(14), type: .accessClaimed, actor: bo, policy: policy, access: access { $0.until = later(90_000) }),
        AuditEvent(time: later(15), type: .accessEnded, actor: bo, access: access { _ in }),
        AuditEvent(time: later(16), type: .accessRevoked, actor: ana, access: access { $0.note = "wrong host" }),
        AuditEvent(
            time: later(16), type: .accessRevoked, policy: policy,
            access: access {
                $0.lost = ["ana@example.com"]
                $0.note = "the approval of `ana@example.com` no longer counts"
            }),
        AuditEvent(
            time: later(17), type: .accessReviewed, actor: ana,
            access: access {
                $0.verdict = "flagged"
                $0.note = "no incident"
            }),
        AuditEvent(
            time: later(18), type: .accessRequested, actor: bo, request: .init(id: "01JD0Q41", role: "prod-root", kind: .ssh),
            policy: policy, decision: .init(result: .approvalNeeded, rule: "break-glass"),
            access: access {
                $0.request = nil
                $0.approvers = []
                $0.counts = []
                $0.reviewers = "group `security`"
                $0.reviewWithin = 86_400
            }),
        AuditEvent(
            time: later(19), type: .accessRequested, actor: bo, request: .init(id: "01JD0Q42", role: "prod-debug", kind: .ssh),
            policy: policy, decision: .init(result: .approvalNeeded, rule: "oncall-debugs"),
            access: access {
                $0.request = nil
                $0.approvers = []
                $0.counts = []
                $0.rule = "oncall-debugs"
            }),
        AuditEvent(time: later(19), type: .accessApproved, policy: policy, access: access { $0.rule = "oncall debugs" }),
        AuditEvent(
            time: later(7.5), type: .sessionEnded, actor: ana, request: .init(reason: "laptop lost"),
            certificate: .init(
                kind: .session, serial: "57a63f2b2b376ce395899d7b806c0468", issuer: issuer, names: ["CN=bo@example.com"],
                validBefore: later(28_800))),
        AuditEvent(
            time: time, type: .clockAccepted, actor: .init(provider: "console", user: "root"),
            clock: .init(from: later(31_536_000), to: time), message: "the last event is of a wrong clock"),
        AuditEvent(time: later(8), type: .keyUsed, key: .init(fingerprint: issuer, purpose: "checkpoint")),
        AuditEvent(
            time: later(6), type: .tokenCreated, actor: ana,
            request: .init(id: "01JD0Q40", role: "web-host", kind: .sshHost, host: "web*.lab.example.com", lifetime: 3600),
            policy: policy, message: "token 5f1c0e6bb0d14a3f"),
        AuditEvent(
            time: later(6.5), type: .tokenCancelled, actor: ana,
            request: .init(
                id: "01JD0Q43", role: "web-server", kind: .x509, names: ["DNS:web1.example.com"], reason: "mailed to a list"),
            policy: policy, message: "token 7a3b0e6bb0d14a3f"),
        AuditEvent(
            time: later(7), type: .hostRemoved, actor: ana,
            request: .init(id: "01JD0Q41", role: "web-host", host: "web1.lab.example.com", reason: "decommissioned"),
            policy: policy, certificate: .init(kind: .sshHost, serial: "17", issuer: issuer)),
        AuditEvent(
            time: later(8), type: .sshSessionEnded, actor: web1,
            request: .init(
                id: "01JD0Q42", role: "web-host", host: "web1.lab.example.com", logins: ["ana"], reason: "revoked"),
            certificate: .init(kind: .ssh, serial: "12", issuer: issuer), message: "killed"),
        AuditEvent(
            time: later(8), type: .sshSessionOpen, actor: web1,
            request: .init(
                id: "01JD0Q42", role: "web-host", host: "web1.lab.example.com", logins: ["ana"],
                reason: "no log of sshd tells"), message: "undetermined"),
        keyEvent(.keyPrepared), keyEvent(.keyActivated, "in place of SHA256:Hm3pX0b8kTz4rQ6vY1sWc9dLaEj2nUo7fGi5yKxRtBM"),
        keyEvent(.keyRetired), keyEvent(.keyRevoked, "forced without regard to: web1.lab.example.com"),
    ]

    private static func keyEvent(_ type: AuditEvent.Kind, _ message: String? = nil) -> AuditEvent {
        AuditEvent(
            time: later(8), type: type, actor: ana, request: .init(id: "01JD0Q42", reason: "every year"), policy: policy,
            key: .init(fingerprint: issuer, purpose: "ssh-user"), message: message)
    }
}
