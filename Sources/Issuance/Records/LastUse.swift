// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// When a session was last used, and from where.
package struct LastUse: Sendable, Equatable {
    /// Serial of the session certificate.
    package var session: String
    package var time: Date
    /// IPv4 or IPv6 text of the peer.
    package var address: String?
    /// Of the session: after it nobody asks for this any more.
    package var expires: Date

    package init(session: String, time: Date, address: String?, expires: Date) {
        self.session = session
        self.time = time
        self.address = address
        self.expires = expires
    }
}
