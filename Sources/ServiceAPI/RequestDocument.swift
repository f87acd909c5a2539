// SPDX-License-Identifier: Apache-2.0

/// A request body. A member that is not known is refused: a misspelt `lifetime` must not give another lifetime.
package protocol RequestDocument: Codable, Sendable {
    associatedtype CodingKeys: CodingKey & CaseIterable
}

/// Decodes a document and refuses members it does not have.
package struct Strict<Document: RequestDocument>: Decodable {
    package let document: Document

    package init(from decoder: any Decoder) throws {
        let known = Document.CodingKeys.allCases.map(\.stringValue)
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw UnknownMember(name: key.stringValue)
        }
        document = try Document(from: decoder)
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

package struct UnknownMember: Error, Equatable {
    package let name: String
}
