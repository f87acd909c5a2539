// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import TestSupport
import Testing

@testable import AccessReviews

@Suite struct ReviewTests {
    private static let text = """
        version: 1
        zones: {web: {hosts: ["web*.example.com"]}, db: {hosts: ["db.example.com"]}}
        windows: {office: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
        groups:
          # Who keeps the site up.
          sre:
            members:
              - ana@example.com
              - bo@example.com   # on leave
              - cy@example.com
          dba: {members: [ana@example.com, dan@example.com]}
          oncall: {members: [bo@example.com, cy@example.com]}
        roles:
          web: {ssh: {logins: ["{user.login}", deploy], zones: [web]}}
          db: {ssh: {logins: [postgres], zones: [db]}}
          batch: {ssh: {logins: [batch], zones: [db]}}
          rescue: {ssh: {logins: [root], zones: [web, db]}}
          auditor: {capabilities: [audit.read]}
        allow:
          - {id: sre-web, who: {groups: [sre]}, roles: [web], during: office, lifetime: {max: 8h}}
          - id: named-db  # until the migration is over
            who: {users: [eve@example.com, ana@example.com, "*@partner.example"]}
            roles: [db, batch]
            lifetime: {max: 1h}
          # Nobody has needed this for long.
          - id: dba-batch
            who: {groups: [dba]}
            roles: [batch]
            lifetime: {max: 1h}
          - id: dba-asks
            who: {groups: [dba]}
            roles: [db]
            lifetime: {max: 1h}
            reason: {required: true}
            approval: {steps: [{by: {groups: [leads]}}]}
          - id: glass
            who: {groups: [oncall]}
            roles: [rescue]
            lifetime: {max: 1h}
            approval: {review: {by: {groups: [leads]}, within: 1d}}
          - {id: leads-audit, who: {groups: [leads]}, roles: [auditor]}
        """

    private static let files = [PolicyFile(name: "policies/access.yaml", text: text)]
    private static let ana = person("ana@example.com")
    private static let bo = person("bo@example.com")
    private static let cy = person("cy@example.com")
    private static let dan = person("dan@example.com")
    private static let lea = person("lea@example.com", groups: ["leads"])
    private static let people = [ana, bo, cy, dan, lea, person("eve@example.com")]

    private static func set() throws -> PolicySet { try PolicySet.load(files) }

    /// A hundred days: ana works, bo did until the period began, dan asks, cy breaks the glass, one who left used it.
    private static func log(_ set: PolicySet) throws -> SampleLog {
        var log = SampleLog()
        try log.load(set, at: now - 100 * day, commit: String(repeating: "ab", count: 20))
        let monday = Date(timeIntervalSince1970: 1_794_909_600)  // 2026-11-17T10:00:00Z
        for week in [2.0, 1] { try log.issue("web", to: bo, under: set, at: monday - 70 * day - week * 7 * day) }
        let gus = person("gus@partner.example", provider: "partner")
        try log.logIn(gus, at: now - 40 * day)
        try log.issue("db", to: gus, under: set, at: now - 40 * day)
        let asked = try log.ask("db", by: dan, under: set, at: now - 30 * day, reason: "INC-1 | <b>slow</b>")
        try log.happen(.accessApproved, to: asked, by: lea, at: now - 30 * day + 60) { $0.steps = [0] }
        try log.happen(.accessClaimed, to: asked, by: dan, at: now - 30 * day + 120) {
            $0.until = AuditTime(now - 30 * day + 3720)
        }
        try log.issue("db", to: dan, under: set, at: now - 30 * day + 120, reason: "INC-1 | <b>slow</b>", grant: asked)
        for (ago, note) in [(20.0, "=it burned"), (3.0, nil)] as [(Double, String?)] {
            let glass = try log.ask(
                "rescue", by: cy, under: set, at: now - ago * day, reason: "INC-2", reviewers: "group `leads`")
            try log.happen(.accessClaimed, to: glass, by: cy, at: now - ago * day + 30) {
                $0.until = AuditTime(now - ago * day + 3630)
            }
            try log.issue("rescue", to: cy, under: set, at: now - ago * day + 30, grant: glass)
            guard let note else { continue }
            try log.happen(.accessReviewed, to: glass, by: lea, at: now - ago * day + 7200) {
                ($0.verdict, $0.note) = ("flagged", note)
            }
            try log.issue("db", to: ana, under: set, at: now - 10 * day)
        }
        for user in [ana, cy, ana, ana] {
            try log.issue("web", to: user, under: set, at: monday, host: "web1.example.com", lifetime: .seconds(3600))
        }
        let waiting = try log.ask("db", by: ana, under: set, at: now - 60, reason: "INC-3")
        #expect(!waiting.isEmpty)
        return log
    }

    private static func access() throws -> ReviewedAccess {
        let set = try set()
        return try log(set).access(set, from: now - 60 * day, people: people)
    }

    private static func golden(_ name: String, _ actual: String) throws {
        let file = fixtures.appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try Data(actual.utf8).write(to: file) }
        #expect(actual == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    /// - Parameter ago: days since the first of the two approvals; the second is of today.
    @Test(arguments: [(29.0, 1), (31.0, 0)])
    func `two who approved each other's requests are counted and named`(ago: Double, count: Int) throws {
        let set = try Self.set()
        var log = SampleLog()
        try log.load(set, at: now - 100 * day)
        let requests = try [(Self.ana, Self.dan, ago), (Self.dan, Self.ana, 0.5), (Self.dan, Self.lea, 3)].map { who, by, ago in
            let id = try log.ask("db", by: who, under: set, at: now - ago * day, reason: "INC-1")
            try log.happen(.accessApproved, to: id, by: by, at: now - ago * day + 60) { $0.steps = [0] }
            return id
        }
        let review = log.access(set, from: now - 10 * day, people: Self.people).review
        #expect(review.counts.mutualApprovals == count)
        #expect(review.mutual.map(\.people) == (count == 1 ? [["ana@example.com", "dan@example.com"]] : []))
        #expect(review.mutual.map(\.requests) == (count == 1 ? [requests.prefix(2).sorted()] : []))
        let words = "ana@example.com and dan@example.com approved each other's requests."
        #expect(review.markdown.contains(words) == (count == 1))
    }

    @Test func `the report is what it was`() throws {
        let review = try Self.access().review
        try Self.golden("review.md", review.markdown)
        try Self.golden("review.csv", review.csv)
    }

    private static func status(_ who: String, _ rule: String, _ role: String, _ review: AccessReview) -> AccessReview.Status? {
        review.rights.first { $0.who == "\(who)@example.com" && $0.rule == rule && $0.role == role }?.status
    }

    @Test func `what was used, asked for, or not known is not called unused`() throws {
        let review = try Self.access().review
        #expect(Self.status("ana", "sre-web", "web", review) == .used)
        #expect(Self.status("bo", "sre-web", "web", review) == .unused)
        #expect(Self.status("cy", "glass", "rescue", review) == .used)
        #expect(Self.status("dan", "dba-asks", "db", review) == .used)
        #expect(Self.status("ana", "dba-asks", "db", review) == .used)
        #expect(Self.status("eve", "named-db", "db", review) == .unused)
        #expect(Self.status("lea", "leads-audit", "auditor", review) == .notRecorded)
        #expect(review.counts.reviewsOverdue == 1)
        #expect(review.counts.reviewsFlagged == 1)
        #expect(review.open.map(\.state) == ["pending"])
        // Somebody from a provider is known from the log, and holds what the policy gives to all of a domain.
        #expect(review.rights.contains { $0.who == "gus@partner.example" && $0.role == "db" && $0.status == .used })
    }

    @Test func `a log that is younger than the period calls nothing unused`() throws {
        let set = try Self.set()
        let review = try Self.log(set).access(set, from: now - 120 * day, people: Self.people).review
        #expect(review.counts.unused == 0)
        #expect(review.counts.notLongEnough > 0)
        #expect(review.scope.covered < review.scope.unusedFor)
        #expect(review.markdown.contains("The log is younger than the period"))
        #expect(review.unusedRights(log: try Self.log(set).reviewed(set, from: now - 120 * day)).unused.isEmpty)
    }

    @Test func `a right that is younger than the period is not called unused`() throws {
        let set = try Self.set()
        let before = try PolicySet.load([
            PolicyFile(name: "policies/access.yaml", text: Self.text.replacing("eve@example.com, ", with: ""))
        ])
        let log = try Self.log(set)
        let known = log.access(set, from: now - 60 * day, people: Self.people, baseline: .other(before)).review
        #expect(Self.status("eve", "named-db", "db", known) == .notLongEnough)
        #expect(Self.status("bo", "sre-web", "web", known) == .unused)
        let unknown = log.access(set, from: now - 60 * day, people: Self.people, baseline: .unknown).review
        #expect(unknown.counts.unused == 0)
        #expect(unknown.undetermined.contains { $0.contains("those from before are not known") })
    }

    @Test func `who left the user file has nothing, and is named`() throws {
        let set = try Self.set()
        let log = try Self.log(set)
        let review = log.access(set, from: now - 60 * day, people: Self.people.filter { $0.user != "cy@example.com" }).review
        #expect(!review.rights.contains { $0.who == "cy@example.com" })
        #expect(review.formerUses.contains { $0.who == "cy@example.com" && $0.rule == "glass" })
        #expect(review.undetermined.contains { $0.contains("in the user file no longer") && $0.contains("cy@example.com") })
    }

    @Test func `what is still valid is counted, and what was revoked is not`() throws {
        let set = try Self.set()
        var log = SampleLog()
        try log.load(set, at: now - 100 * day)
        try log.issue("db", to: person("eve@example.com"), under: set, at: now - 60)
        try log.issue("db", to: person("eve@example.com"), under: set, at: now - 50)
        try log.revokeLast(at: now - 40)
        try log.issue("db", to: person("eve@example.com"), under: set, at: now - 7200)
        let review = log.access(set, from: now - day, people: Self.people).review
        #expect(review.counts.liveCertificates == 1)
    }

    @Test func `python reads the CSV back`() async throws {
        let review = try Self.access().review
        let program = """
            import csv, json, sys
            print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))))
            """
        let directory = try TemporaryDirectory()
        defer { directory.close() }
        let file = try directory.write(review.csv, to: "review.csv")
        let read = try await run("python3", ["-c", program, file]).checked()
        let rows = try JSONDecoder().decode([[String]].self, from: Data(read.outputBytes))
        #expect(rows.count == review.rights.count + 1)
        #expect(Set(rows.map(\.count)) == [19])
        #expect(rows.dropFirst().map { $0[0] } == review.rights.map(\.who))
        #expect(rows.dropFirst().map { $0[5] } == review.rights.map { $0.gives.joined(separator: "; ") })
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("=1+1", "\"'=1+1\""), ("@SUM(A1)", "\"'@SUM(A1)\""), ("-2", "\"'-2\""), ("+2", "\"'+2\""), ("  =1", "\"'  =1\""),
        ("\t=1", "\"'\t=1\""), ("ana@example.com", "ana@example.com"), ("", ""),
    ])
    func `a cell is never a formula`(_ text: String, _ cell: String) {
        #expect(CSV.field(text) == cell)
    }

    @Test func `what others wrote stays text in the report`() {
        #expect(Markdown.text("a|b [x](http://e) <img> `c`") == "a\\|b \\[x\\](http://e) \\<img\\> \\`c\\`")
        #expect(Markdown.text("two\nlines").contains("\n") == false)
        #expect(Markdown.code("a`|b") == "`ab`")
    }

    // MARK: The patch

    @Test func `the patch takes away what was unused, and git applies it`() async throws {
        let set = try Self.set()
        let access = try Self.access()
        let pruned = try set.pruned(Self.files, of: access.review.unusedRights(log: access.log))
        #expect(
            pruned.removals.map(\.what) == [
                "`bo@example.com` of group `sre`", "`eve@example.com` of `users` of rule `named-db`",
                "`batch` of `roles` of rule `named-db`", "rule `dba-batch`, which nobody used",
            ], "\(pruned.removals) \(pruned.byHand)")
        #expect(pruned.removals.first?.place == "policies/access.yaml:9")
        let text = String(decoding: pruned.files[0].bytes, as: UTF8.self)
        #expect(text.contains("# Who keeps the site up.") && text.contains("# until the migration is over"))
        #expect(text.contains("who: {users: [ana@example.com, \"*@partner.example\"]}"))
        #expect(pruned.set.diff(from: set).isWidening == false)

        let patch = UnifiedDiff.text(from: Self.files[0].bytes, to: pruned.files[0].bytes, path: "policies/access.yaml")
        try Self.golden("review.patch", patch)
        let programs = [
            ["git", "apply", "--check", "--verbose", "../p"], ["git", "apply", "../p"], ["patch", "-p1", "-i", "../p"],
            ["patch", "-R", "-p1", "-i", "../p"],
        ]
        for apply in programs {
            let directory = try TemporaryDirectory()
            defer { directory.close() }
            try directory.makeDirectory("work")
            try directory.makeDirectory("work/policies")
            let isReverse = apply.contains("-R")
            let (from, to) = isReverse ? (text, Self.text) : (Self.text, text)
            let file = try directory.write(from, to: "work/policies/access.yaml")
            try directory.write(patch, to: "p")
            try await run("env", ["-C", directory.file("work")] + apply).checked()
            if !apply.contains("--check") { #expect(try String(contentsOfFile: file, encoding: .utf8) == to) }
        }
    }

    @Test func `groups that deny, approve or take turns lose nobody`() throws {
        let text = """
            version: 1
            zones: {web: {hosts: ["web*.example.com"]}}
            groups:
              barred: {members: [ana@example.com, bo@example.com]}
              leads: {members: [ana@example.com, bo@example.com]}
              inner: {members: [ana@example.com, bo@example.com]}
              outer: {groups: [inner]}
              duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-05T10:00, time_zone: UTC}}
            roles: {web: {ssh: {logins: [deploy], zones: [web]}}, db: {ssh: {logins: [db], zones: [web]}}}
            allow:
              - {id: one, who: {groups: [barred]}, roles: [web], lifetime: {max: 1h}}
              - {id: two, who: {groups: [leads]}, roles: [web], lifetime: {max: 1h}}
              - {id: three, who: {groups: [outer]}, roles: [web], lifetime: {max: 1h}}
              - {id: four, who: {groups: [duty]}, roles: [web], lifetime: {max: 1h}}
              - {id: five, who: {groups: [x]}, roles: [web], lifetime: {max: 1h}, approval: {steps: [{by: {groups: [leads]}}]}}
            deny:
              - {id: no-db, who: {groups: [barred]}, roles: [db]}
              - {id: no-db-either, who: {groups: [outer]}, roles: [db]}
            """
        let files = [PolicyFile(name: "p.yaml", text: text)]
        let set = try PolicySet.load(files)
        var unused = UnusedRights()
        for rule in ["one", "two", "three", "four"] {
            unused.unused.insert(.init(user: "bo@example.com", rule: rule, role: "web"))
            unused.kept.insert(.init(user: "ana@example.com", rule: rule, role: "web"))
        }
        let pruned = try set.pruned(files, of: unused)
        #expect(pruned.removals.isEmpty)
        #expect(pruned.files == files)
        #expect(pruned.byHand.map(\.what) == ["barred", "inner", "leads"].map { "`bo@example.com` of group `\($0)`" })
    }

    @Test func `a test goes with the rule it wants, and what then fails is known`() throws {
        let text = """
            version: 1
            zones: {web: {hosts: ["web*.example.com"]}}
            roles: {web: {ssh: {logins: [deploy], zones: [web]}}}
            allow:
              - {id: one, who: {users: [ana@example.com, bo@example.com]}, roles: [web], lifetime: {max: 1h}}
              - {id: two, who: {groups: [x]}, roles: [web], lifetime: {max: 1h}}
            tests:
              # Of both.
              - {it: gives to x, who: {user: eve@example.com, groups: [x]}, asks: {role: web}, expect: {allow: two}}
              - {it: gives to bo, who: {user: bo@example.com}, asks: {role: web}, expect: {allow: one}}
            """
        let files = [PolicyFile(name: "p.yaml", text: text)]
        let set = try PolicySet.load(files)
        let pruned = try set.pruned(
            files,
            of: UnusedRights(
                unused: [.init(user: "bo@example.com", rule: "one", role: "web")],
                kept: [.init(user: "ana@example.com", rule: "one", role: "web")], byNobody: [.init(rule: "two", role: "web")]))
        #expect(
            pruned.removals.map(\.what) == [
                "`bo@example.com` of `users` of rule `one`", "rule `two`, which nobody used",
                "test `gives to x`, which wants a rule that goes",
            ])
        #expect(pruned.set.runTests().map { "\($0.name) \($0.passed)" } == ["gives to bo false"])
        #expect(String(decoding: pruned.files[0].bytes, as: UTF8.self).contains("# Of both."))
    }

    @Test func `break-glass and capabilities stay, however long they were not used`() throws {
        let set = try Self.set()
        var log = SampleLog()
        try log.load(set, at: now - 100 * day)
        let access = log.access(set, from: now - 60 * day, people: Self.people)
        let pruned = try set.pruned(Self.files, of: access.review.unusedRights(log: access.log))
        let left = pruned.set.ruleSummaries.map(\.id)
        #expect(left == ["glass", "leads-audit"])
        #expect(pruned.set.diff(from: set).isWidening == false)
    }
}
