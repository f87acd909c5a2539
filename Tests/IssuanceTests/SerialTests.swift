// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Issuance

/// A KRL names certificates by serial: small numbers, each given once.
@Suite struct SerialTests {
    @Test func `serials of an SSH CA are dense and begin at 1`() async throws {
        let ca = try await TestCA()
        var serials: [String] = []
        for _ in 0..<5 { serials.append(try await ca.issued(.ssh()).serial) }
        #expect(serials == ["1", "2", "3", "4", "5"])
    }

    @Test func `users and hosts are counted apart`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.issued(.ssh()).serial == "1")
        #expect(try await ca.issued(.sshHost()).serial == "1")
    }

    @Test func `the serial on record is the one in the certificate`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh())
        #expect(try await ca.store.certificate(issuer: record.issuer, serial: record.serial)?.certificate == record.certificate)
    }

    @Test func `many at once never share a serial`() async throws {
        let ca = try await TestCA()
        let results = await concurrently(600) { _ in try await ca.issued(.ssh()).serial }
        let serials = try results.map { try #require(UInt64(try $0.get())) }
        #expect(Set(serials).count == 600)
        #expect(!serials.contains(0))
    }

    @Test func `a block is used up before another is begun`() async throws {
        let ca = try await TestCA()
        let serials = SSHSerials(store: ca.store, issuer: "SHA256:other")
        var given: [UInt64] = []
        for _ in 0..<600 { given.append(try await serials.next()) }
        #expect(given == Array(1...600))
    }

    @Test func `after a restart serials go on above all that were given`() async throws {
        let ca = try await TestCA()
        let before = try await SSHSerials(store: ca.store, issuer: "SHA256:other").next()
        let after = try await SSHSerials(store: ca.store, issuer: "SHA256:other").next()
        #expect(before == 1)
        #expect(after > before)
    }
}
