// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package enum RequestError: Error, Hashable, Sendable {
    case lifetimeNotPositive
    case lifetimeNotWholeSeconds
    case lifetimeTooLong
    case reasonTooLong(limit: Int)
    case reasonNotPlain
    case ticketTooLong(limit: Int)
    case ticketNotPlain
    case noLogins
    case tooManyLogins(limit: Int)
    case invalidLogin(String)
    case invalidHost(HostNameError)
    case invalidName(String, place: String)
    case duplicateName(String)
    case spiffeBesideOthers
    case tooManyNames(limit: Int)
}

/// What is asked for. Valid by construction; whether it is allowed is another question.
package struct AuthorizationRequest: Hashable, Sendable {
    package static let maximumReasonCharacters = 500
    package static let maximumTicketCharacters = 100

    /// What the person wants of the answer.
    package enum Route: String, Sendable, CaseIterable {
        /// A certificate at once, by a rule that needs no approval where there is one.
        case issue
        /// The rule that approves it by itself, or the one that gives more after approval by people.
        case request
        /// The rule that gives at once what others review afterwards.
        case breakGlass = "break-glass"
    }

    package enum Subject: Hashable, Sendable {
        /// `logins` nil: all of the role. `host`: a certificate for that host only.
        case ssh(logins: [String]?, host: HostName?)
        case sshHost(host: HostName)
        /// nil, or no names at all: every exact name of the role.
        case x509(names: X509Names?)

        package var kind: RequestKind {
            switch self {
            case .ssh: .ssh
            case .sshHost: .sshHost
            case .x509: .x509
            }
        }
    }

    package let role: String
    package let what: Subject
    /// nil: the default of the rule.
    package let lifetime: Duration?
    package let reason: String?
    package let ticket: String?
    package let route: Route
    /// Of the key to be certified; nil where only an overview is wanted.
    package let keyType: KeyType?
    /// Only this allow rule counts; nil: any.
    package let rule: String?

    package init(
        role: String, what: Subject, lifetime: Duration? = nil, reason: String? = nil, ticket: String? = nil,
        route: Route = .issue, keyType: KeyType? = nil, rule: String? = nil
    ) throws(RequestError) {
        if let lifetime {
            guard lifetime > .zero else { throw .lifetimeNotPositive }
            guard lifetime.components.attoseconds == 0 else { throw .lifetimeNotWholeSeconds }
            guard lifetime <= PolicyDuration.longest else { throw .lifetimeTooLong }
        }
        try Self.check(reason: reason)
        try Self.check(ticket: ticket)
        if case .ssh(let logins?, _) = what {
            guard !logins.isEmpty else { throw .noLogins }
            guard logins.count <= SSHRole.maximumPrincipals else { throw .tooManyLogins(limit: SSHRole.maximumPrincipals) }
            var seen: Set<String> = []
            for login in logins {
                guard Names.isLogin(login) else { throw .invalidLogin(login) }
                guard seen.insert(login).inserted else { throw .duplicateName(login) }
            }
        }
        self.role = role
        self.what = what
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
        self.route = route
        self.keyType = keyType
        self.rule = rule
    }

    package static func check(reason: String?) throws(RequestError) {
        guard let reason else { return }
        guard reason.unicodeScalars.count <= maximumReasonCharacters else {
            throw .reasonTooLong(limit: maximumReasonCharacters)
        }
        guard !reason.isEmpty, reason.isPlainlyVisible else { throw .reasonNotPlain }
    }

    package static func check(ticket: String?) throws(RequestError) {
        guard let ticket else { return }
        guard ticket.unicodeScalars.count <= maximumTicketCharacters else {
            throw .ticketTooLong(limit: maximumTicketCharacters)
        }
        guard !ticket.isEmpty, ticket.isPlainlyVisible else { throw .ticketNotPlain }
    }
}

extension RequestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lifetimeNotPositive: "the lifetime must be longer than nothing"
        case .lifetimeNotWholeSeconds: "the lifetime must be whole seconds"
        case .lifetimeTooLong: "the lifetime is longer than 100 years"
        case .reasonTooLong(let limit): "the reason is longer than \(limit) characters"
        case .reasonNotPlain: "the reason must be one line of visible characters"
        case .ticketTooLong(let limit): "the ticket is longer than \(limit) characters"
        case .ticketNotPlain: "the ticket must be one line of visible characters"
        case .noLogins: "the list of logins is empty; leave it out to ask for all"
        case .tooManyLogins(let limit): "more than \(limit) logins"
        case .invalidLogin(let login): "`\(printable: login)` is not a login"
        case .invalidHost(let error): error.description
        case .invalidName(let name, let place): "`\(printable: name)` is not valid as \(place)"
        case .duplicateName(let name): "`\(printable: name)` is asked for twice"
        case .spiffeBesideOthers: "a SPIFFE ID must be the only URI of a certificate"
        case .tooManyNames(let limit): "more than \(limit) names"
        }
    }
}
