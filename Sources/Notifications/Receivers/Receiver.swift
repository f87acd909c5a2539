// SPDX-License-Identifier: Apache-2.0

/// Where notices go, with the secrets that takes. Never printed: URLs of Slack and Teams are secrets themselves.
package struct Receiver: Sendable {
    package enum Channel: Sendable {
        case webhook(WebLink, secret: WebhookSecret)
        case slack(WebLink)
        case teams(WebLink)
        case email(MailAccount)
    }

    package let name: ReceiverName
    package let channel: Channel
    /// What it is told of.
    package let kinds: Set<Notice.Kind>
    /// PEM of the authorities its certificate may come from; nil: those of the system.
    package let trustRoots: String?

    package init(
        name: ReceiverName, channel: Channel, kinds: Set<Notice.Kind> = Set(Notice.Kind.allCases), trustRoots: String? = nil
    ) {
        self.name = name
        self.channel = channel
        self.kinds = kinds
        self.trustRoots = trustRoots
    }
}

/// What a receiver hears of, without the secrets it takes to reach it.
package struct Subscription: Sendable, Hashable {
    package let name: ReceiverName
    package let kinds: Set<Notice.Kind>
    /// It reaches nobody but the people of these domains whom a notice concerns; nil: it always reaches somebody.
    package let onlyPeopleOf: Set<String>?

    package init(name: ReceiverName, kinds: Set<Notice.Kind> = Set(Notice.Kind.allCases), onlyPeopleOf: Set<String>? = nil) {
        self.name = name
        self.kinds = kinds
        self.onlyPeopleOf = onlyPeopleOf
    }
}

extension Receiver {
    package var subscription: Subscription {
        guard case .email(let account) = channel, account.to.isEmpty else { return Subscription(name: name, kinds: kinds) }
        return Subscription(name: name, kinds: kinds, onlyPeopleOf: account.peopleOf)
    }
}

extension [Subscription] {
    /// Whom to name in a notice of this kind that concerns these people.
    package func recipients(of kind: Notice.Kind, concerning people: [String]) -> [ReceiverName] {
        filter { subscription in
            guard kind.isLoud || subscription.kinds.contains(kind) else { return false }
            guard let domains = subscription.onlyPeopleOf else { return true }
            return people.contains { MailAddress($0)?.isOf(domains) == true }
        }.map(\.name)
    }
}
