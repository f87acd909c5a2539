// SPDX-License-Identifier: Apache-2.0

/// An e-mail address: a dot-atom of at most 64 ASCII letters, digits and `_+-`, and a DNS name (RFC 5321 §4.1.2). Before
/// the `@` case has a meaning (RFC 5321 §2.4) and is kept.
package struct EmailName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last, local.utf8.count <= 64,
            local.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy({ !$0.isEmpty && $0.consists(ofLettersDigitsAnd: "_+-") }),
            (try? DNSName(String(domain))) != nil
        else { throw .email(text) }
        self.text = text
    }

    package var description: String { text }
}
