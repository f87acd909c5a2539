// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Issuance
import NotificationDelivery
import Notifications

struct NotifyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send one test message to a receiver and say what happened.",
        discussion: """
            Runs beside the CA directory, whether or not the service runs. One attempt; nothing is stored.

            EXAMPLE:
              mayfly notify test oncall --dir ca
            """)

    @Argument(help: "A receiver of mayfly.yaml.")
    var receiver: String

    @Option(help: ArgumentHelp("The CA directory.", valueName: "directory"))
    var dir = "ca"

    func run() async throws {
        let directory = CADirectory(path: dir)
        let configuration = try Configuration(reading: directory)
        guard let entry = configuration.receivers.first(where: { $0.name.text == receiver }) else {
            throw ReceiverError.unknown(receiver, known: configuration.receivers.map(\.name.text))
        }
        let now = SystemClock().wholeSeconds
        let notice = Notice(
            id: .random(), kind: .test, time: now, title: "Test message of \(configuration.name)",
            facts: [.init("Receiver", receiver), .init("Meaning", "somebody typed `mayfly notify test`; nothing to do")],
            recipients: [entry.name])
        if case .email(let mail) = entry.channel, mail.to.isEmpty { throw ReceiverError.onlyForPeople(receiver) }
        let transport = try entry.loaded(from: directory).transport
        do {
            let receipt = try await transport.send(notice, at: now)
            Console.write("\(receiver): \(receipt.text)\n")
        } catch {
            throw ReceiverError.notDelivered(receiver, error.description)
        }
    }
}
