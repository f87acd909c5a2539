// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct PEMTests {
    private static let bytes = Array<UInt8>(0..<100)
    private static let good = PEM.encode(bytes, label: "CERTIFICATE")

    private func decode(_ text: String) throws -> [UInt8] {
        try PEM.decode(text.utf8, labels: ["CERTIFICATE", "TRUSTED CERTIFICATE"])
    }

    @Test(arguments: [0, 1, 2, 3, 47, 48, 49, 96, 1000])
    func `what is written is read again`(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let text = PEM.encode(bytes, label: "CERTIFICATE")
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        guard count > 0 else {
            #expect(throws: PEMError.malformed) { try decode(text) }
            return
        }
        #expect(try decode(text) == bytes)
    }

    @Test func `lines may end in CRLF, and the last one in nothing`() throws {
        // One Character in Swift, two bytes in the text.
        #expect(try decode(Self.good.split(separator: "\n").joined(separator: "\r\n") + "\r\n") == Self.bytes)
        #expect(try decode(String(Self.good.dropLast())) == Self.bytes)
    }

    private static let refused: [(String, PEMError)] = [
        ("", .notPEM),
        ("MIIB", .notPEM),
        ("\n" + good, .notPEM),
        (" " + good, .notPEM),
        ("subject=/CN=a\n" + good, .notPEM),
        (good.replacing("BEGIN CERTIFICATE-----", with: "BEGIN CERTIFICATE---- "), .notPEM),
        (PEM.encode(bytes, label: "PRIVATE KEY"), .otherLabel("PRIVATE KEY")),
        (String(good.prefix(90)), .truncated),
        (String(good.dropLast(3)), .malformed),
        (good + "\n", .trailingText),
        (good + "x", .trailingText),
        (good + good, .severalBlocks),
        (good.replacing("END CERTIFICATE", with: "END TRUSTED CERTIFICATE"), .malformed),
        (good.replacing("-----\nAAEC", with: "-----\n\nAAEC"), .malformed),
        (good.replacing("-----\nAAEC", with: "-----\nProc-Type: 4,ENCRYPTED\nAAEC"), .malformed),
        (good.replacing("-----\nAAEC", with: "-----\n AAEC"), .malformed),
        (good.replacing("-----\nAAEC", with: "-----\nA*EC"), .malformed),
        (good.replacing("-----\nAAEC", with: "-----\nAA\u{0}C"), .malformed),
        (good.replacing("==", with: ""), .malformed),
        (good.replacing("Yw==", with: "Yx=="), .malformed),
        ("-----BEGIN CERTIFICATE-----\n" + String(repeating: "A", count: 80) + "\n-----END CERTIFICATE-----\n", .malformed),
        ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", .malformed),
    ]

    @Test(arguments: refused)
    func `anything but one strict block is refused`(_ text: String, _ error: PEMError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test func `every truncation is refused`() {
        for length in 0..<(Self.good.utf8.count - 1) {
            #expect(throws: PEMError.self) { try PEM.decode(Self.good.utf8.prefix(length), labels: ["CERTIFICATE"]) }
        }
    }

    @Test func `every flipped bit is refused or decodes to other bytes`() throws {
        let good = Array(Self.good.utf8)
        for index in good.indices {
            for bit in 0..<8 {
                var text = good
                text[index] ^= 1 << UInt8(bit)
                if let bytes = try? PEM.decode(text, labels: ["CERTIFICATE"]) { #expect(bytes != Self.bytes) }
            }
        }
    }
}
