// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates
package import ServiceAPI

/// The CA keys of an authority, as a host trusts them.
package struct TrustedAuthorities: Equatable, Sendable {
    package let userCAs: [SSHPublicKey]
    /// First the one that signs.
    package let hostCAs: [SSHPublicKey]
    /// Lines of the user CA keys.
    package let userCAText: String

    /// More would be a mistake: two during a rotation are usual.
    private static let mostKeys = 16

    package init(_ authorities: Authorities) throws(ClientError) {
        userCAs = try Self.keys(authorities.sshUserCA)
        hostCAs = try Self.keys(authorities.sshHostCA)
        guard Set(userCAs).isDisjoint(with: hostCAs) else {
            throw .host(.authorities("one key is for users and for hosts"))
        }
        userCAText = Self.lines(authorities.sshUserCA).map { $0 + "\n" }.joined()
    }

    package static func keys(_ text: String) throws(ClientError) -> [SSHPublicKey] {
        let lines = lines(text)
        guard (1...mostKeys).contains(lines.count) else { throw .host(.authorities("there are \(lines.count) of them")) }
        var keys: [SSHPublicKey] = []
        for line in lines {
            do throws(SSHKeyError) { keys.append(try SSHPublicKey(authorizedKey: line)) } catch {
                throw .host(.authorities(error.description))
            }
        }
        return keys
    }

    private static func lines(_ text: String) -> [String] { text.split(whereSeparator: \.isNewline).map(String.init) }
}

extension SSHCertificate {
    /// What the server sent for a host: it must say what was asked for, and be accepted now.
    init(
        forHost name: String, issued line: String, key: SSHPublicKey, by authorities: TrustedAuthorities, at now: Date
    ) throws(ClientError) {
        try self.init(issued: line, for: key)
        guard contents.kind == .host else { throw .host(.certificate("it is not for a host")) }
        guard authorities.hostCAs.contains(contents.signatureKey) else {
            throw .host(.certificate("the host CA did not sign it"))
        }
        guard contents.principals.names == [name] else { throw .host(.certificate("it is not for `\(name)` alone")) }
        guard contents.validity.contains(secondsSince1970: UInt64(max(0, now.timeIntervalSince1970))) else {
            throw .host(.certificate("by the clock of this host it is not valid"))
        }
    }

    /// When a host asks for the next one.
    package var renewalTime: Date {
        func date(_ seconds: UInt64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
        return Client.renewalTime(
            from: date(contents.validity.validAfter), to: date(contents.validity.validBefore), of: blob)
    }
}
