// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// What a monitor reads, as a monitor reads it.
@Suite(.timeLimit(.minutes(15))) struct MetricsTests {
    /// One scrape, read strictly after the grammar of the text format 0.0.4.
    private struct Scrape {
        var kinds: [String: String] = [:]
        /// By name and labels as they are written.
        var samples: [String: Int64] = [:]

        init(_ text: String) throws {
            try #require(text.hasSuffix("\n"))
            var (helped, family) = (Set<String>(), "")
            for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
                if let help = line.wholeMatch(of: /# HELP ([a-z][a-z0-9_]*) (\S.*\.)/) {
                    try #require(helped.insert(String(help.1)).inserted, "\(line)")
                    family = String(help.1)
                } else if let type = line.wholeMatch(of: /# TYPE ([a-z][a-z0-9_]*) (gauge|counter)/) {
                    try #require(String(type.1) == family && kinds[family] == nil, "\(line)")
                    kinds[family] = String(type.2)
                    try #require((type.2 == "counter") == family.hasSuffix("_total"), "\(line)")
                } else {
                    let label = /[a-z_]+="(?:[^"\\\n]|\\["\\n])*"/
                    let sample = try #require(
                        line.wholeMatch(of: /([a-z][a-z0-9_]*)(\{.*\})? (-?[0-9]+)/), "\(line)")
                    try #require(String(sample.1) == family && kinds[family] != nil, "\(line)")
                    if let labels = sample.2?.dropFirst().dropLast() {
                        try #require(labels.replacing(label, with: "L").allSatisfy { "L,".contains($0) }, "\(line)")
                    }
                    let value = try #require(Int64(sample.3), "\(line)")
                    try #require(samples.updateValue(value, forKey: family + (sample.2 ?? "")) == nil, "\(line)")
                }
            }
            try #require(Set(kinds.keys) == helped)
        }
    }

    private func scrape(_ caller: Caller) async throws -> (text: String, Scrape) {
        let reply = try await caller.call("GET", Paths.metrics, withSession: false)
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        let text = String(decoding: reply.body, as: UTF8.self)
        return (text, try Scrape(text))
    }

    @Test func `which policies are live, since when, and what they decided`() async throws {
        let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: ["engineers"])
        try await MayflyCA.withSession(.init(people: [bo])) { caller in
            let (_, before) = try await scrape(caller)
            let digest = try #require(try await caller.call("GET", Paths.status).json["policy_digest"] as? String)
            #expect(before.samples["mayfly_policy_info{digest=\"\(digest)\",commit=\"\"}"] == 1)
            let rules = try #require(try await caller.call("GET", Paths.status).json["policy_rules"] as? Int)
            #expect(
                before.samples.filter { $0.key.hasPrefix("mayfly_policy_rules{") }.values.reduce(0, +) == Int64(rules)
                    && rules > 0)
            #expect(before.samples["mayfly_policy_reads_total{result=\"success\"}"] == 1)
            #expect(before.samples["mayfly_policy_reads_total{result=\"failure\"}"] == 0)
            let loaded = try #require(before.samples["mayfly_policy_loaded_timestamp_seconds"])
            #expect(abs(Double(loaded) - Date().timeIntervalSince1970) < 600)
            #expect(before.samples["mayfly_policy_last_read_success_timestamp_seconds"] == loaded)

            try await caller.ca.logIn(as: bo.name)
            let session = try caller.session(of: bo.name)
            let refused = try await caller.call(
                "POST", Paths.policyReloads, body: "{}", certificate: (session, session))
            #expect(refused.status == 403)
            _ = try await caller.post(Paths.policyReloads, [:])
            let (text, after) = try await scrape(caller)
            func counted(_ outcome: String, _ scrape: Scrape) -> Int64? {
                scrape.samples["mayfly_decisions_total{outcome=\"\(outcome)\"}"]
            }
            #expect(counted("deny", after) == counted("deny", before).map { $0 + 1 })
            #expect(counted("allow", after) == counted("allow", before))
            #expect(counted("approval-needed", after) == 0)
            #expect(after.samples["mayfly_policy_reads_total{result=\"success\"}"].map { $0 >= 2 } == true)
            // Open to anyone: neither people nor what the policies say.
            for name in ["example.com", "bo@", "engineers"] { #expect(!text.contains(name), "\(name)") }
        }
    }

    static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/promtool" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: promtool != nil, "needs promtool, of Debian's package prometheus"))
    func `Prometheus itself has nothing against it`() async throws {
        try await MayflyCA.withSession { caller in
            let directory = try TemporaryDirectory()
            let file = try directory.write(try await scrape(caller).text, to: "metrics")
            let check = try await run(
                "/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", try #require(Self.promtool), file])
            #expect(check.status == 0 && check.stdout.isEmpty && check.stderr.isEmpty, "\(check.stdout)\(check.stderr)")
        }
    }
}
