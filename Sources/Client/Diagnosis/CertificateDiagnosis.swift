// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates

/// What a certificate itself has to say about a login.
package struct CertificateDiagnosis: Sendable {
    private let contents: SSHCertificateContents

    package init(_ certificate: SSHCertificate) {
        contents = certificate.contents
    }

    /// - Parameters:
    ///   - authorities: the keys of our user CA; empty when they are not known.
    ///   - clock: whose clock `now` is: `this host's`.
    ///   - address: where the login comes from, as the server sees it.
    package func checks(
        login: String, authorities: [SSHPublicKey], address: String?, now: Date, clock: String
    ) -> [DiagnosisCheck] {
        [kind(login, authorities), validity(now, clock), principals(login), sourceAddress(address)].compactMap(\.self)
    }

    private func kind(_ login: String, _ authorities: [SSHPublicKey]) -> DiagnosisCheck {
        guard contents.kind == .user else {
            return .problem(
                "certificate", "it is a host certificate, which logs nobody in", mend: "get one with `mayfly issue ssh`")
        }
        guard authorities.isEmpty || authorities.contains(contents.signatureKey) else {
            return .problem(
                "certificate", "it is of another CA, `\(contents.signatureKey.fingerprint)`",
                mend: "use a certificate of `\(authorities[0].fingerprint)`")
        }
        return .ok("certificate", "serial \(contents.serial), key id `\(contents.keyID)`")
    }

    private func validity(_ now: Date, _ clock: String) -> DiagnosisCheck {
        let validity = contents.validity
        let (start, end) = (Self.date(validity.validAfter), Self.date(validity.validBefore))
        let second = UInt64(max(0, now.timeIntervalSince1970))
        if second < validity.validAfter {
            return .problem(
                "validity", "it is valid from \(start.formatted(.iso8601)), and \(clock) clock says \(now.formatted(.iso8601))",
                mend: "set the clock: `timedatectl` shows whether it is synchronized")
        }
        guard second < validity.validBefore else {
            return .problem(
                "validity", "it expired at \(end.formatted(.iso8601)), and \(clock) clock says \(now.formatted(.iso8601))",
                mend: "get a new one with `mayfly ssh`; if it is new, set the clock (`timedatectl`)")
        }
        return .ok("validity", "valid until \(end.formatted(.iso8601))")
    }

    /// A certificate for other logins is of no use here, whatever the host trusts.
    private func principals(_ login: String) -> DiagnosisCheck? {
        let ours = contents.principals.names.filter { $0.contains("@zone:") || $0.contains("@host:") }
        guard ours.count == contents.principals.names.count, !ours.contains(where: { $0.hasPrefix(login + "@") }) else {
            return nil
        }
        return .problem(
            "login", "it is for " + ours.map { "`\($0)`" }.joined(separator: ", ") + ", not for the login `\(login)`",
            mend: "log in as another user, or ask for `\(login)` with `mayfly issue ssh --login \(login)`")
    }

    private func sourceAddress(_ address: String?) -> DiagnosisCheck? {
        let ranges = contents.criticalOptions.sourceAddresses
        guard !ranges.isEmpty else { return nil }
        let list = ranges.map { "`\($0)`" }.joined(separator: ", ")
        guard let address else {
            return .unknown("source-address", "it works from \(list) only", mend: "name your address with `--address`")
        }
        guard ranges.contains(where: { $0.contains(address: address) }) else {
            return .problem(
                "source-address", "it works from \(list) only, not from `\(address)`",
                mend: "connect from where you ask for certificates; a proxy or NAT in between changes the address")
        }
        return .ok("source-address", "`\(address)` is within \(list)")
    }

    private static func date(_ seconds: UInt64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
}
