// SPDX-License-Identifier: Apache-2.0

/// The common name of a subject, as `SubjectText` allows it.
package struct CommonName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        guard SubjectText.isValid(text) else { throw .commonName(text) }
        self.text = text
    }

    package var description: String { text }
}

/// An organization of a subject, as `SubjectText` allows it. Kubernetes reads these as groups.
package struct OrganizationName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        guard SubjectText.isValid(text) else { throw .organization(text) }
        self.text = text
    }

    package var description: String { text }
}

/// What may stand in an attribute of a subject: 1 to 64 (RFC 5280 appendix A, ub-common-name and ub-organization-name)
/// printable ASCII characters, no space at either end, and no `*`, which some clients would take for a wildcard.
private enum SubjectText {
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        let space = UInt8(ascii: " ")
        return (1...64).contains(bytes.count) && bytes.first != space && bytes.last != space
            && bytes.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "*") }
    }
}
