// SPDX-License-Identifier: Apache-2.0

/// A Unix login, as the other modules check it.
package enum LoginName {
    /// `[a-z_][a-z0-9_.-]*`, at most 32 bytes (useradd(8)).
    package static func isValid(_ text: String) -> Bool { Names.isLogin(text) }
}
