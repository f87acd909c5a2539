// SPDX-License-Identifier: Apache-2.0

/// The value of a claim, as it was when the policy decided.
package indirect enum AuditClaim: Sendable, Hashable {
    /// The provider says that there is none; `null` in JSON.
    case absent
    case bool(Bool)
    case integer(Int)
    case string(String)
    case list([AuditClaim])

    /// Lists within lists: far more than any provider sends, and little enough for any stack.
    static let deepestNesting = 8

    var nesting: Int {
        guard case .list(let members) = self else { return 0 }
        return 1 + (members.lazy.map(\.nesting).max() ?? 0)
    }
}

extension AuditClaim: Codable {
    package init(from decoder: any Decoder) throws {
        // The path ends with `actor`, `claims`, the claim's name, and an index for each list around.
        guard decoder.codingPath.count <= 3 + Self.deepestNesting else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "nested too deep"))
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .absent
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? value.decode(Int.self) {
            self = .integer(number)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else {
            self = .list(try value.decode([AuditClaim].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .absent: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .list(let members): try container.encode(members)
        }
    }
}
