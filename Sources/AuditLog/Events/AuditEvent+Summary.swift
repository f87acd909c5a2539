// SPDX-License-Identifier: Apache-2.0

extension AuditEvent {
    /// One line for a timeline, safe on any terminal: time, what happened, who, role, and the rest, two spaces between them.
    ///
    /// `2026-11-23T10:00:00Z  allow  ana@example.com  lab-shell  ssh serial 12 until 10:00:10 (rule lab-for-engineers)`
    package var summary: String {
        ["\(time.day)T\(time.clock)Z", verb, who, request?.role.map(TerminalText.word), detail].compactMap(\.self)
            .filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private var verb: String {
        switch type {
        case .authorityInitialized: "init"
        case .policyLoaded, .policyRefused: "policy"
        case .loginAllowed: "login"
        case .loginDenied, .certificateDenied: "deny"
        case .sessionEnded: certificate == nil ? "logout" : "end"
        case .certificateIssued: "allow"
        case .certificateRevoked: "revoke"
        case .certificateReleased: "release"
        case .keyUsed, .keyPrepared, .keyActivated, .keyRetired, .keyRevoked: "key"
        case .accessRequested: "ask"
        case .accessApproved: "approve"
        case .accessDenied: "reject"
        case .accessCancelled: "cancel"
        case .accessVoided: "void"
        case .accessClaimed: "claim"
        case .accessEnded: "end"
        case .accessRevoked: "revoke"
        case .accessReviewed: "review"
        case .tokenCreated, .tokenCancelled: "token"
        case .hostRemoved: "remove"
        case .clockAccepted: "clock"
        case .sshSessionEnded: "cut"
        case .sshSessionOpen: "open"
        }
    }

    private var who: String? {
        actor.map { TerminalText.word($0.user ?? $0.provider) }
    }

    private var detail: String {
        switch type {
        case .authorityInitialized: explained("certificate authority created")
        case .policyLoaded: explained("loaded \(TerminalText.word(policy ?? ""))" + sourceText)
        case .policyRefused: explained("refused")
        case .loginAllowed: certificateText + untilText
        case .loginDenied: explained("login") + ruleText
        case .sessionEnded: explained("session \(TerminalText.word(certificate?.serial ?? actor?.session ?? ""))" + ofNames)
        case .certificateIssued: certificateText + untilText + ruleText
        case .certificateDenied: explained(askedText) + ruleText
        case .certificateRevoked, .certificateReleased: explained(certificateText)
        case .tokenCreated: explained(askedText + forNames)
        case .tokenCancelled: explained("cancelled " + askedText + forNames)
        case .hostRemoved: explained(hostText)
        case .clockAccepted: explained("set back from \(clock.map { "\($0.from.day)T\($0.from.clock)Z" } ?? "")")
        case .sshSessionEnded, .sshSessionOpen: explained(sessionText)
        case .keyUsed: keyText
        case .keyPrepared: explained("prepared " + keyText)
        case .keyActivated: explained("activated " + keyText)
        case .keyRetired: explained("retired " + keyText)
        case .keyRevoked: explained("revoked " + keyText)
        case .accessRequested: explained(askedText + afterText) + ruleText
        case .accessApproved, .accessDenied, .accessCancelled, .accessVoided, .accessClaimed, .accessEnded, .accessRevoked,
            .accessReviewed:
            accessText
        }
    }

    /// The reasons behind it, whoever gave them.
    private func explained(_ what: String) -> String {
        var reasons = decision?.reasons ?? []
        if let message { reasons.append(message) }
        let given: [Kind] = [
            .certificateRevoked, .certificateReleased, .accessRequested, .hostRemoved, .sessionEnded, .sshSessionEnded,
            .sshSessionOpen, .keyPrepared, .keyActivated, .keyRetired, .keyRevoked,
        ]
        if given.contains(type), let reason = request?.reason {
            reasons.append(reason)
        }
        return reasons.isEmpty ? what : what + ": " + TerminalText.text(reasons.joined(separator: "; "))
    }

    private var accessText: String {
        guard let access else { return "" }
        let rule = access.rule.map { " by rule \(TerminalText.word($0))" } ?? ""
        let until = access.until.map { " until " + ($0.day == time.day ? $0.clock : "\($0.day)T\($0.clock)Z") } ?? ""
        let less = (access.duration.map { " for \($0)s" } ?? "") + (access.host.map { " on " + TerminalText.word($0) } ?? "")
        let lost = access.lost.map { " without " + $0.map(TerminalText.word).joined(separator: ", ") } ?? ""
        let verdict = access.verdict.map { " \(TerminalText.word($0))" } ?? ""
        let note = access.note.map { ": " + TerminalText.text($0) } ?? ""
        return "grant \(TerminalText.word(access.request ?? ""))" + rule + less + until + lost + verdict + note
    }

    private var sourceText: String {
        policySource.map { " from commit \(TerminalText.word($0.commit)), signed by \(TerminalText.text($0.signer))" } ?? ""
    }

    private var askedText: String {
        [
            request?.capability.map(TerminalText.word), request?.route.map(TerminalText.word), request?.kind?.rawValue,
            request?.host.map { "to " + TerminalText.word($0) },
        ].compactMap(\.self)
            .joined(separator: " ")
    }

    private var afterText: String { access?.extends.map { " after grant " + TerminalText.word($0) } ?? "" }

    private var forNames: String {
        request?.names.map { " for " + TerminalText.text($0.joined(separator: ", ")) } ?? ""
    }

    /// `deploy on host web1.example.com by ssh serial 12`.
    private var sessionText: String {
        let login = TerminalText.word(request?.logins?.first ?? "")
        return [login, "on", hostText, certificate == nil ? "" : "by", certificateText].filter { !$0.isEmpty }
            .joined(separator: " ")
    }

    private var keyText: String { TerminalText.text(key.map { "\($0.purpose) \($0.fingerprint)" } ?? "") }

    private var hostText: String { "host " + TerminalText.word(request?.host ?? "") }

    private var ofNames: String {
        certificate?.names.map { " of " + TerminalText.text($0.joined(separator: ", ")) } ?? ""
    }

    private var certificateText: String {
        certificate.map { "\($0.kind.rawValue) serial \(TerminalText.word($0.serial))" } ?? ""
    }

    /// The day only where it is another than that of the event.
    private var untilText: String {
        guard let end = certificate?.validBefore else { return "" }
        return " until " + (end.day == time.day ? end.clock : "\(end.day)T\(end.clock)Z")
    }

    private var ruleText: String {
        decision?.rule.map { " (rule \(TerminalText.word($0)))" } ?? ""
    }
}
