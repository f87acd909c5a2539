// SPDX-License-Identifier: Apache-2.0

/// One of 16 parts of a CA's revocation list, by the first four bits of the serial number: those are random, so the parts are
/// about equal. The number of parts never changes, because certificates name theirs from the day they are issued.
package struct ListShard: Hashable, Sendable, CaseIterable {
    /// 0 to 15.
    package let index: Int

    package static let allCases = (0..<16).map { ListShard(index: $0) }

    private init(index: Int) {
        self.index = index
    }

    package init(of serial: SerialNumber) {
        index = Int((serial.bytes.first ?? 0) >> 4)
    }

    /// One hexadecimal digit.
    package var name: String { String(index, radix: 16) }
}
