// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Where the authority reads the time. Certificates carry whole seconds, so the authority rounds down.
package protocol WallClock: Sendable {
    var now: Date { get }
}

package struct SystemClock: WallClock {
    package init() {}

    package var now: Date { Date() }
}

extension WallClock {
    package var wholeSeconds: Date { Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)) }
}
