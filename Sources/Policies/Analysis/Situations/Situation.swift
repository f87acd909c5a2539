// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Somebody who asks for something at some time: an example of what a comparison found, which `decide` can be asked about.
package struct Situation: Sendable, Hashable {
    package let identity: Identity
    package let reason: String?
    package let ticket: String?
    /// Seconds since 1970-01-01T00:00:00Z.
    package let second: Int
    /// What is asked for; nil where the right is not a certificate.
    package let lifetime: Duration?
    package let route: AuthorizationRequest.Route
    /// Whether rules look at the time at all.
    let dependsOnTime: Bool

    package var instant: Date { Date(timeIntervalSince1970: Double(second)) }
}

extension Universe {
    func situation(_ point: Point, isCertificate: Bool, route: AuthorizationRequest.Route) -> Situation {
        func value<Value>(_ values: [Value], _ attribute: Attribute) -> Value {
            values[point[attribute].first ?? 0]
        }
        let span = value(spans.values, .span)
        let said = point[.groups]
        var known: [String: ClaimValue] = [:]
        for (name, members) in claims {
            let values = point[claimAttribute(name)].map { members[$0] }
            // No value at all is a claim that is known to be absent; one that is not mentioned is unknown.
            if values.isEmpty { known[name] = .absent }
            if let first = values.first, let first {
                known[name] = values.count == 1 ? first : .list(values.compactMap(\.self))
            }
        }
        let age = value(loginAges, .loginAge)
        let user = value(users, .user)
        let usual = user.split(separator: "@").first.map { String($0) }
        // Another than all that names were looked at for.
        func other(_ login: String?) -> String? { login.flatMap { logins.contains($0) ? other("x" + $0) : $0 } }
        let login = value(logins, .login) ?? other(usual)
        return Situation(
            identity: Identity(
                provider: value(providers, .provider), user: user, login: login,
                groups: said.contains(0) ? .unknown : .known(Set(said.compactMap { groups[$0] })), claims: .known(known),
                mfa: value(mfa, .mfa).map { .known($0) } ?? .unknown,
                authenticatedAt: age.map {
                    .known(Date(timeIntervalSince1970: Double(span.start) - Double($0.components.seconds)))
                } ?? .unknown,
                address: value(addresses, .network)),
            reason: value(reasons, .reason), ticket: value(tickets, .ticket), second: span.start,
            lifetime: isCertificate ? .seconds(span.seconds) : nil, route: route,
            dependsOnTime: spans.dependOnTime)
    }
}

extension Situation: CustomStringConvertible {
    /// What matters, for people: ``ana@example.com, in group `sre`, from 10.0.0.1, on Sunday 2026-11-29T03:00:00Z for 2h``.
    package var description: String {
        var words = [identity.user ?? "a workload"]
        if identity.provider != "another" { words.append("of provider `\(identity.provider)`") }
        switch identity.groups {
        case .unknown: words.append("groups unknown")
        case .known(let groups):
            if !groups.isEmpty { words.append("in " + groups.sorted().map(\.inBackticks).joined(separator: " and ")) }
        }
        if case .known(let claims) = identity.claims {
            words += claims.sorted { $0.key < $1.key }.map { "claim \($0.key.inBackticks) \($0.value)" }
        }
        switch identity.mfa {
        case .known(let used): words.append(used ? "with a second factor" : "without a second factor")
        case .unknown: words.append("second factor unknown")
        }
        if case .known(let date) = identity.authenticatedAt, case let age = instant.timeIntervalSince(date), age > 0 {
            words.append("logged in \(PolicyDuration.text(.seconds(age))) ago")
        }
        words.append(identity.address.map { "from \($0)" } ?? "address unknown")
        if let reason { words.append("reason \(reason.inBackticks)") }
        if let ticket { words.append("ticket \(ticket.inBackticks)") }
        if dependsOnTime {
            let day = Weekdays.words[(second.flooringQuotient(CalendarDay.seconds) + 3).flooringRemainder(7)]
            words.append("on \(day) \(Timestamp.text(second))")
        }
        if let lifetime { words.append("for \(PolicyDuration.text(lifetime))") }
        return words.joined(separator: ", ")
    }
}
