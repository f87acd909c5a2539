// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Client
import ServiceAPI

/// What somebody says for themselves when they ask for access.
struct Justification {
    var reason: String?
    var ticket: String?

    /// Runs `act`. Where a rule wants no more than to hear why, and somebody is at a terminal, they are asked, and it runs once more;
    /// else the refusal stands, and says what to add.
    func asked<Result>(_ act: (Justification) async throws -> Result) async throws -> Result {
        do {
            return try await act(self)
        } catch ClientError.problem(let problem) where problem.kind == .denied {
            guard let missing = problem.explanation?.missing, !missing.isEmpty, let more = completed(missing) else {
                throw ClientError.problem(problem)
            }
            return try await act(more)
        }
    }

    /// nil: they do not want to say, or nobody is there to ask.
    private func completed(_ missing: [DecisionExplanation.Missing]) -> Justification? {
        var more = self
        for missing in missing {
            guard let answer = Terminal.answer(to: missing.question), !answer.isEmpty else { return nil }
            switch missing.what {
            case .reason: more.reason = answer
            case .ticket: more.ticket = answer
            }
        }
        return more
    }
}

extension DecisionExplanation.Missing {
    fileprivate var question: String {
        let form = pattern.map { ", one that matches `\(TerminalText.text($0))`" } ?? ""
        return switch what {
        case .reason: "mayfly: the rule wants a reason\(form). Why?"
        case .ticket: "mayfly: the rule wants a ticket\(form). Which?"
        }
    }
}
