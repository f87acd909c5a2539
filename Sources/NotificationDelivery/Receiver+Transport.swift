// SPDX-License-Identifier: Apache-2.0

package import Notifications

extension Receiver {
    package var transport: any Transport {
        switch channel {
        case .webhook(let url, let secret):
            HTTPTransport(url: url, trustRoots: trustRoots) { try $0.webhook(signedWith: secret, at: $1) }
        case .slack(let url): HTTPTransport(url: url, trustRoots: trustRoots) { notice, _ in try notice.slack() }
        case .teams(let url): HTTPTransport(url: url, trustRoots: trustRoots) { notice, _ in try notice.teams() }
        case .email(let account): MailTransport(account: account, trustRoots: trustRoots)
        }
    }
}
