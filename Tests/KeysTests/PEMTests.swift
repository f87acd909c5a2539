// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Keys

struct PEMTests {
    @Test(arguments: [0, 1, 2, 3, 47, 48, 49, 96, 1_000])
    func `what is encoded parses to the same`(_ count: Int) throws {
        let bytes = randomMessage(count)
        #expect(try PEM.decode(PEM.encode(bytes, label: "X"), label: "X") == bytes)
    }

    @Test(arguments: [
        ("", PEMError.notPEM),
        ("-----BEGIN ", .notPEM),
        ("-----BEGIN X----\n", .notPEM),
        ("-----BEGIN -----\n", .otherLabel("")),
        ("-----BEGIN Y-----\n", .otherLabel("Y")),
        ("-----BEGIN X-----\n", .truncated),
        ("-----BEGIN X\u{7}-----\n", .notPEM),
        ("-----BEGIN \(String(repeating: "X", count: 80))-----\n", .notPEM),
        ("-----BEGIN X-----\nAA==\n-----END Y-----\n", .truncated),
        ("-----BEGIN X-----\nAA==-----END X-----\n", .malformed),
        ("-----BEGIN X-----\nAA==\n\n-----END X-----\n", .malformed),
        ("-----BEGIN X-----\nAAA\n-----END X-----\n", .malformed),
        ("-----BEGIN X-----\nAB==\n-----END X-----\n", .malformed),
        ("-----BEGIN X-----\nA\nA==\n-----END X-----\n", .malformed),
        ("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n-----END X-----\n", .malformed),
    ])
    func `a block in any other form is refused`(_ text: String, _ error: PEMError) {
        #expect(throws: error) { try PEM.decode(Array(text.utf8), label: "X") }
    }
}
