// SPDX-License-Identifier: Apache-2.0

/// Reads one JSON document strictly. Foundation's decoder lets the last of two members with the same name win, so what was
/// checked and what is used could differ between two programs (RFC 8725 §2.4, RFC 7519 §4); here it refuses the document.
package struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0

    /// No token or document of a provider nests deeper than a few levels.
    static let maximumDepth = 16

    /// - Parameter bytes: the caller has limited their number.
    package static func object(_ bytes: some Sequence<UInt8>) throws(JSONError) -> [String: JSONValue] {
        let bytes = Array(bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw .syntax(offset: reader.index) }
        guard let object = value.object else { throw .notAnObject }
        return object
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard next == byte.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func require(_ byte: Character) throws(JSONError) {
        guard take(byte) else { throw .syntax(offset: index) }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw .tooDeep }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw .syntax(offset: index) }
        index += word.utf8.count
        return value
    }

    private mutating func members(depth: Int) throws(JSONError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try require("{")
        skipSpace()
        if take("}") { return members }
        repeat {
            skipSpace()
            let name = try text()
            skipSpace()
            try require(":")
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else { throw .duplicate(name) }
            skipSpace()
        } while take(",")
        try require("}")
        return members
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        try require("[")
        skipSpace()
        if take("]") { return elements }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        try require("]")
        return elements
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        _ = take("-")
        // RFC 8259 §6: no leading zeros.
        if !take("0") { try digits() }
        var isInteger = true
        if take(".") {
            try digits()
            isInteger = false
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
            isInteger = false
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let number = Int(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else { throw .syntax(offset: start) }
        return .number(number)
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw .syntax(offset: index) }
    }

    private mutating func text() throws(JSONError) -> String {
        try require("\"")
        var result: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += try escape()
            case 0..<0x20: throw .syntax(offset: index - 1)
            default: result.append(byte)
            }
        }
        throw .syntax(offset: index)
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard let byte = next else { throw .syntax(offset: index) }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try escapedScalar()).utf8)
        default: throw .syntax(offset: index - 1)
        }
    }

    /// RFC 8259 §7; a lone half of a surrogate pair is no character.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else { throw .syntax(offset: index) }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw .syntax(offset: index) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard bytes.count - index >= 4 else { throw .syntax(offset: index) }
        let digits = bytes[index..<index + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .syntax(offset: index) }
        index += 4
        return value
    }
}

package enum JSONError: Error, Equatable {
    case notUTF8
    case notAnObject
    case tooDeep
    case syntax(offset: Int)
    case duplicate(String)
}
