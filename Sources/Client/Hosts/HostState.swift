// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What an enrolled host knows of its enrolment. Nothing in it is secret.
package struct HostState: Codable, Equatable, Sendable {
    package var url: String
    /// Of the service CA.
    package var fingerprint: String
    package var name: String
    package var role: String
    package var zones: [String]
    package var logins: [String]
    /// Path of the private key.
    package var hostKey: String

    enum CodingKeys: String, CodingKey {
        case url, fingerprint, name, role, zones, logins
        case hostKey = "host_key"
    }

    package init(
        url: String, fingerprint: String, name: String, role: String, zones: [String], logins: [String], hostKey: String
    ) {
        self.url = url
        self.fingerprint = fingerprint
        self.name = name
        self.role = role
        self.zones = zones
        self.logins = logins
        self.hostKey = hostKey
    }

    /// - Throws: `HostError.notEnrolled`.
    package init(_ paths: HostPaths) throws(ClientError) {
        guard AtomicFile.exists(paths.state), AtomicFile.exists(paths.dropIn) else { throw .host(.notEnrolled) }
        let bytes = try AtomicFile.read(paths.state)
        do {
            self = try JSONDecoder().decode(HostState.self, from: Data(bytes))
        } catch {
            throw .damaged(path: paths.state)
        }
    }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ((try? encoder.encode(self)).map(Array.init) ?? []) + [UInt8(ascii: "\n")]
    }
}
