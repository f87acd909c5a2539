// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Issuance

/// What would change: counts, and the first examples of each change.
struct ReplayReport: Encodable {
    private(set) var decisions = 0
    private(set) var unchanged = 0
    /// Decisions on record that lack what would be needed to make them again.
    private(set) var undecidable = 0
    private var changes: [Change] = PolicyReplay.Change.allCases.map { Change(change: $0) }

    private struct Change: Encodable {
        let change: PolicyReplay.Change
        var count = 0
        var examples: [Example] = []
    }

    struct Example: Encodable, Sendable {
        let time: String
        let who: String
        let role: String?
        let host: String?
        let then: String
        let now: String
    }

    /// One entry of the log, decided again.
    struct Finding: Sendable {
        let recorded: RecordedQuestion
        let verdict: PolicyReplay.Verdict
    }

    enum Verdict: Sendable {
        case unchanged
        case changed(Finding)
        case undecidable
    }

    private let limit: Int

    /// - Parameter examples: how many of each change are kept.
    init(examples: Int) {
        limit = examples
    }

    private enum CodingKeys: CodingKey {
        case decisions, unchanged, undecidable, changes
    }

    var isUnchanged: Bool { changes.allSatisfy { $0.count == 0 } }

    mutating func add(_ verdicts: [Verdict]) {
        decisions += verdicts.count
        for verdict in verdicts {
            switch verdict {
            case .unchanged: unchanged += 1
            case .undecidable: undecidable += 1
            case .changed(let finding):
                for index in changes.indices where finding.verdict.changes.contains(changes[index].change) {
                    changes[index].count += 1
                    guard changes[index].examples.count < limit else { continue }
                    changes[index].examples.append(Example(finding.recorded, finding.verdict))
                }
            }
        }
    }

    var text: String {
        var lines = [
            counted(decisions, "decision") + ", \(unchanged) unchanged"
                + (undecidable == 0 ? "" : ", \(undecidable) undecidable")
        ]
        for change in changes where change.count > 0 {
            lines.append("\(change.count) \(change.change.text)")
            for example in change.examples { lines.append("    " + example.text) }
            let more = change.count - change.examples.count
            if more > 0 { lines.append("    … and \(more) more") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ReplayReport.Example {
    init(_ recorded: RecordedQuestion, _ verdict: PolicyReplay.Verdict) {
        let event = recorded.event
        self.init(
            time: event.time.text, who: event.actor.map { $0.user ?? $0.provider } ?? "",
            role: event.request?.role ?? event.request?.capability, host: event.request?.host,
            then: event.decision.map { $0.result.rawValue + ($0.rule.map { " by \($0)" } ?? "") } ?? "",
            now: verdict.explanation)
    }

    fileprivate var text: String {
        let what = [role, host.map { "on \($0)" }].compactMap(\.self).joined(separator: " ")
        return TerminalText.text("\(time)  \(who)  \(what)  then \(then); now \(now)", limit: 1000)
    }
}

extension PolicyReplay.Change {
    fileprivate var text: String {
        switch self {
        case .nowRefused: "would now be refused"
        case .nowNeedsApproval: "would now need approval"
        case .nowAllowed: "would now be allowed"
        case .shorter: "would live shorter"
        case .longer: "would live longer"
        case .otherNames: "would carry other principals or names"
        }
    }
}

extension PolicyReplay {
    /// What is no decision of a policy, or older than `start`, has none.
    func verdicts(on batch: LogBatch, since start: AuditTime?) -> [ReplayReport.Verdict] {
        batch.leaves.compactMap { verdict(on: $0, since: start) }
    }

    private func verdict(on leaf: [UInt8], since start: AuditTime?) -> ReplayReport.Verdict? {
        guard let event = try? AuditEvent(canonical: leaf) else { return .undecidable }
        if let start, event.time < start { return nil }
        do throws(RecordedQuestionError) {
            guard let recorded = try RecordedQuestion(event) else { return nil }
            let verdict = verdict(on: recorded)
            guard !verdict.changes.isEmpty else { return .unchanged }
            return .changed(.init(recorded: recorded, verdict: verdict))
        } catch {
            return .undecidable
        }
    }
}
