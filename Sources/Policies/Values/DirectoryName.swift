// SPDX-License-Identifier: Apache-2.0

/// A user or a group as an identity provider writes it.
package enum DirectoryName {
    /// At most 256 bytes of visible text, without `*` and without spaces at its ends.
    package static func isValid(_ text: String) -> Bool { Names.isDirectoryName(text) }
}
