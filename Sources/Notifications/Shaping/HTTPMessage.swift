// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The body and headers of one POST of JSON.
package struct HTTPMessage: Sendable, Equatable {
    package let headers: [Header]
    package let body: [UInt8]

    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    init(_ document: some Encodable, headers: [Header] = []) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        body = Array(try encoder.encode(document))
        self.headers = [Header(name: "content-type", value: "application/json")] + headers
    }

    init(body: [UInt8], of message: HTTPMessage, adding headers: [Header]) {
        self.body = body
        self.headers = message.headers + headers
    }
}
