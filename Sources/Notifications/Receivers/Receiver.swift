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

extension [Receiver] {
    /// Whom to name in a notice of this kind.
    package func recipients(of kind: Notice.Kind) -> [ReceiverName] { filter { $0.kinds.contains(kind) }.map(\.name) }
}
