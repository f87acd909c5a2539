// SPDX-License-Identifier: Apache-2.0

/// Reads the data types of RFC 4251 §5 from bytes nobody vouches for. Each call names the field, for the error.
///
/// Nested strings get a reader of their own; every reader ends with `finish`.
struct SSHWireReader<Failure: SSHWireFailure> {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func readBytes(_ count: Int, _ field: String) throws(Failure) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .wire(.truncated(field: field)) }
        let bytes = rest.prefix(count)
        rest = rest.dropFirst(count)
        return bytes
    }

    mutating func readUInt8(_ field: String) throws(Failure) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .wire(.truncated(field: field)) }
        return byte
    }

    mutating func readUInt32(_ field: String) throws(Failure) -> UInt32 {
        try readBytes(4, field).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func readUInt64(_ field: String) throws(Failure) -> UInt64 {
        try readBytes(8, field).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func readString(_ field: String, limit: Int) throws(Failure) -> ArraySlice<UInt8> {
        let length = try readUInt32(field)
        guard length <= limit else { throw .wire(.tooLong(field: field, limit: limit)) }
        return try readBytes(Int(length), field)
    }

    /// A string of printable ASCII (spaces allowed).
    mutating func readText(_ field: String, limit: Int) throws(Failure) -> String {
        let bytes = try readString(field, limit: limit)
        guard bytes.allSatisfy(\.isPrintableASCII) else { throw .wire(.notText(field: field)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The magnitude of a non-negative mpint, most significant byte first, without leading zeros; zero is empty.
    /// - Parameter limit: of the magnitude, in bytes.
    mutating func readMagnitude(_ field: String, limit: Int) throws(Failure) -> ArraySlice<UInt8> {
        var bytes = try readString(field, limit: limit &+ 1)
        if let first = bytes.first {
            guard first & 0x80 == 0 else { throw .wire(.negative(field: field)) }
            if first == 0 {
                bytes = bytes.dropFirst()
                guard let second = bytes.first, second & 0x80 != 0 else { throw .wire(.notCanonical(field: field)) }
            }
        }
        guard bytes.count <= limit else { throw .wire(.tooLong(field: field, limit: limit)) }
        return bytes
    }

    func finish(after field: String) throws(Failure) {
        guard rest.isEmpty else { throw .wire(.trailingBytes(after: field)) }
    }

    /// Lets `body` read the next bytes with a reader that has another error, which `wrap` translates.
    mutating func read<Value, Inner: SSHWireFailure>(
        wrapping wrap: (Inner) -> Failure,
        _ body: (inout SSHWireReader<Inner>) throws(Inner) -> Value
    ) throws(Failure) -> Value {
        var inner = SSHWireReader<Inner>(rest)
        do throws(Inner) {
            let value = try body(&inner)
            rest = inner.rest
            return value
        } catch {
            throw wrap(error)
        }
    }
}
