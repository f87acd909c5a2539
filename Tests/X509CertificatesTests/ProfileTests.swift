// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

struct ProfileTests {
    @Test(
        arguments: [
            (ProfileError.time, { @Sendable in try CertificateProfile.sample(notBefore: TestTime.after(0.5)) }),
            (.time, { @Sendable in try .sample(notAfter: Date(timeIntervalSince1970: .infinity)) }),
            (.time, { @Sendable in try .sample(notAfter: Date(timeIntervalSince1970: 253_402_300_800)) }),
            (.endsBeforeItBegins, { @Sendable in try .sample(notBefore: TestTime.after(1), notAfter: TestTime.now) }),
            (.name(.commonName("a*")), { @Sendable in try .sample(commonName: "a*") }),
            (.name(.commonName("")), { @Sendable in try .sample(commonName: "") }),
            (.name(.organization("a*")), { @Sendable in try .sample(organizations: ["a*"]) }),
            (.name(.organization(" a")), { @Sendable in try .sample(organizations: ["b", " a"]) }),
            (.name(.duplicate("a")), { @Sendable in try .sample(organizations: ["a", "b", "a"]) }),
            (.name(.tooMany(limit: 20)), { @Sendable in try .sample(organizations: (0...20).map { "o\($0)" }) }),
            (.noUsage, { @Sendable in try .sample(usage: []) }),
            (.noName, { @Sendable in try .sample(commonName: nil, names: SubjectNames(), usage: [.client]) }),
            (.serverWithoutAlternativeName, { @Sendable in try .sample(names: SubjectNames(), usage: [.server]) }),
            (.serverWithoutAlternativeName, { @Sendable in try .sample(names: SubjectNames(emails: ["a@b.example"])) }),
        ] as [(ProfileError, @Sendable () throws -> CertificateProfile)])
    func `contents that make no sense are refused`(_ error: ProfileError, _ make: @Sendable () throws -> CertificateProfile) {
        #expect(throws: error) { try make() }
        #expect(!error.description.isEmpty)
    }

    @Test func `a certificate may last one second`() throws {
        let profile = try CertificateProfile.sample(notBefore: TestTime.now, notAfter: TestTime.now)
        #expect(profile.notBefore == profile.notAfter)
    }

    @Test func `names are described for the inventory`() throws {
        let profile = try CertificateProfile.sample(commonName: "ana", names: SubjectNames(dns: ["a.example"], ips: ["::1"]))
        #expect(profile.describedNames == ["CN=ana", "DNS:a.example", "IP:::1"])
        let grouped = try CertificateProfile.sample(
            commonName: "ana", organizations: ["dev", "system:masters"], names: SubjectNames(), usage: [.client])
        #expect(grouped.describedNames == ["CN=ana", "O=dev", "O=system:masters"])
    }

    @Test(
        arguments: [
            ([1] + Array(repeating: 0, count: 15), "01000000000000000000000000000000", 16),
            (Array(repeating: 0, count: 15) + [1], "00000000000000000000000000000001", 1),
            (Array(repeating: 0xff, count: 16), "ffffffffffffffffffffffffffffffff", 17),
            ([0x00, 0x80] + Array(repeating: 0xa5, count: 14), "0080a5a5a5a5a5a5a5a5a5a5a5a5a5a5", 16),
        ] as [([UInt8], String, UInt8)])
    func `a serial number is positive, minimal and shown with all its digits`(_ bits: [UInt8], _ text: String, _ length: UInt8)
        throws
    {
        let serial = try SerialNumber(randomBits: bits)
        #expect(serial.hexadecimal == text)
        #expect(serial.encoded.prefix(2) == [0x02, length])
        #expect(serial.encoded[2] < 0x80)
        #expect(SerialNumber(magnitude: bits.drop { $0 == 0 }) == serial)
        #expect(SerialNumber(magnitude: [0, 0] + bits) == serial)
    }

    @Test(
        arguments: [[], Array(repeating: 0, count: 16), Array(repeating: 1, count: 15), Array(repeating: 1, count: 17)]
            as [[UInt8]])
    func `anything but 128 random bits is no serial number`(_ bits: [UInt8]) {
        #expect(throws: ProfileError.serialNumber) { try SerialNumber(randomBits: bits) }
    }

    @Test func `zero and more than 128 bits are no serial number of a certificate`() {
        #expect(SerialNumber(magnitude: []) == nil)
        #expect(SerialNumber(magnitude: [0, 0]) == nil)
        #expect(SerialNumber(magnitude: Array(repeating: 1, count: 17)) == nil)
    }
}
