// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A reply of HTTP/1.1 with a `Content-Length`: all that our server sends, parsed as cheaply as a client can.
struct HTTPReply: Sendable {
    let status: Int
    let body: ByteBuffer

    /// Takes the reply at the front of `buffer`; nil as long as it is not complete.
    init?(reading buffer: inout ByteBuffer) throws {
        guard let headLength = Self.headLength(buffer.readableBytesView) else { return nil }
        guard let head = buffer.getString(at: buffer.readerIndex, length: headLength) else { return nil }
        let lines = head.split(separator: "\r\n")
        guard let statusLine = lines.first, statusLine.hasPrefix("HTTP/1.1 "),
            let status = Int(statusLine.dropFirst(9).prefix(3))
        else { throw BenchmarkError.unexpected("this is not HTTP/1.1: `\(head.prefix(80))`") }
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        guard let length else { throw BenchmarkError.unexpected("a reply without Content-Length") }
        guard buffer.readableBytes >= headLength + length else { return nil }
        buffer.moveReaderIndex(forwardBy: headLength)
        guard let body = buffer.readSlice(length: length) else { return nil }
        self.status = status
        self.body = body
    }

    /// Up to and with the empty line.
    private static func headLength(_ bytes: ByteBufferView) -> Int? {
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        var matched = 0
        for (offset, byte) in bytes.enumerated() {
            matched = byte == end[matched] ? matched + 1 : byte == end[0] ? 1 : 0
            if matched == end.count { return offset + 1 }
        }
        return nil
    }
}
