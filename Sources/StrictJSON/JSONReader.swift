// SPDX-License-Identifier: Apache-2.0

/// Reads JSON (RFC 8259) strictly. Foundation's decoder lets the last of two members with the same name win, so what was checked
/// and what is used could differ between two programs (RFC 8725 §2.4); here that, deep nesting and anything after the value
/// are refused.
struct JSONReader {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var index = 0
    private var path: JSONPath = []

    private init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    static func read(_ bytes: [UInt8], maximumDepth: Int) throws(JSONProblem) -> JSONNode {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = JSONReader(bytes, maximumDepth: maximumDepth)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw reader.problem("something follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONNode {
        guard depth < maximumDepth else { throw .tooDeep(path, limit: maximumDepth) }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw problem("the value is missing")
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONProblem) -> JSONNode {
        index += 1
        var members: [JSONNode.Member] = []
        var seen: Set<String> = []
        skipSpace()
        if takes("}") { return .object([]) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw problem("expected a key in double quotes") }
            let key = try text()
            path.append(.key(key))
            guard seen.insert(key).inserted else { throw .duplicateKey(path, key: key) }
            skipSpace()
            guard takes(":") else { throw problem("expected `:` after the key") }
            members.append(JSONNode.Member(key: key, value: try value(depth: depth + 1)))
            path.removeLast()
            skipSpace()
        } while takes(",")
        guard takes("}") else { throw problem("expected `,` or `}`") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(JSONProblem) -> JSONNode {
        index += 1
        var members: [JSONNode] = []
        skipSpace()
        if takes("]") { return .list([]) }
        repeat {
            path.append(.index(members.count))
            members.append(try value(depth: depth + 1))
            path.removeLast()
            skipSpace()
        } while takes(",")
        guard takes("]") else { throw problem("expected `,` or `]`") }
        return .list(members)
    }

    private mutating func text() throws(JSONProblem) -> String {
        index += 1
        var result: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &result)
            case 0..<0x20:
                index -= 1
                throw problem("control character in a text")
            default: result.append(byte)
            }
        }
        throw problem("the text has no end")
    }

    private mutating func appendEscape(to result: inout [UInt8]) throws(JSONProblem) {
        guard let letter = peek else { throw problem("the text has no end") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800...0xDBFF).contains(code) {
                guard takes("\\"), takes("u") else { throw problem("half of a surrogate pair") }
                let low = try codeUnit()
                guard (0xDC00...0xDFFF).contains(low) else { throw problem("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw problem("half of a surrogate pair") }
            result += Array(String(scalar).utf8)
        default: throw problem("unknown escape in a text")
        }
    }

    private mutating func codeUnit() throws(JSONProblem) -> UInt32 {
        guard index + 4 <= bytes.count else { throw problem("the text has no end") }
        let digits = bytes[index..<index + 4]
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw problem("expected four hexadecimal digits") }
        index += 4
        return unit
    }

    private mutating func number() throws(JSONProblem) -> String {
        let start = index
        _ = takes("-")
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[index - whole] != UInt8(ascii: "0") else { throw problem("expected a value") }
        if takes("."), digits() == 0 { throw problem("expected digits after the point") }
        if takes("e") || takes("E") {
            if !takes("+") { _ = takes("-") }
            guard digits() > 0 else { throw problem("expected digits in the exponent") }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = index
        while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
        return index - start
    }

    private mutating func word(_ word: StaticString, _ value: JSONNode) throws(JSONProblem) -> JSONNode {
        let letters = Array(word.description.utf8)
        guard bytes[index...].starts(with: letters) else { throw problem("expected a value") }
        index += letters.count
        return value
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private func problem(_ text: String) -> JSONProblem {
        let line = 1 + bytes[..<index].count { $0 == UInt8(ascii: "\n") }
        return .malformed(path, line: line, problem: text)
    }
}
