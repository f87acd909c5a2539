// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly policy replay` over the log of a real server and over a file.
@Suite(.timeLimit(.minutes(10)))
struct PolicyReplayCommandTests {
    private struct Report: Decodable {
        let decisions: Int
        let unchanged: Int
        let undecidable: Int
        let changes: [Change]

        struct Change: Decodable {
            let change: String
            let count: Int
        }

        func count(_ change: String) -> Int { changes.first { $0.change == change }?.count ?? 0 }
    }

    @Test func `what was issued and refused is decided again`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            _ = try await lab.x509("client")
            _ = try await lab.x509("server")
            #expect(try await lab.ca.mayfly(["certificates", "--user", "eve@example.com"]).status == 2)
            let same = try await lab.mayfly(["policy", "replay", lab.work.file("policies"), "--json"])
            let unchanged = try JSONDecoder().decode(Report.self, from: Data(same.outputBytes))
            #expect(unchanged.decisions == 3)
            #expect(unchanged.unchanged == 3)

            try lab.work.makeDirectory("next")
            let next = TestPolicy.x509.replacing("max: 8h", with: "max: 15m").replacing(
                "roles: [client, ", with: "roles: ["
            ).replacing("[audit.read,", with: "[audit.read, certificates.read,")
            try lab.work.write(next, to: "next/policy.yaml")
            let changed = try await lab.ca.mayfly(["policy", "replay", lab.work.file("next")])
            #expect(changed.status == 1)
            #expect(changed.stdout.contains("1 would now be refused"), "\(changed.stdout)")
            #expect(changed.stdout.contains("1 would now be allowed"), "\(changed.stdout)")
            #expect(changed.stdout.contains("no rule gives role `client`"), "\(changed.stdout)")

            let log = try await lab.mayfly(["audit", "tail", "--json", "-n", "1000"]).stdout
            let file = try lab.work.write(log + "nonsense\n", to: "log")
            let fromFile = try await lab.ca.mayfly(["policy", "replay", lab.work.file("next"), "--log", file, "--json"])
            let report = try JSONDecoder().decode(Report.self, from: Data(fromFile.outputBytes))
            #expect(report.count("now-refused") == 1)
            #expect(report.count("now-allowed") == 1)
            #expect(report.undecidable == 1)
        }
    }

    @Test func `what is older than --since is left out`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            _ = try await lab.x509("client")
            try await Task.sleep(for: .seconds(2.1))
            let policies = lab.work.file("policies")
            let recent = try await lab.mayfly(["policy", "replay", policies, "--since", "1s", "--json"])
            #expect(try JSONDecoder().decode(Report.self, from: Data(recent.outputBytes)).decisions == 0)
            let all = try await lab.mayfly(["policy", "replay", policies, "--since", "1h", "--json"])
            #expect(try JSONDecoder().decode(Report.self, from: Data(all.outputBytes)).decisions == 1)
        }
    }

    @Test func `JUnit XML of policy tests is well-formed and names file, line and difference`() async throws {
        let directory = try TemporaryDirectory()
        let failing = """

            tests:
              - it: expects "too" <much> & more
                who: {user: eve@example.com}
                asks: {role: client}
                expect: {allow: admins-do-all}
            """
        try directory.write(TestPolicy.x509 + failing, to: "policy.yaml")
        let xml = directory.file("report.xml")
        #expect(try await run(MayflyCA.binary, ["policy", "test", directory.path, "--junit", xml]).status == 1)
        let script = """
            import sys, xml.etree.ElementTree as tree
            case = tree.parse(sys.argv[1]).getroot().find("testsuite/testcase")
            print(case.get("name")); print(case.get("line")); print(case.find("failure").get("message"))
            """
        let read = try await run("python3", ["-c", script, xml]).checked().stdout.split(separator: "\n")
        #expect(read.first == "expects \"too\" <much> & more")
        #expect(read.dropFirst(2).first?.contains("expected rule `admins-do-all` to allow it") == true, "\(read)")
    }
}
