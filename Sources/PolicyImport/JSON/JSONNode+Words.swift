// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension JSONNode {
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
