// SPDX-License-Identifier: Apache-2.0

import Crypto
import Testing

@testable import Client

/// Held against segno (PyPI), module by module: for each length, which fills one version from 1 to 10, the first 16 digits of
/// SHA-256 over the rows as `0` and `1`, for the masks 0 to 7. Made with
/// `segno.make(text, error='l', mode='byte', mask=mask, boost_error=False, micro=False).matrix`.
@Suite struct QRCodeTests {
    private static let known: [(length: Int, version: Int, digests: [String])] = [
        (
            17, 1,
            [
                "5d9be3a3e32bd59b", "bc2038e18e3acee5", "67882d063f3c7b69", "e3b72a43315a2366",
                "eb199e091a71b49d", "73a46a6656cc2020", "97a3729f01f60166", "8e1f867f444c52c3",
            ]
        ),
        (
            32, 2,
            [
                "e54c184c9adac617", "e1e9fa20facf9603", "0287cb9b730c9905", "b29b40202741bb2b",
                "1736978f02c0a056", "8a7629755dd4f21e", "76d046493e7ba0bd", "fd143c46a7477e6b",
            ]
        ),
        (
            53, 3,
            [
                "90a343723a0d57d7", "3d9c3e3185bb3b4f", "fc6daf90747314a9", "322cf2579ee72b1f",
                "bb679c0a08bbeabe", "3732ad018b0336dd", "3b538156845a4a4d", "e8776c909e246845",
            ]
        ),
        (
            78, 4,
            [
                "8f78fbab4b4c041c", "c41f52a2a9421505", "c9528440b8f78f1f", "7e4f156f62c5cb4b",
                "2733805d2402a4d4", "57b96a1555680fa0", "cbb6355e266fad54", "97491e336e3d4b76",
            ]
        ),
        (
            106, 5,
            [
                "443928baa7eba810", "7a879adef289a89c", "359b8727f4475995", "0893aae7fbf24853",
                "ac8c99061ae79f9e", "decbbbca73af6de2", "b13918f8ebc16cbb", "1c5e5dd0d549bc8c",
            ]
        ),
        (
            134, 6,
            [
                "519320c1ab95c3fc", "53f20931b0d84848", "6c318e29774cf5b9", "dd32e303b5a695ce",
                "64d79a24904b736b", "35cb801695f01261", "59bdcd55049c9870", "3b57a6322a597c55",
            ]
        ),
        (
            154, 7,
            [
                "f95ecdf79f194e6a", "3d9703dfd29777fd", "e07a9820f45b6c36", "b2cad816414d6875",
                "702918c8200069e0", "483a331a5aad48cc", "d8dc9b621542ea42", "99d716a7ed7d5869",
            ]
        ),
        (
            192, 8,
            [
                "c9bb61e17d32bdeb", "f55fdfe0503fa3eb", "63c36f4a77c4267c", "a84339f0d8727654",
                "78b20dec774de56b", "d2260057293cbcce", "abd3975cab987f4c", "3863265bf3f42ece",
            ]
        ),
        (
            230, 9,
            [
                "ec9e2ecc637e6a74", "c4ee89088cdbbf6e", "8bb5f1ba54f5d1bb", "07ad673e2bff9f2c",
                "77807a5481859bdc", "8c1e8857eeb0252b", "d38e92c2bf3ac8cc", "cdf54f329600b430",
            ]
        ),
        (
            271, 10,
            [
                "20dfb06dd678a7fe", "abaa2b448f396561", "8e84925779554ecc", "dcfd82def049d2c5",
                "87b35e5ac5ae9efc", "f02308663858f5ec", "98b352b20d85b6d9", "bb657b202411193e",
            ]
        ),
    ]

    private func text(_ length: Int) -> String {
        let filler = String(repeating: "abcdefghijklmnopqrstuvwxyz0123456789", count: 10)
        return String(("https://login.example.com/device?user_code=WDJB-MJHT&x=" + filler).prefix(length))
    }

    @Test(arguments: known)
    func `every version and mask is drawn as another program draws it`(
        _ length: Int, _ version: Int, _ digests: [String]
    ) throws {
        for (mask, digest) in digests.enumerated() {
            let code = try #require(QRCode(text(length), mask: mask))
            #expect(code.size == 17 + 4 * version)
            let rows = (0..<code.size).flatMap { row in
                (0..<code.size).map { code[row, $0] ? UInt8(ascii: "1") : UInt8(ascii: "0") }
            }
            let found = SHA256.hash(data: rows).prefix(8).map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }
            #expect(found.joined() == digest, "mask \(mask)")
        }
    }

    @Test func `what is too long for a terminal is not drawn`() {
        #expect(QRCode(text(271)) != nil)
        #expect(QRCode(text(272)) == nil)
    }

    @Test func `a light border is around it`() throws {
        let lines = try #require(QRCode("https://a.example")).terminalText.split(separator: "\n")
        // 21 modules and 4 on each side, two rows a line; without the colours.
        #expect(lines.count == 15)
        let plain = lines.map { $0.replacing("\u{1b}[40;97m", with: "").replacing("\u{1b}[0m", with: "") }
        #expect(plain.allSatisfy { $0.count == 29 })
        #expect(plain[0].allSatisfy { $0 == "█" } && plain[1].allSatisfy { $0 == "█" })
    }
}
