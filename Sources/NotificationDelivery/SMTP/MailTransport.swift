// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import NIOSSL
package import Notifications

/// Hands a message to a mail server (RFC 5321, RFC 6409).
package struct MailTransport: Transport {
    private let account: MailAccount
    private let trustRoots: String?
    private let timeout: Duration

    /// - Parameter timeout: for the whole conversation, after connecting.
    package init(account: MailAccount, trustRoots: String? = nil, timeout: Duration = .seconds(30)) {
        self.account = account
        self.trustRoots = trustRoots
        self.timeout = timeout
    }

    package func send(_ notice: Notice, at time: Date) async throws(DeliveryProblem) -> Receipt {
        do {
            return try await SMTPConnection.opened(
                to: account.host, port: account.port, isSecured: account.security == .implicit,
                tls: try .receiver(roots: trustRoots), timeout: timeout
            ) { connection in
                try await converse(connection, notice)
            }
        } catch {
            throw DeliveryProblem(error)
        }
    }

    private func converse(_ connection: SMTPConnection, _ notice: Notice) async throws -> Receipt {
        // The name of this machine is nobody's business, and submission servers do not check it.
        let hello = "EHLO [127.0.0.1]"
        var offers = try await connection.send(hello, expecting: 250, as: "EHLO")
        if account.security == .startTLS {
            guard offers.offers("STARTTLS") else { throw DeliveryProblem.noSTARTTLS }
            try await connection.startTLS()
            offers = try await connection.send(hello, expecting: 250, as: "EHLO")
        }
        if let credentials = account.credentials {
            guard account.security != .none else { throw DeliveryProblem.authWithoutTLS }
            guard offers.offers("AUTH", "PLAIN") else { throw DeliveryProblem.noAuthPlain }
            let response = Data("\0\(credentials.username)\0\(credentials.password)".utf8).base64EncodedString()
            try await connection.send("AUTH PLAIN \(response)", expecting: 235, as: "AUTH")
        }
        try await connection.send("MAIL FROM:<\(account.from)>", expecting: 250, as: "MAIL FROM")
        for address in account.to {
            try await connection.send("RCPT TO:<\(address)>", expecting: 250, as: "RCPT TO \(address)")
        }
        let (people, refused) = try await offer(notice, on: connection)
        try await connection.send("DATA", expecting: 354, as: "DATA")
        // INVARIANT: no line begins with a dot (RFC 5321 §4.5.2): headers begin with a name or a space, the body is base64.
        let message = notice.email(from: account.from, to: account.to + people)
        let reply = try await connection.send(message + Array(".\r\n".utf8))
        try SMTPConnection.expect(250, "the message", reply)
        // It has been taken: how the farewell goes does not matter.
        _ = try? await connection.send("QUIT", expecting: 221, as: "QUIT")
        return Receipt("answered \(reply.code) \(reply.text)", refused: refused)
    }

    /// Names the people whom the notice concerns. One for whom the server will never take mail (5yz, RFC 5321 §4.2.1) does not
    /// keep it from the others.
    private func offer(
        _ notice: Notice, on connection: SMTPConnection
    ) async throws -> (taken: [MailAddress], refused: [String]) {
        var taken: [MailAddress] = []
        var refused: [String] = []
        var problem: DeliveryProblem?
        for address in account.people(of: notice) {
            do {
                try await connection.send("RCPT TO:<\(address)>", expecting: 250, as: "RCPT TO \(address)")
                taken.append(address)
            } catch let error as DeliveryProblem {
                guard case .smtpRefused(_, 500..., _) = error else { throw error }
                refused.append(address.text)
                problem = error
            }
        }
        if let problem, taken.isEmpty, account.to.isEmpty { throw problem }
        return (taken, refused)
    }
}
