// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Policies

import struct FoundationEssentials.Date

extension AccessReview {
    /// The report, for whoever has to sign it and whoever audits that.
    package var markdown: String {
        let parts: [String?] = [
            "# Access review of \(Markdown.text(scope.authority))\n", scopeText, countsText, attention,
            section("Rights", rightsIntroduction, rightsTable(rights)),
            section("Unused rights", "Held for the whole period, and nothing came of them.", unusedTable),
            section("Rules", "Use is that of the period.", rulesTable),
            section("Break-glass", "Access that was taken first and looked at afterwards.", breakGlassTable),
            section("Open requests and grants", "As of the review.", openTable),
            section(
                "People who approved each other's requests",
                "That is allowed, and to be looked at: within 30 days, each of two.",
                mutualTable),
            section("Standing exceptions", "Rules that do not go by groups, or give before anybody agrees.", exceptionsTable),
            section("Used in the period, not held now", "By whom no rule gives it any longer.", formerTable),
            "## What could not be determined\n\n" + undetermined.map { "- \(Markdown.sentence($0))\n" }.joined(),
            signOff,
        ]
        return parts.compactMap(\.self).joined(separator: "\n")
    }

    private var scopeText: String {
        var period = "\(instant(scope.from)) to \(instant(scope.reviewedAt)): \(duration(scope.unusedFor))"
        if scope.covered < scope.unusedFor { period += ", of which the log tells of \(duration(scope.covered))" }
        var commit = "none: the policies are not read from signed commits"
        if let id = scope.policyCommit { commit = Markdown.code(id) }
        if let signer = scope.policySigner { commit += ", signed by \(Markdown.text(signer))" }
        var log = "\(Markdown.code(scope.log.origin)), \(scope.log.size) entries"
        if let begins = scope.log.begins { log += " since \(instant(begins))" }
        log += ", root \(Markdown.code(scope.log.root))"
        let rows = [
            ["Reviewed", "\(instant(scope.reviewedAt)) by \(Markdown.text(scope.reviewer))"],
            ["Period", period],
            ["Policies", "\(Markdown.code(scope.policy)), live since \(instant(scope.policyLive))"],
            ["Commit", commit],
            ["Policy changes in the period", "\(scope.policyChanges)"],
            ["Audit log", log],
        ]
        return Markdown.table(["Scope", ""], rows, isEscaped: true) + """

            Every entry of the log was read and hashed; the root over all of them is the one in this note, which the key of the log
            signed (C2SP tlog-checkpoint):

            ```
            \(scope.log.checkpoint.trimmingNewlines)
            ```

            """
    }

    private var countsText: String {
        Markdown.table(
            ["Count", ""],
            [
                ("people and workloads", counts.people), ("rights", counts.rights), ("used", counts.used),
                ("unused", counts.unused), ("not known for long enough", counts.notLongEnough),
                ("use not recorded", counts.notRecorded), ("certificates valid now", counts.liveCertificates),
                ("grants used in the period", counts.grantsOfPeriod), ("open requests and grants", counts.openGrants),
                ("break-glass", counts.breakGlass), ("reviews overdue", counts.reviewsOverdue),
                ("reviews that found fault", counts.reviewsFlagged),
                ("pairs who approved each other's requests", counts.mutualApprovals),
            ].map { [$0, "\($1)"] })
    }

    /// What must not be read over.
    private var attention: String? {
        var lines: [String] = []
        if scope.covered < scope.unusedFor {
            lines.append(
                "The log is younger than the period: it tells of \(duration(scope.covered)). Nothing is called unused.")
        }
        for grant in breakGlass where grant.isOverdue {
            lines.append("Break-glass `\(grant.id)` of \(grant.who) was not looked at in time.")
        }
        for grant in breakGlass where grant.verdict == "flagged" {
            lines.append("Break-glass `\(grant.id)` of \(grant.who) was not right, says \(grant.reviewedBy ?? "its review").")
        }
        for pair in mutual {
            lines.append("\(pair.people.joined(separator: " and ")) approved each other's requests.")
        }
        guard !lines.isEmpty else { return nil }
        return "## Look at this first\n\n" + lines.map { "- **\(Markdown.sentence($0))**\n" }.joined()
    }

    private func section(_ title: String, _ introduction: String, _ table: String) -> String {
        "## \(title)\n\n" + (table.isEmpty ? "None.\n" : introduction + "\n\n" + table)
    }

    private var rightsIntroduction: String {
        """
        `used`: a certificate was issued by it in the period, or it was asked for; or a certificate, request or grant of it is not
        over. `unused`: held for the whole period, and nothing came of it. `not-long-enough`: nothing came of it, but log or right
        may be younger than the period. `not-recorded`: the log does not tell.
        """
    }

    private func rightsTable(_ rights: [Right]) -> String {
        Markdown.table(
            [
                "Who", "Role", "Rule", "Gives", "Held through", "Conditions", "Status", "Last used", "Times", "Grants",
                "Valid now",
            ],
            rights.map { right in
                let conditions =
                    right.conditions
                    + [right.approval.map { right.breakGlass ? $0 : "after approval: \($0)" }].compactMap(\.self)
                    + right.unless.map { "not if \($0)" }
                return [
                    right.provider.isEmpty ? right.who : "\(right.who) (\(right.provider))", right.role,
                    "\(right.rule), \(right.place)", right.gives.joined(separator: "; "), right.through.joined(separator: "; "),
                    conditions.joined(separator: "; "), right.status.rawValue, right.lastUsed.map(instant) ?? "never",
                    "\(right.times)", "\(right.grants.count)", "\(right.live)",
                ]
            })
    }

    private var unusedTable: String { rightsTable(rights.filter { $0.status == .unused }) }

    private var rulesTable: String {
        Markdown.table(
            ["Rule", "Whom it means", "Roles", "Known holders", "Used by", "Times", "Last used"],
            rules.map { rule in
                [
                    "\(rule.id), \(rule.place)", rule.who, rule.roles.joined(separator: ", "),
                    "\(rule.holders)" + (rule.openTo == nil ? "" : ", and others"), "\(rule.users)", "\(rule.times)",
                    rule.lastUsed.map(instant) ?? "never",
                ]
            })
    }

    private var breakGlassTable: String {
        Markdown.table(
            ["Id", "Who", "Role", "Why", "Claimed", "Until", "Review by", "Due", "Reviewed", "Verdict", "Note"],
            breakGlass.map { grant in
                let reviewed = [grant.reviewedBy, grant.reviewedAt.map(instant)].compactMap(\.self).joined(separator: ", ")
                return [
                    grant.id, grant.who, grant.role + (grant.host.map { " on \($0)" } ?? ""),
                    [grant.reason, grant.ticket].compactMap(\.self).joined(separator: ", "),
                    grant.claimed.map(instant) ?? "not used", grant.until.map(instant) ?? "", grant.reviewers ?? "",
                    grant.reviewDue.map(instant) ?? "", reviewed.isEmpty ? (grant.isOverdue ? "OVERDUE" : "no") : reviewed,
                    grant.verdict ?? "", grant.note ?? "",
                ]
            })
    }

    private var openTable: String {
        Markdown.table(
            ["Id", "State", "Who", "Role", "Rule", "Why", "Approved by", "Claimed", "Until"],
            open.map { grant in
                [
                    grant.id, grant.state, grant.who, grant.role + (grant.host.map { " on \($0)" } ?? ""), grant.rule,
                    [grant.reason, grant.ticket].compactMap(\.self).joined(separator: ", "),
                    grant.approvedBy.joined(separator: ", "), grant.claimed.map(instant) ?? "", grant.until.map(instant) ?? "",
                ]
            })
    }

    private var mutualTable: String {
        Markdown.table(
            ["Who", "Requests"],
            mutual.map { [$0.people.joined(separator: " and "), $0.requests.joined(separator: ", ")] })
    }

    private var exceptionsTable: String {
        Markdown.table(
            ["Rule", "Roles", "What"],
            exceptions.map { ["\($0.rule), \($0.place)", $0.roles.joined(separator: ", "), $0.what] })
    }

    private var formerTable: String {
        Markdown.table(
            ["Who", "Role", "Rule", "Times", "Last used"],
            formerUses.map { [$0.who, $0.role, $0.rule, "\($0.times)", $0.lastUsed.map(instant) ?? ""] })
    }

    private var signOff: String {
        """
        ## Sign-off

        The rights above were looked at; those that are not needed are to be removed.

        | | Name | Date | Signature |
        |---|---|---|---|
        | Reviewer | | | |
        | Owner of the policies | | | |
        | Auditor | | | |

        """
    }

    /// Whole seconds.
    private func instant(_ date: Date) -> String {
        AuditTime(Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))).text
    }

    private func duration(_ seconds: Int) -> String { PolicyDuration.text(.seconds(max(1, seconds))) }
}

extension String {
    fileprivate var trimmingNewlines: Substring { self[..<(lastIndex { $0 != "\n" }.map { index(after: $0) } ?? startIndex)] }
}

/// Text of others in a document of ours: it must stay text, whatever renders it.
enum Markdown {
    private static let special: Set<Character> = ["\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~", "&", "!"]

    static func text(_ text: String) -> String {
        TerminalText.text(text, limit: 2000).map { special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    /// A sentence of ours, in which names stand between backticks and are otherwise plain.
    static func sentence(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.isMultiple(of: 2) ? Self.text(String($1)) : code(String($1)) }.joined()
    }

    static func code(_ text: String) -> String {
        "`" + TerminalText.text(text, limit: 2000).filter { $0 != "`" && $0 != "|" } + "`"
    }

    /// Empty without rows.
    static func table(_ header: [String], _ rows: [[String]], isEscaped: Bool = false) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { row in row.map { isEscaped ? $0 : text($0) } }
        return ([header, header.map { _ in "---" }] + lines).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
}
