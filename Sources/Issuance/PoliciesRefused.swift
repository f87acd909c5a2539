// SPDX-License-Identifier: Apache-2.0

/// The policies were read again because somebody asked, and did not go live: the old set is.
package struct PoliciesRefused: Error, Equatable {
    package let reason: String
    package let hint: String?

    package init(reason: String, hint: String?) {
        self.reason = reason
        self.hint = hint
    }
}
