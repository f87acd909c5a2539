// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The user the tests run as.
package enum CurrentUser {
    package static var isRoot: Bool { geteuid() == 0 }

    package static var name: String { NSUserName() }

    /// Whether the password field begins with `!`, as after `passwd -l`. Only root can tell; for others it is `false`.
    ///
    /// sshd without PAM refuses such an account every kind of login. Containers have `*` instead, which is no lock.
    package static var isLocked: Bool {
        guard let shadow = try? String(contentsOfFile: "/etc/shadow", encoding: .utf8) else { return false }
        return shadow.split(separator: "\n").contains { $0.hasPrefix(name + ":!") }
    }
}
