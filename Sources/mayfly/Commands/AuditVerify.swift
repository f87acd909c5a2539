// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Prove that the log is complete, signed, and continues what was seen before.",
        discussion: """
            EXAMPLE:
              mayfly audit verify
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let result = try await server.connected { client, state in
            let memory = CheckpointMemory(state)
            let before = try memory.last()
            defer { Console.endProgress() }
            let checkpoint = try await AuditCheck(client: client, memory: memory).everything(progress: { done, all in
                Console.progress("\(done) of \(all) entries")
            }).checkpoint
            return Result(
                origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root.base64, sizeSeenBefore: before?.size)
        }
        try output.print(result) {
            "\(result.size) entries of \(result.origin) are what its key signed"
                + (result.sizeSeenBefore.map { ", and begin with the \($0) seen before" } ?? "") + "\n"
        }
    }

    private struct Result: Encodable {
        let origin: String
        let size: UInt64
        let root: String
        let sizeSeenBefore: UInt64?
    }
}
