// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Reading policies again: all or nothing, and never without an administrator.
@Suite(.timeLimit(.minutes(10)))
struct PolicyReloadTests {
    private func metric(_ name: String, of lab: Lab) async throws -> String? {
        try await run("curl", ["-sk", lab.ca.url + "/metrics"]).checked().stdout.split(separator: "\n")
            .first { $0.hasPrefix("mayfly_\(name) ") }.map { String($0.dropFirst("mayfly_\(name) ".count)) }
    }

    @Test func `a reload says at once what is wrong; status and metrics say it until it is mended`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            #expect(try await metric("policy_refused", of: lab) == "0")
            #expect(try await metric("policy_last_read_failure_timestamp_seconds", of: lab) == "0")
            try lab.work.write(TestPolicy.x509 + "\nzoness: {}\n", to: "policies/policy.yaml")
            let reload = try await lab.ca.mayfly(["policy", "reload"])
            #expect(reload.status == 1)
            #expect(reload.stderr.contains(/policy\.yaml:\d+:\d+: .*`zoness`.*did you mean `zones`/), "\(reload.stderr)")
            #expect(try await lab.mayfly(["status"]).stdout.contains("zoness"))
            #expect(try await metric("policy_refused", of: lab) == "1")
            let failed = try #require(
                try await metric("policy_last_read_failure_timestamp_seconds", of: lab).flatMap { Int($0) })
            #expect(failed > 1_700_000_000)
            let refusals = try #require(try await metric("policy_reads_total{result=\"failure\"}", of: lab).flatMap { Int($0) })
            #expect(refusals >= 1)

            try lab.work.write(TestPolicy.x509, to: "policies/policy.yaml")
            try await lab.mayfly(["policy", "reload"])
            #expect(try await metric("policy_refused", of: lab) == "0")
            // That it was refused stays known after it is mended.
            #expect(try await metric("policy_last_read_failure_timestamp_seconds", of: lab) != "0")
            let status = try await lab.mayfly(["status"]).stdout
            #expect(status.contains(" rules, loaded ") && !status.contains("zoness"), "\(status)")
        }
    }

    @Test func `a set under which nobody could administer is refused`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let others = TestPolicy.x509.replacing("who: {groups: [admins]}", with: "who: {users: [eve@example.com]}")
            #expect(others != TestPolicy.x509)
            try lab.work.write(others, to: "policies/policy.yaml")
            let reload = try await lab.ca.mayfly(["policy", "reload"])
            #expect(reload.status == 1)
            #expect(reload.stderr.contains("no local user would have"), "\(reload.stderr)")
            #expect(reload.stderr.contains("policies.reload"), "\(reload.stderr)")
        }
    }

    @Test func `a networks condition on administrators is no lock-out`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let narrower = TestPolicy.x509.replacing(
                "who: {groups: [admins]}", with: "networks: [127.0.0.0/8]\n    who: {groups: [admins]}")
            try lab.work.write(narrower, to: "policies/policy.yaml")
            try await lab.mayfly(["policy", "reload"])
        }
    }

    @Test func `who lacks the capability reloads nothing`() async throws {
        let bo = MayflyCA.Person("bo@example.com", login: "bo")
        try await Lab.open(policy: TestPolicy.x509, people: [bo]) { lab in
            try await lab.ca.logIn(as: bo.name)
            let reload = try await lab.ca.mayfly(["policy", "reload"], home: lab.ca.home(of: bo.name))
            #expect(reload.status == 2)
            #expect(reload.stderr.contains("none of your roles has capability `policies.reload`"), "\(reload.stderr)")
            #expect(
                reload.stderr.contains(
                    /mayfly:   · policies\/policy\.yaml:\d+ \(`admins-do-all`\) does not apply: you are not in/))
            #expect(reload.stderr.hasSuffix("hint: whoever may change policies/policy.yaml can change this\n"))
        }
    }
}
