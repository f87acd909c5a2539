// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SSHCertificates

struct WireTests {
    /// The examples of RFC 4251 §5 that are not negative.
    @Test(
        arguments: [
            ([0, 0, 0, 0], []),
            ([0, 0, 0, 8, 0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7], [0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7]),
            ([0, 0, 0, 2, 0, 0x80], [0x80]),
        ] as [([UInt8], [UInt8])])
    func `an mpint is read and written in its canonical form`(_ wire: [UInt8], _ magnitude: [UInt8]) throws {
        var reader = SSHWireReader<SSHKeyError>(wire)
        #expect(Array(try reader.readMagnitude("n", limit: 8)) == magnitude)
        try reader.finish(after: "n")
        var writer = SSHWireWriter()
        writer.write(magnitude: [0, 0] + magnitude)
        #expect(writer.bytes == wire)
    }

    @Test(
        arguments: [
            ([0, 0, 0, 2, 0xed, 0xcc], .negative(field: "n")),
            ([0, 0, 0, 1, 0], .notCanonical(field: "n")),
            ([0, 0, 0, 2, 0, 0x7f], .notCanonical(field: "n")),
            ([0, 0, 0, 5, 1, 2, 3, 4, 5], .tooLong(field: "n", limit: 4)),
            ([0, 0, 0, 6, 1, 2, 3, 4, 5, 6], .tooLong(field: "n", limit: 5)),
            ([0, 0, 0, 3, 1], .truncated(field: "n")),
            ([0, 0, 0], .truncated(field: "n")),
            ([0xff, 0xff, 0xff, 0xff], .tooLong(field: "n", limit: 5)),
        ] as [([UInt8], SSHWireError)])
    func `a bad mpint is refused with the field named`(_ wire: [UInt8], _ error: SSHWireError) {
        #expect(throws: SSHKeyError.wire(error)) {
            var reader = SSHWireReader<SSHKeyError>(wire)
            _ = try reader.readMagnitude("n", limit: 4)
        }
    }

    @Test func `integers are big-endian and strings carry their length`() throws {
        var writer = SSHWireWriter()
        writer.write(uint8: 1)
        writer.write(uint32: 0x0203_0405)
        writer.write(uint64: 0x0607_0809_0a0b_0c0d)
        writer.write(string: "hi")
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 0, 0, 2, 0x68, 0x69])
        var reader = SSHWireReader<SSHKeyError>(writer.bytes)
        #expect(try reader.readUInt8("a") == 1)
        #expect(try reader.readUInt32("b") == 0x0203_0405)
        #expect(try reader.readUInt64("c") == 0x0607_0809_0a0b_0c0d)
        #expect(try reader.readText("d", limit: 2) == "hi")
        #expect(reader.isAtEnd)
    }

    @Test func `what is left over is refused`() {
        let reader = SSHWireReader<SSHKeyError>([1])
        #expect(throws: SSHKeyError.wire(.trailingBytes(after: "it"))) { try reader.finish(after: "it") }
    }

    @Test(arguments: ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q-==", "QQ==QQ==", "QQ==="])
    func `base64 in any but its canonical form is refused`(_ text: String) {
        #expect(StrictBase64.decode(text.utf8) == nil)
    }

    @Test func `foreign text in messages is bounded and escaped`() {
        #expect(quoted("a\u{1b}[31m`é") == #"`a\x1b[31m\x60\xc3\xa9`"#)
        #expect(quoted(String(repeating: "x", count: 100)) == "`" + String(repeating: "x", count: 64) + "…`")
    }
}
