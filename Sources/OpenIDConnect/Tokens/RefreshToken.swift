// SPDX-License-Identifier: Apache-2.0

/// What a provider gives new tokens for, as long as it still knows the person (RFC 6749 §1.5). Whoever has it can ask as us, so it
/// never describes itself.
package struct RefreshToken: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package let text: String

    private static let longest = 8192  // bytes

    /// Nil for what is none (RFC 6749 appendix A.17), or too long to be kept.
    package init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    package var description: String { "a refresh token" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
