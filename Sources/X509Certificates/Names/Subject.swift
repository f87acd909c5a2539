// SPDX-License-Identifier: Apache-2.0

/// The subject of a certificate: organizations, then the common name; all may be missing.
package struct Subject: Hashable, Sendable {
    package let organizations: [OrganizationName]
    package let commonName: CommonName?

    /// More than any use of them needs.
    package static let maximumOrganizations = 20

    /// - Throws: `NameError` naming the first text that no subject may have, or that is there twice.
    package init(commonName: String?, organizations: [String] = []) throws(NameError) {
        guard organizations.count <= Self.maximumOrganizations else { throw .tooMany(limit: Self.maximumOrganizations) }
        var names: [OrganizationName] = []
        for organization in organizations {
            let name = try OrganizationName(organization)
            guard !names.contains(name) else { throw .duplicate(organization) }
            names.append(name)
        }
        self.organizations = names
        self.commonName = if let commonName { try CommonName(commonName) } else { nil }
    }

    init(_ commonName: CommonName) {
        organizations = []
        self.commonName = commonName
    }

    package var isEmpty: Bool { organizations.isEmpty && commonName == nil }

    /// `CN=…`, then `O=…` each.
    package var described: [String] {
        (commonName.map { ["CN=\($0)"] } ?? []) + organizations.map { "O=\($0)" }
    }
}
