// SPDX-License-Identifier: Apache-2.0

/// Entries of a revocation list, encoded and in ascending order of their serial numbers, each there once. Adding a few to
/// many copies bytes, and encodes only the few: lists are written often and change little.
package struct RevokedEntries: Sendable {
    /// Without arrays: there may be a hundred thousand.
    private struct Entry: Hashable {
        let key: Key
        let time: CertificateTime
        let reason: RevocationReason
        /// Of its bytes within `encoded`.
        let length: UInt8
    }

    private struct Key: Hashable, Comparable {
        let high: UInt64
        let low: UInt64

        init(_ serial: SerialNumber) {
            func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            high = number(serial.bytes.prefix(8))
            low = number(serial.bytes.dropFirst(8))
        }

        var serial: SerialNumber? {
            SerialNumber(
                magnitude: [high, low].flatMap { half in
                    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
                })
        }

        static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
    }

    // INVARIANT: `entries` ascend without duplicates, and `encoded` is the bytes of each, in that order.
    private var entries: [Entry] = []
    /// `revokedCertificates` without its head; empty where there are none.
    private(set) var encoded: [UInt8] = []

    package init() {}

    /// - Throws: `RevocationListError.duplicateSerial`.
    package init(_ revoked: some Sequence<RevokedCertificate>) throws(RevocationListError) {
        try update(adding: revoked)
    }

    package var count: Int { entries.count }

    /// Whether some entry says that one went away, which only delta lists do.
    package var hasRemovals: Bool { entries.contains { $0.reason == .removeFromList } }

    /// All of them, in order.
    package var certificates: [RevokedCertificate] { entries.compactMap(Self.certificate) }

    package subscript(serial: SerialNumber) -> RevokedCertificate? {
        let key = Key(serial)
        var range = entries.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if entries[middle].key == key { return Self.certificate(entries[middle]) }
            range = entries[middle].key < key ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// Adds entries, each in the place of one of the same serial number, and takes others out.
    ///
    /// - Parameter removing: serial numbers; those without an entry are ignored, those that are also added stay.
    /// - Throws: `RevocationListError.duplicateSerial` where one is added twice; then nothing has changed.
    package mutating func update(
        adding: some Sequence<RevokedCertificate> = [], removing: some Sequence<SerialNumber> = []
    ) throws(RevocationListError) {
        var edits: [Key: RevokedCertificate?] = [:]
        for serial in removing { edits[Key(serial)] = .some(nil) }
        for revoked in adding {
            if case .some(.some) = edits.updateValue(revoked, forKey: Key(revoked.serial)) {
                throw .duplicateSerial(revoked.serial)
            }
        }
        guard !edits.isEmpty else { return }
        var merged = RevokedEntries()
        merged.entries.reserveCapacity(entries.count + edits.count)
        merged.encoded.reserveCapacity(encoded.count + edits.count * 40)
        var rest = entries[...]
        var bytes = encoded[...]
        func moveFirst(_ count: Int) {
            let length = rest.prefix(count).reduce(0) { $0 + Int($1.length) }
            merged.entries += rest.prefix(count)
            merged.encoded += bytes.prefix(length)
            rest = rest.dropFirst(count)
            bytes = bytes.dropFirst(length)
        }
        for (key, revoked) in edits.sorted(by: { $0.key < $1.key }) {
            moveFirst(rest.prefix { $0.key < key }.count)
            if let replaced = rest.first, replaced.key == key {
                rest = rest.dropFirst()
                bytes = bytes.dropFirst(Int(replaced.length))
            }
            if let revoked { merged.append(revoked, key) }
        }
        moveFirst(rest.count)
        self = merged
    }

    /// Those of one part of the list.
    package func shard(_ shard: ListShard) -> RevokedEntries {
        let start = entries.firstIndex { $0.key.high >> 60 >= UInt64(shard.index) } ?? entries.endIndex
        let end = entries[start...].firstIndex { $0.key.high >> 60 > UInt64(shard.index) } ?? entries.endIndex
        func length(_ part: ArraySlice<Entry>) -> Int { part.reduce(0) { $0 + Int($1.length) } }
        var part = RevokedEntries()
        part.entries = Array(entries[start..<end])
        part.encoded = Array(encoded.dropFirst(length(entries[..<start])).prefix(length(entries[start..<end])))
        return part
    }

    /// What a delta list to a full list with the entries of `base` says: what is new or other, and what went away, which it
    /// keeps the date of.
    package func changes(since base: RevokedEntries) -> RevokedEntries {
        var changes = RevokedEntries()
        var old = base.entries[...]
        func remove(_ entry: Entry) {
            guard let revoked = Self.certificate(entry) else { return }
            changes.append(
                RevokedCertificate(serial: revoked.serial, time: revoked.time, reason: .removeFromList), entry.key)
        }
        for entry in entries {
            let gone = old.prefix { $0.key < entry.key }
            gone.forEach(remove)
            old = old.dropFirst(gone.count)
            let isOld = old.first?.key == entry.key
            if let revoked = Self.certificate(entry), !isOld || old.first != entry { changes.append(revoked, entry.key) }
            if isOld { old = old.dropFirst() }
        }
        old.forEach(remove)
        return changes
    }

    private mutating func append(_ revoked: RevokedCertificate, _ key: Key) {
        let reason = revoked.reason == .unspecified ? [] : element(.sequence, EncodedExtension.reason(revoked.reason))
        let bytes = element(.sequence, revoked.serial.encoded, revoked.time.encoded, reason)
        entries.append(
            Entry(key: key, time: revoked.time, reason: revoked.reason, length: UInt8(truncatingIfNeeded: bytes.count)))
        encoded += bytes
    }

    private static func certificate(_ entry: Entry) -> RevokedCertificate? {
        entry.key.serial.map { RevokedCertificate(serial: $0, time: entry.time, reason: entry.reason) }
    }
}

extension RevokedEntries: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.entries == right.entries }

    package func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}
