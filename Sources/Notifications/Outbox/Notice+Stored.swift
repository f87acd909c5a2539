// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

extension Notice {
    /// As it lies in the outbox: JSON, times in seconds since 1970.
    package var stored: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .secondsSince1970
            encoder.outputFormatting = .sortedKeys
            return Array(try encoder.encode(self))
        }
    }

    package init(stored: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        self = try decoder.decode(Notice.self, from: Data(stored))
    }
}
