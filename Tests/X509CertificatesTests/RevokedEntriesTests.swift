// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct RevokedEntriesTests {
    private func entries(_ numbers: [UInt32], _ reason: RevocationReason = .unspecified) throws -> RevokedEntries {
        try RevokedEntries(numbers.map { try RevokedCertificate.sample(.number($0), reason) })
    }

    private func numbers(_ entries: RevokedEntries) -> [UInt32] {
        entries.certificates.map { $0.serial.bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }

    @Test func `entries ascend by serial number in whatever order they come`() throws {
        let entries = try entries([7, 300, 1, 65_536, 2, 128])
        #expect(numbers(entries) == [1, 2, 7, 128, 300, 65_536])
        #expect(entries.count == 6)
        let large = try SerialNumber(randomBits: [0xff] + Array(repeating: 0, count: 15))
        let half = try SerialNumber(randomBits: Array(repeating: 0, count: 8) + Array(repeating: 0xff, count: 8))
        let both = try RevokedEntries([.sample(large), .sample(half)])
        #expect(both.certificates.map(\.serial) == [half, large])
    }

    @Test func `adding to entries writes what writing all of them at once does`() throws {
        var serials = (0..<300).map { _ in SerialNumber.random() }
        let reasons = RevocationReason.allCases.filter { $0 != .removeFromList }
        let all = try serials.enumerated().map { try RevokedCertificate.sample($1, reasons[$0 % reasons.count]) }
        var step = RevokedEntries()
        for start in stride(from: 0, to: 300, by: 30) { try step.update(adding: all[start..<(start + 30)]) }
        let once = try RevokedEntries(all)
        #expect(step == once && step.encoded == once.encoded)
        serials.shuffle()
        try step.update(removing: serials.prefix(100))
        let rest = Set(serials.dropFirst(100))
        let fewer = try RevokedEntries(all.filter { rest.contains($0.serial) })
        #expect(step == fewer && step.encoded == fewer.encoded)
        for serial in serials { #expect((step[serial] != nil) == rest.contains(serial)) }
        try step.update(removing: rest)
        #expect(step == RevokedEntries() && step.encoded.isEmpty)
    }

    @Test func `an entry takes the place of the one with its serial number`() throws {
        var held = try entries([1, 2, 3], .certificateHold)
        let stolen = try RevokedCertificate.sample(.number(2), at: -10, .keyCompromise)
        try held.update(adding: [stolen], removing: [stolen.serial])
        #expect(numbers(held) == [1, 2, 3])
        #expect(try held[.number(2)] == stolen)
        #expect(try held[.number(3)]?.reason == .certificateHold)
        #expect(try held[.number(4)] == nil)
    }

    @Test func `a serial number that is added twice changes nothing`() throws {
        var entries = try entries([1, 2])
        let before = entries
        let twice = try RevokedCertificate.sample(.number(3))
        #expect(throws: RevocationListError.duplicateSerial(twice.serial)) { try entries.update(adding: [twice, twice]) }
        #expect(entries == before)
        #expect(!RevocationListError.duplicateSerial(twice.serial).description.isEmpty)
    }

    @Test func `changes are what is new, what is other, and what went away`() throws {
        let base = try RevokedEntries([
            .sample(.number(1)), .sample(.number(2), at: -50, .certificateHold), .sample(.number(3), .certificateHold),
            .sample(.number(9), at: -70, .superseded),
        ])
        var now = base
        try now.update(
            adding: [.sample(.number(3), .keyCompromise), .sample(.number(4))], removing: [.number(2), .number(9)])
        let changes = now.changes(since: base)
        #expect(
            try changes.certificates == [
                .sample(.number(2), at: -50, .removeFromList), .sample(.number(3), .keyCompromise), .sample(.number(4)),
                .sample(.number(9), at: -70, .removeFromList),
            ])
        #expect(changes.hasRemovals && !now.hasRemovals)
        #expect(now.changes(since: now) == RevokedEntries())
        #expect(now.changes(since: RevokedEntries()) == now)
        #expect(try changes == RevokedEntries(changes.certificates))
    }

    @Test(arguments: [.infinity, 0.5, 253_402_300_800])
    func `a revocation has a time that can be written`(_ seconds: Double) {
        #expect(throws: RevocationListError.time) { try RevokedCertificate.sample(at: seconds) }
    }
}
