// SPDX-License-Identifier: Apache-2.0

/// What can be written as canonical JSON (RFC 8785), except that integers may use all of their 64 bits.
protocol CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter)
}

/// Writes JSON in its one canonical form: no white space, members in the order of their names, nothing escaped that need not
/// be. By hand because every entry of the log goes through it: about a tenth of the cost of `JSONEncoder`.
struct CanonicalJSONWriter {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    init() {
        bytes.reserveCapacity(2048)
    }

    /// INVARIANT: the caller gives the members in the order of their names.
    mutating func object(_ members: (inout CanonicalJSONWriter) -> Void) {
        enclosed("{", "}", members)
    }

    mutating func array(_ elements: (inout CanonicalJSONWriter) -> Void) {
        enclosed("[", "]", elements)
    }

    /// Nothing is written for `nil`.
    /// - Parameter name: one of ours, which needs no escaping.
    mutating func member(_ name: String, _ value: (some CanonicalJSON)?) {
        guard let value else { return }
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        value.write(to: &self)
    }

    mutating func member(escaping name: String, _ value: some CanonicalJSON) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
        value.write(to: &self)
    }

    mutating func element(_ value: some CanonicalJSON) {
        separate()
        value.write(to: &self)
    }

    mutating func literal(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if bytes[start...].contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            bytes.removeSubrange(start...)
            for byte in text.utf8 { appendEscaped(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 8785 §3.2.2.2.
    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): literal("\\\"")
        case UInt8(ascii: "\\"): literal("\\\\")
        case 0x08: literal("\\b")
        case 0x09: literal("\\t")
        case 0x0a: literal("\\n")
        case 0x0c: literal("\\f")
        case 0x0d: literal("\\r")
        case 0x00..<0x20: literal(byte < 0x10 ? "\\u000\(String(byte, radix: 16))" : "\\u00\(String(byte, radix: 16))")
        default: bytes.append(byte)
        }
    }

    private mutating func enclosed(
        _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ content: (inout CanonicalJSONWriter) -> Void
    ) {
        bytes.append(UInt8(ascii: opening))
        isFirst = true
        content(&self)
        bytes.append(UInt8(ascii: closing))
        isFirst = false
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }
}

extension String: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) { json.string(self) }
}

extension Int: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) { json.literal(String(self)) }
}

extension Bool: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) { json.literal(self ? "true" : "false") }
}

extension Array: CanonicalJSON where Element: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.array { for element in self { $0.element(element) } }
    }
}

extension Dictionary: CanonicalJSON where Key == String, Value: CanonicalJSON {
    /// By UTF-16 code units (RFC 8785 §3.2.3), which for ASCII is the order of the bytes.
    func write(to json: inout CanonicalJSONWriter) {
        let members = sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        json.object { for (name, value) in members { $0.member(escaping: name, value) } }
    }
}

extension CanonicalJSON where Self: RawRepresentable, RawValue == String {
    func write(to json: inout CanonicalJSONWriter) { json.string(rawValue) }
}
