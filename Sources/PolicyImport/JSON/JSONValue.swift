// SPDX-License-Identifier: Apache-2.0

/// A JSON value of a source. Objects keep their order, numbers their digits.
enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([Member])

    struct Member: Hashable, Sendable {
        let key: String
        let value: JSONValue
    }

    /// For messages: `a list`, `a number`.
    var kindName: String {
        switch self {
        case .null: "nothing"
        case .flag(let flag): "`\(flag)`"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .object: "an object"
        }
    }

    /// Whether it says nothing: what programs write for a setting that nobody made.
    var isUnset: Bool {
        switch self {
        case .null, .flag(false), .number("0"), .text(""), .list([]), .object([]): true
        default: false
        }
    }
}
