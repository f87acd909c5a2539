// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Policies
import ServiceAPI

extension AccessRequest {
    /// All that an approver signs, but for what they give less.
    var facts: [TextTable.Fact] {
        let ssh = kind == .ssh
        return [
            .init("who", requester.user), .init("role", role), .init("kind", kind.rawValue),
            .init("host", host ?? (ssh ? "every one of the role" : nil)),
            .init("logins", logins ?? (ssh ? ["every one of the role"] : [])),
            .init("names", names ?? (kind == .x509 ? ["every one of the role"] : [])),
            .init("gives", rights), .init("bound to", restrictions),
            .init("for", PolicyDuration.text(.seconds(duration)) + ", from its first certificate on"),
            .init("not before", starts?.text), .init("reason", reason), .init("ticket", ticket),
            .init("extends", extensionText),
            .init("approval", approvalText),
            .init("to be reviewed", review.map { "by \($0.reviewers), within \(text($0.within)) of its claim" }),
            .init("ends", isRechecked ? "at its time, or when an approval it rests on no longer counts" : nil),
            .init("rule", rule),
        ]
    }

    private var extensionText: String? {
        guard let extends else { return nil }
        let chain = since.map { ", in use since \($0.text)" } ?? ""
        return extends + chain + (latest.map { ", to be extended until \($0.text) at most" } ?? "")
    }

    private var approvalText: String? {
        guard !steps.isEmpty else { return isAutomatic ? "by the rule itself" : nil }
        let signature = signed.map { ", signed with \($0 == "touch" ? "a touched security key" : "an SSH key")" } ?? ""
        return steps.map(\.approvers).joined(separator: ", then ") + signature
            + "; waits \(text(wait)), then \(text(claimWithin)) for its claim"
    }

    private func text(_ seconds: Int) -> String { PolicyDuration.text(.seconds(seconds)) }
}

/// What an approver gave less than was asked: `for 30m, on db1.example.com`; nil for all of it.
func givenText(duration: Int?, host: String?) -> String? {
    let parts = [duration.map { "for " + PolicyDuration.text(.seconds($0)) }, host.map { "on " + $0 }].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
}

/// Who approved, with what they gave less: `lea@example.com (for 30m)`.
private func approverText(_ name: String, duration: Int?, host: String?) -> String {
    name + (givenText(duration: duration, host: host).map { " (\($0))" } ?? "")
}

extension Approval {
    var text: String { approverText(by.user, duration: duration, host: host) }
}

extension AccessHistory {
    /// What is left of what was asked; nil for all of it.
    var givenText: String? {
        guard duration != request.duration || host != request.host else { return nil }
        return mayfly.givenText(duration: duration, host: host)
    }
}

extension AccessView {
    var text: String {
        let asked = asked ?? AccessAsked(duration: duration, host: host)
        return TextTable(
            [
                .init("id", id), .init("state", stateText()), .init("who", requester), .init("role", role),
                .init("host", asked.host), .init("logins", logins?.joined(separator: ", ")),
                .init("names", names?.joined(separator: ", ")), .init("for", PolicyDuration.text(.seconds(asked.duration))),
                .init("reason", reason), .init("ticket", ticket), .init("extends", extends),
                .init(
                    "approval",
                    steps.isEmpty ? nil : steps.map { $0.approvers + ($0.isDone ? " (done)" : "") }.joined(separator: ", then ")
                ),
            ] + standing + [.init("ended by", closed?.by), .init("because", closed?.note)]
        ).text
    }

    /// What came of it so far, besides how it ended.
    var standing: [TextTable.Fact] {
        [
            .init("approved by", approvedByRule.map { "rule \($0)" } ?? approversText),
            .init("given", asked == nil ? nil : givenText(duration: duration, host: host)),
            .init("reviewers", reviewed == nil ? reviewers.map { $0 + peopleText } : nil),
            .init("waits until", waitsUntil?.text),
            .init("starts", ["pending", "scheduled"].contains(state) ? starts?.text : nil),
            .init("claim before", claimBefore?.text), .init("until", until?.text), .init("review due", reviewDue?.text),
            .init("review", reviewText),
        ]
    }

    /// With what is still open of it. Nobody has agreed to what was taken as break-glass.
    /// - Parameter reader: whose decision is theirs to make.
    func stateText(for reader: String? = nil) -> String {
        let waits = reader.map(awaits) ?? false
        let state =
            switch (breakGlass, state) {
            case (true, "approved"): "break-glass, not used yet"
            case (true, _): "break-glass, \(state)"
            case (false, "pending"): waits ? "pending, for you to decide" : state
            case (false, _): state
            }
        return reviewDue == nil ? state : state + (waits ? ", for you to review" : ", review due")
    }

    /// Whether nothing happens without others, of whom this is one.
    func awaits(_ person: String) -> Bool { (state == "pending" || reviewDue != nil) && canDecide.contains(person) }

    /// Until when it is what it is now, or since when it is over.
    var nextInstant: Date? { closed?.at ?? until ?? claimBefore ?? waitsUntil }

    /// `k3x7mw2p4qza waits for 1 of group `sre-leads`; that is ana@example.com, bo@example.com`.
    /// - Parameter time: that it waits at most.
    func waitingText(_ time: String? = nil) -> String {
        let step = steps.first { !$0.isDone }
        let agreed = step.flatMap { $0.agreed > 0 ? ", \($0.agreed) of \($0.count) agreed" : nil } ?? ""
        return "\(id) waits \(time.map { $0 + " more " } ?? "")for "
            + (step.map { TerminalText.text($0.approvers) } ?? "others") + agreed + peopleText
    }

    /// `k3x7mw2p4qza is denied by lea@example.com: use the replica`.
    var outcomeText: String {
        let by = (closed?.by ?? (closed == nil ? approversText : nil)).map { " by " + TerminalText.text($0) } ?? ""
        let why = closed?.note.map { ": " + TerminalText.text($0) } ?? ""
        return "\(id) is \(TerminalText.word(state))\(by)\(why)"
    }

    /// That it is for less than was asked, and why; nil where it is not.
    /// - Parameter seconds: asked for.
    func cutText(of seconds: Int?) -> String? {
        let given = asked?.duration ?? duration
        guard let seconds, seconds > given else { return nil }
        let rule = "rule `\(TerminalText.word(rule))` gives at most"
        return "\(PolicyDuration.text(.seconds(seconds))) was asked for; \(rule) \(PolicyDuration.text(.seconds(given)))"
            + (extends == nil ? "" : " more after \(extends ?? "")")
    }

    /// What to type where a grant was not right and goes on; nil where nothing is to be done.
    var flaggedText: String? {
        guard reviewed?.verdict == .flagged, ["active", "approved", "scheduled"].contains(state) else { return nil }
        return "the grant goes on; take it away with `mayfly deny \(id) --note …`"
    }

    private var peopleText: String {
        canDecide.isEmpty ? "" : "; that is " + canDecide.map(TerminalText.word).joined(separator: ", ")
    }

    private var approversText: String? {
        guard !approvals.isEmpty else { return nil }
        return approvals.map { approverText($0.by, duration: $0.duration, host: $0.host) }.joined(separator: ", ")
    }

    private var reviewText: String? {
        guard let reviewed else { return nil }
        return "\(reviewed.verdict?.rawValue ?? "") by \(reviewed.by ?? "")" + (reviewed.note.map { ": \($0)" } ?? "")
    }

    /// Exit status 3 while it waits, 2 when it was denied, 1 when nothing came of it.
    func exitUnlessGiven() throws {
        switch state {
        case "approved", "scheduled", "active": return
        case "pending": throw ExitCode(3)
        case "denied", "revoked": throw ExitCode(2)
        default: throw ExitCode.failure
        }
    }
}
