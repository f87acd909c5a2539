// SPDX-License-Identifier: Apache-2.0

/// A JSON value (RFC 8259) as an identity provider sent it. No object has a member twice.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int)
    /// Finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

    /// The members of an array of strings and nothing else.
    package var strings: [String]? {
        guard case .array(let members) = self else { return nil }
        let texts = members.compactMap(\.string)
        return texts.count == members.count ? texts : nil
    }

    /// `NumericDate` (RFC 7519 §2): seconds since 1970, perhaps with a fraction; not before 1970, not after the year 9999.
    package var seconds: Double? {
        let value: Double
        switch self {
        case .integer(let number): value = Double(number)
        case .number(let number): value = number
        default: return nil
        }
        return (0...253_402_300_799).contains(value) ? value : nil
    }
}
