// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Notifications
import Testing

enum Sample {
    static let time = Date(timeIntervalSince1970: 1_790_000_000)
    static let names = ["oncall"].compactMap(ReceiverName.init)

    static func notice(
        title: String = "ana@example.com asks for prod-web-debug", reason: String = "INC-1432: `worker` hangs & *restarts*"
    ) throws
        -> Notice
    {
        Notice(
            id: try #require(NoticeID("msg_0123456789abcdef0123456789abcdef")), kind: .accessRequested, time: time,
            title: title,
            facts: [.init("Role", "prod-web-debug"), .init("Reason", reason), .init("For", "1h")],
            link: try WebLink("https://ca.example.com/requests/7f3a"), people: ["lea@example.com"],
            recipients: names)
    }

    /// The file under `Fixtures`; with UPDATE_GOLDEN=1 it becomes what the code says now.
    static func golden(_ name: String, _ actual: String) throws -> String {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try Data(actual.utf8).write(to: url) }
        return try String(contentsOf: url, encoding: .utf8)
    }

    static func pretty(_ json: [UInt8]) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(json))
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
