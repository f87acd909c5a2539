// SPDX-License-Identifier: Apache-2.0

import X509Certificates

import struct FoundationEssentials.Date

/// How long after its end a certificate stays in a list: what has a clock that is behind still refuses it.
let listedAfterExpiry: Double = 3600  // seconds

/// The revoked certificates of one SSH CA key, by serial, with when each ends.
struct RevokedSSHSerials {
    private var ends: [UInt64: Date] = [:]

    /// - Returns: whether anything is different now.
    mutating func apply(_ change: RevocationChange) throws -> Bool {
        guard let serial = UInt64(change.serial), serial > 0 else { throw AuthorityError.lintFailed("an SSH serial") }
        guard change.revokedAt != nil else { return ends.removeValue(forKey: serial) != nil }
        return ends.updateValue(change.validBefore, forKey: serial) == nil
    }

    mutating func dropEnded(at now: Date) {
        ends = ends.filter { $0.value.addingTimeInterval(listedAfterExpiry) > now }
    }

    var sorted: [UInt64] { ends.keys.sorted() }
    var count: Int { ends.count }
}

/// The revoked certificates of one X.509 CA: the entries of its lists, and when each ends.
struct RevokedX509Serials {
    private(set) var entries = RevokedEntries()
    private var ends: [SerialNumber: Date] = [:]

    mutating func apply(_ changes: [RevocationChange]) throws {
        var added: [RevokedCertificate] = []
        var removed: [SerialNumber] = []
        for change in changes {
            guard let serial = SerialNumber(hexadecimal: change.serial) else { throw AuthorityError.lintFailed("a serial") }
            if let time = change.revokedAt {
                added.append(try RevokedCertificate(serial: serial, revokedAt: time, reason: change.cause.reason))
                ends[serial] = change.validBefore
            } else {
                removed.append(serial)
                ends[serial] = nil
            }
        }
        try entries.update(adding: added, removing: removed)
    }

    /// - Parameter regular: when the last regular list was made. What had ended by then was in a list that was made after its
    ///   end, as RFC 5280 §3.3 wants it.
    mutating func dropEnded(before regular: Date) throws {
        let gone = ends.filter { $0.value.addingTimeInterval(listedAfterExpiry) <= regular }.keys
        for serial in gone { ends[serial] = nil }
        try entries.update(removing: gone)
    }
}

extension RevocationCause {
    var reason: RevocationReason {
        switch self {
        case .unspecified: .unspecified
        case .keyCompromise: .keyCompromise
        case .affiliationChanged: .affiliationChanged
        case .superseded: .superseded
        case .cessationOfOperation: .cessationOfOperation
        case .certificateHold: .certificateHold
        case .privilegeWithdrawn: .privilegeWithdrawn
        }
    }
}
