// SPDX-License-Identifier: Apache-2.0

/// What the sources do not say and the caller may.
package struct ImportOptions: Sendable {
    /// What the heading of the file calls the source, for instance its file name.
    package var source: String
    /// Where SSH accounts may be used. Without a zone they become plain principals, which servers that are set up for the
    /// old CA understand as they are.
    package var zone: ImportZone?
    /// The longest lifetime of certificates whose source leaves it to a setting elsewhere.
    package var unsaidLifetime: Duration

    package init(source: String = "a configuration", zone: ImportZone? = nil, unsaidLifetime: Duration = .seconds(3_600)) {
        self.source = source
        self.zone = zone
        self.unsaidLifetime = max(unsaidLifetime, .seconds(1))
    }
}

/// A zone for imported accounts. Valid by construction.
package struct ImportZone: Hashable, Sendable {
    package let name: String
    /// At least one, each once.
    package let hosts: [String]

    /// - Throws: `ImportError.invalidZone` with the text that is wrong.
    package init(name: String, hosts: [String]) throws(ImportError) {
        guard Identifiers.isIdentifier(name), !hosts.isEmpty else { throw .invalidZone(name) }
        for host in hosts where !SourceName.isHostOrPattern(host) { throw .invalidZone(host) }
        self.name = name
        self.hosts = hosts.withoutRepeats
    }
}
