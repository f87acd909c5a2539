// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
package import Notifications
import Policies

/// Whom outside the authority tells of access requests, and where they find them.
package struct Announcements: Sendable {
    private let subscriptions: [Subscription]
    /// Of the service, as people reach it, without a slash at its end; nil: messages name commands alone.
    private let address: String?

    package static let none = Announcements(subscriptions: [], address: nil)

    package init(subscriptions: [Subscription], address: WebLink?) {
        self.subscriptions = subscriptions
        self.address = address.map { $0.text.hasSuffix("/") ? String($0.text.dropLast()) : $0.text }
    }

    var isEmpty: Bool { subscriptions.isEmpty }

    /// nil where nobody would hear of it.
    /// - Parameter occasion: what makes it the same notice, if it is told of again.
    func notice(_ news: AccessNews, about history: AccessHistory, occasion: [UInt8], at time: Date) -> Notice? {
        let recipients = subscriptions.recipients(of: news.kind, concerning: news.people)
        guard !recipients.isEmpty else { return nil }
        return Notice(
            id: NoticeID(of: Array(news.kind.rawValue.utf8) + [0] + occasion), kind: news.kind, time: time, title: news.title,
            facts: history.facts + news.facts, link: link(to: history.request.id), people: news.people,
            recipients: recipients)
    }

    private func link(to id: String) -> WebLink? { address.flatMap { try? WebLink($0 + "/requests/" + id) } }
}

/// What is said of an access request.
struct AccessNews: Sendable, Equatable {
    let kind: Notice.Kind
    let title: String
    /// Besides those of every notice.
    var facts: [Notice.Fact] = []
    var people: [String] = []
}

extension AccessHistory {
    /// What stands in every notice: what was asked, by whom, and why. No session, key, address or signature.
    fileprivate var facts: [Notice.Fact] {
        let parts: [(String, String?)] = [
            ("Request", request.id), ("Who", request.requester.user), ("Role", request.role), ("Host", host),
            ("Logins", request.logins?.joined(separator: ", ")), ("Names", request.names?.joined(separator: ", ")),
            ("For", PolicyDuration.text(.seconds(duration))), ("Reason", request.reason), ("Ticket", request.ticket),
            ("Extends", request.extends), ("In use since", request.since?.text),
        ]
        return parts.compactMap { label, value in value.map { Notice.Fact(label, $0) } }
    }

    var approverNames: String {
        approvingRule.map { "rule `\($0)`, by itself" } ?? approvals.map(\.by.user).joined(separator: ", ")
    }

    func command(_ verb: String, _ options: String = "") -> String {
        (["mayfly", verb, request.id] + (options.isEmpty ? [] : [options])).joined(separator: " ")
    }

    var use: String {
        switch request.kind {
        case .ssh: "mayfly ssh \(request.logins?.first.map { $0 + "@" } ?? "")\(host ?? "HOST") --role \(request.role)"
        case .sshHost: "mayfly issue ssh-host --role \(request.role)"
        case .x509, .session, .server: "mayfly issue x509 --role \(request.role)"
        }
    }
}

extension Date {
    /// As it stands in notices: in UTC.
    var text: String { formatted(.iso8601) }
}
