// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// What must be refused with a clear word, of all that has to do with access requests.
@Suite struct AccessRequestTests {
    private static let policy = """
        version: 1
        zones: {lab: {hosts: [localhost]}}
        roles:
          prod: {ssh: {logins: [deploy], zones: [lab]}}
          free: {ssh: {logins: [deploy], zones: [lab]}}
          rescue: {ssh: {logins: [root], zones: [lab]}}
          names: {x509: {usage: [client], common_name: app}}
        allow:
          - id: ask
            who: {everyone: true}
            roles: [prod, names]
            lifetime: {max: 1h}
            approval: {steps: [{by: {groups: [admins]}}], grant: 2h}
          - id: glass
            who: {everyone: true}
            roles: [rescue]
            lifetime: {max: 1h}
            approval: {review: {by: {groups: [admins]}, within: 1d}}
          - {id: free, who: {everyone: true}, roles: [free], lifetime: {max: 1h}}
          - {id: reviewed-only, who: {groups: [nobody]}, roles: [prod], lifetime: {max: 1h}}
        """

    private func withCaller(policy: String = policy, _ body: (Caller) async throws -> Void) async throws {
        let work = try TemporaryDirectory()
        defer { work.close() }
        var configuration = MayflyCA.Configuration()
        configuration.policies = try work.makeDirectory("policies")
        try work.write(policy, to: "policies/policy.yaml")
        try await MayflyCA.withSession(configuration, body)
    }

    @Test func `the page that a notification leads to is the same for everybody and every request`() async throws {
        try await withCaller { caller in
            let asked = try await caller.call("POST", Paths.accessRequests, body: #"{"role":"prod"}"#)
            let id = try #require(asked.json["id"] as? String)
            let page = try await caller.call("GET", "/requests/\(id)", withSession: false)
            #expect(page.status == 200)
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            #expect(page.header("content-security-policy")?.contains("default-src 'none'") == true)
            #expect(page.text.contains("mayfly approve \(id)"))
            let none = String(repeating: "a", count: 12)
            let other = try await caller.call("GET", "/requests/\(none)", withSession: false)
            #expect(other.status == 200)
            #expect(other.text.replacing(none, with: id) == page.text)
            for wrong in ["A", "x%3Cscript%3E", id + "a", id + "/approvals"] {
                #expect(try await caller.call("GET", "/requests/\(wrong)", withSession: false).status == 404, "\(wrong)")
            }
            #expect(try await caller.call("POST", "/requests/\(id)", body: "{}").status == 405)
        }
    }

    @Test func `requests that cannot be are refused, each with its reason`() async throws {
        try await withCaller { caller in
            let table: [(String, Int, String)] = [
                ("{}", 400, "`role` is missing"), (#"{"role":"prod","fore":60}"#, 400, "unknown member `fore`"),
                (#"{"role":"prod","duration":0}"#, 422, "longer than nothing"),
                (#"{"role":"prod","duration":-1}"#, 422, "longer than nothing"),
                (#"{"role":"prod","host":"LOCALHOST"}"#, 422, "capitals"),
                (#"{"role":"prod","host":"elsewhere.org"}"#, 403, "in none of its zones"),
                (#"{"role":"prod","logins":["root"]}"#, 403, "not among its logins"),
                (#"{"role":"prod","kind":"x509"}"#, 403, "not X.509 certificates"),
                (#"{"role":"prod","kind":"session"}"#, 422, "none that can be asked for"),
                (#"{"role":"prod","kind":"ssh-host"}"#, 400, "`host` is missing"),
                (#"{"role":"prod","names":["a"]}"#, 400, "`names` are for `x509`"),
                (#"{"role":"names","kind":"x509","host":"localhost"}"#, 400, "`host` is for SSH"),
                (#"{"role":"prod","starts":"tomorrow"}"#, 422, "is not a time"),
                (#"{"role":"prod","starts":"2020-01-01T00:00:00Z"}"#, 422, "in the past"),
                (#"{"role":"prod","reason":"a\nb"}"#, 422, "one line of visible characters"),
                (#"{"role":"none"}"#, 403, "there is no role `none`"), (#"{"role":"free"}"#, 409, "nobody needs to approve it"),
                (#"{"role":"rescue"}"#, 409, "as break-glass"),
                (#"{"role":"prod","break_glass":true}"#, 403, "as break-glass"),
                (#"{"extends":"aaaaaaaaaaaa"}"#, 404, "there is no access request"),
                (#"{"extends":"../../x"}"#, 404, "there is no access request"),
                (#"{"extends":"aaaaaaaaaaaa","role":"prod"}"#, 400, "`role` is that of the grant"),
            ]
            for (body, status, detail) in table {
                let reply = try await caller.call("POST", Paths.accessRequests, body: body)
                #expect(reply.status == status, "\(body): \(reply.status) \(reply.detail)")
                #expect(reply.detail.contains(detail), "\(body): \(reply.detail)")
                #expect(reply.header("content-type") == "application/problem+json", "\(body)")
            }
            let list = try await caller.call("GET", Paths.accessRequests)
            #expect((list.json["requests"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func `what is only to be said why is asked for in a form that programs read`() async throws {
        let reasons = Self.policy.replacing(
            "    approval: {steps: [{by: {groups: [admins]}}], grant: 2h}",
            with: "    reason: {required: true, pattern: '^INC-'}\n    ticket: {required: true}\n"
                + "    approval: {steps: [{by: {groups: [admins]}}], grant: 2h}")
        try await withCaller(policy: reasons) { caller in
            let refused = try await caller.call("POST", Paths.accessRequests, body: #"{"role":"prod"}"#)
            #expect(refused.status == 403, "\(refused.detail)")
            #expect(
                refused.json["hint"] as? String == "add `--reason …`, one that matches `^INC-`, and `--ticket …`",
                "\(refused.json)")
            let explanation = try #require(refused.json["explanation"] as? [String: Any])
            let missing = try #require(explanation["missing"] as? [[String: String]])
            #expect(missing == [["what": "reason", "pattern": "^INC-"], ["what": "ticket"]])
            // What is said and does not do is not what is missing.
            let wrong = try await caller.call(
                "POST", Paths.accessRequests, body: #"{"role":"prod","reason":"because","ticket":"T-1"}"#)
            #expect(wrong.status == 403)
            #expect((wrong.json["explanation"] as? [String: Any])?["missing"] == nil)
            let asked = try await caller.call(
                "POST", Paths.accessRequests, body: #"{"role":"prod","reason":"INC-1","ticket":"T-1"}"#)
            #expect(asked.status == 201, "\(asked.detail)")
        }
    }

    @Test func `decisions that cannot be are refused, each with its reason`() async throws {
        try await withCaller { caller in
            let asked = try await caller.post(Paths.accessRequests, ["role": "prod", "reason": "INC-1"])
            #expect(asked.status == 201, "\(asked.detail)")
            let id = try #require(asked.json["id"] as? String)
            func path(_ template: String) -> String { template.replacing("{id}", with: id) }
            let table: [(String, String, Int, String)] = [
                (Paths.accessApprovals, "{}", 403, "nobody decides about their own request"),
                (Paths.accessApprovals, #"{"duration":"1h"}"#, 400, "`duration` is of the wrong type"),
                (Paths.accessDenials, "{}", 400, "`note` is missing"),
                (Paths.accessDenials, #"{"note":"no"}"#, 403, "nobody decides about their own request"),
                (Paths.accessDenials, #"{"note":""}"#, 422, "one line of visible characters"),
                (Paths.accessReview, #"{"verdict":"fine","note":"x"}"#, 409, "nothing to review"),
                (Paths.accessReview, #"{"verdict":"good","note":"x"}"#, 400, "`verdict`"),
                (Paths.grantEnd, "{}", 409, "this is not in use, but pending"),
                (Paths.grantEnd, #"{"now":true}"#, 400, "unknown member `now`"),
                (Paths.grantRevocation, #"{"note":"no"}"#, 403, "nobody decides about their own request"),
            ]
            for (template, body, status, detail) in table {
                let reply = try await caller.call("POST", path(template), body: body)
                #expect(reply.status == status, "\(template) \(body): \(reply.status) \(reply.detail)")
                #expect(reply.detail.contains(detail), "\(template) \(body): \(reply.detail)")
            }
            // Who waits is answered in the end, and by the one authentication there is.
            let begin = ContinuousClock.now
            let waited = try await caller.call("GET", path(Paths.accessRequest) + "?wait=1")
            #expect(waited.status == 200 && ContinuousClock.now - begin >= .seconds(1))
            #expect((waited.json["access"] as? [String: Any])?["state"] as? String == "pending")
            for wait in ["x", "-1", "1.5"] {
                #expect(try await caller.call("GET", path(Paths.accessRequest) + "?wait=\(wait)").status == 400, "\(wait)")
            }
            #expect(try await caller.call("GET", path(Paths.accessRequest) + "?wait=1", withSession: false).status == 401)
            // It stands as it stood, and is withdrawn once.
            #expect(try await caller.call("GET", path(Paths.accessRequest)).status == 200)
            #expect(try await caller.call("POST", path(Paths.accessCancellation), body: "{}").status == 200)
            #expect(try await caller.call("POST", path(Paths.accessCancellation), body: "{}").status == 409)
        }
    }

    @Test(arguments: ["aaaaaaaaaaaa", "x", "AAAAAAAAAAAA", "%2e%2e", "aaaaaaaaaaaa%00", "%7Bid%7D"])
    func `an id that is none is not found, and finds nothing else`(id: String) async throws {
        try await withCaller { caller in
            for template in [Paths.accessRequest, Paths.accessApprovals, Paths.grantEnd] {
                let method = template == Paths.accessRequest ? "GET" : "POST"
                let reply = try await caller.call(
                    method, template.replacing("{id}", with: id), body: method == "GET" ? nil : "{}")
                #expect(reply.status == 404, "\(template): \(reply.status) \(reply.detail)")
            }
        }
    }

    @Test func `what needs approval says what to ask for`() async throws {
        try await withCaller { caller in
            let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
            let reply = try await caller.post(Paths.sshCertificates, ["role": "prod", "public_key": key])
            #expect(reply.status == 403)
            #expect(reply.problem == "approval-needed")
            let approval = try #require(reply.json["approval"] as? [String: Any])
            #expect(approval["role"] as? String == "prod")
            #expect(approval["duration"] as? Int == 7200)
            #expect(approval["lifetime"] as? Int == 3600)
            #expect(reply.json["hint"] as? String == "ask with `mayfly request prod --for 1h --reason …`")
            // And why, as `policy explain` has it: whether a certificate is wanted, or only the answer.
            let preview = try await caller.post(Paths.sshCertificatePreviews, ["role": "prod", "public_key": key])
            for reply in [reply, preview] {
                #expect(reply.problem == "approval-needed")
                let explanation = try #require(reply.json["explanation"] as? [String: Any])
                #expect(explanation["decision"] as? String == "approval-needed")
                let text = try #require(explanation["text"] as? String)
                let (summary, place) = (try #require(explanation["summary"] as? String), "policies/policy.yaml")
                #expect(text.hasPrefix(summary + "\n  ✔ \(place):"))
                #expect(summary.contains("(`ask`) for 1h after approval: 1 of group `admins` must approve"))
                #expect(text.contains("(`reviewed-only`) does not apply: you are not in group `nobody`\n"))
                #expect(text.hasSuffix("\nwhoever may change \(place) can change this\n"))
                let steps = try #require(explanation["steps"] as? [[String: Any]])
                #expect(steps.map { $0["rule"] as? String } == ["ask", "reviewed-only"])
                #expect(steps.map { $0["applies"] as? Bool } == [true, false])
                #expect(steps[1]["because"] as? [String] == ["you are not in group `nobody`"])
            }
            let named = try await caller.post(
                Paths.sshCertificates, ["role": "free", "public_key": key, "grant": "aaaaaaaaaaaa"])
            #expect(named.status == 409)
        }
    }
}
