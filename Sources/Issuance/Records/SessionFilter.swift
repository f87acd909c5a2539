// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Every member that is set narrows the list of open sessions.
package struct SessionFilter: Sendable {
    package var provider: String?
    package var user: String?
    /// Opened by one of the logins that this ends.
    package var login: EndedLogin?
    /// Only those that expire later.
    package var openAt: Date
    /// Only serials after this one, for paging.
    package var after: String?
    package var limit: Int

    package init(openAt: Date, limit: Int) {
        self.openAt = openAt
        self.limit = limit
    }
}
