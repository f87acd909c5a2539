// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import X509Certificates

@testable import Issuance

/// Parts of a list, for those who fetch the one that a certificate names.
@Suite struct ListShardTests {
    private static func serial(_ first: UInt8, _ last: UInt8 = 1) throws -> SerialNumber {
        try SerialNumber(randomBits: [first] + [UInt8](repeating: 0, count: 14) + [last])
    }

    @Test func `every serial number is in one shard, and the shards together are the list`() throws {
        let serials = try (0...255).map { try Self.serial(UInt8($0), .random(in: 1...255)) }
        let entries = try RevokedEntries(
            serials.map { try RevokedCertificate(serial: $0, revokedAt: TestCA.start, reason: .keyCompromise) })
        let parts = ListShard.allCases.map { entries.shard($0) }
        #expect(parts.map(\.count) == Array(repeating: 16, count: 16))
        #expect(parts.flatMap(\.certificates) == entries.certificates)
        for (shard, part) in zip(ListShard.allCases, parts) {
            #expect(part.certificates.allSatisfy { ListShard(of: $0.serial) == shard })
            #expect(try part == RevokedEntries(part.certificates))
        }
        let few = try RevokedEntries([
            RevokedCertificate(serial: Self.serial(0x70), revokedAt: TestCA.start, reason: .unspecified)
        ])
        #expect(ListShard.allCases.map { few.shard($0).count } == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(ListShard.allCases.allSatisfy { RevokedEntries().shard($0).count == 0 })
    }

    @Test func `a certificate names its shard, which says that it was revoked, and only that one is made anew`() async throws {
        let shards = try ListShard.allCases.map {
            try PublishedStatus(lists: ["http://ca.example.com/crl/issuing/\($0.name).crl"])
        }
        let ca = try await TestCA(
            status: StatusAddresses(
                whole: try PublishedStatus(lists: ["http://ca.example.com/crl/issuing.crl"]), shards: shards))
        let record = try await ca.issued(.x509("client"))
        let serial = try #require(SerialNumber(hexadecimal: record.serial))
        let own = ListShard(of: serial)
        let address = "http://ca.example.com/crl/issuing/\(own.name).crl"
        #expect(Data(record.certificate).range(of: Data(address.utf8)) != nil)

        let publisher = RevocationPublisher(authority: ca.authority)
        _ = try await publisher.publish()
        let before = try #require(publisher.lists.certificates?.all.first)
        #expect(before.shards.count == 16)
        ca.clock.advance(10)
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(record.serial, kind: .x509), reason: "lost"), by: Person.ana.caller())
        _ = try await publisher.publish()
        let after = try #require(publisher.lists.certificates?.all.first)
        for shard in ListShard.allCases {
            let list = try RevocationList(der: after.shards[shard.index].der)
            #expect(list.isSigned(by: ca.issuing))
            #expect(list.distributionPoint == "http://ca.example.com/crl/issuing/\(shard.name).crl")
            #expect(list.revoked.map(\.serial) == (shard == own ? [serial] : []))
            #expect((after.shards[shard.index] == before.shards[shard.index]) == (shard != own))
        }
        let full = try RevocationList(der: after.full.der)
        #expect(full.distributionPoint == nil)
        #expect(full.revoked.map(\.serial) == [serial])
        // In time all are renewed.
        ca.clock.advance(13 * 3600)
        _ = try await publisher.publish()
        let renewed = try #require(publisher.lists.certificates?.all.first)
        #expect(zip(renewed.shards, after.shards).allSatisfy { $0 != $1 })
    }
}
