// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import AccessReviews

@Suite struct ScaleTemporary {
    @Test func `scale`() throws {
        guard let text = ProcessInfo.processInfo.environment["SCALE"], let count = Int(text) else { return }
        var policy = "version: 1\nzones: {web: {hosts: [\"web*.example.com\"]}}\ngroups:\n"
        for group in 0..<100 {
            policy +=
                "  g\(group): {members: ["
                + (0..<20).map { "u\((group * 17 + $0 * 31) % 1000)@example.com" }.joined(separator: ", ") + "]}\n"
        }
        policy += "roles:\n"
        for role in 0..<100 { policy += "  r\(role): {ssh: {logins: [l\(role)], zones: [web]}}\n" }
        policy += "allow:\n"
        for rule in 0..<200 {
            policy +=
                "  - {id: a\(rule), who: {groups: [g\(rule % 100)]}, roles: [r\(rule % 100), r\((rule + 1) % 100)], lifetime: {max: 1h}}\n"
        }
        let files = [PolicyFile(name: "p.yaml", text: policy)]
        let set = try PolicySet.load(files)
        let people = (0..<1000).map { person("u\($0)@example.com") }
        var log = SampleLog()
        try log.load(set, at: now - 100 * day)
        var issued = 0
        var random = SeededGenerator(seed: 1)
        while issued < count {
            let user = random.pick(people)
            let role = "r\(random.pick(Array(0..<40)))"
            if try log.issue(
                role, to: user, under: set, at: now.addingTimeInterval(day * (-90 + 89 * Double(issued) / Double(count))))
                != nil
            {
                issued += 1
            }
        }
        func timed<R>(_ what: String, _ body: () throws -> R) rethrows -> R {
            let start = ContinuousClock.now
            defer { print("SCALE \(what): \(ContinuousClock.now - start)") }
            return try body()
        }
        let access = timed("fold") { log.access(set, from: now - 60 * day, people: people) }
        let review = timed("review") { access.review }
        let markdown = timed("markdown") { review.markdown }
        let csv = timed("csv") { review.csv }
        print("SCALE", review.counts, markdown.utf8.count, csv.utf8.count)
        let pruned = try timed("prune") { try set.pruned(files, of: review.unusedRights(log: access.log)) }
        let diff = timed("diff") { pruned.set.diff(from: set) }
        print("SCALE", pruned.removals.count, pruned.byHand.count, diff.isWidening)
        var check = NarrowingCheck(from: set, to: pruned.set, since: AuditTime(now - 60 * day))
        timed("check") { for leaf in log.leaves { check.add(leaf) } }
        print("SCALE", check.issuances, check.refused)
    }
}
