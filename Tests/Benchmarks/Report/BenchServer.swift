// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestSupport

/// A CA with the sample policies on a port of its own, which can be started again over the same database.
struct BenchServer {
    let ca: MayflyCA
    let target: LoadTarget

    /// Initialized, served and logged in to.
    init() async throws {
        let port = try Loopback.freePort()
        ca = try await MayflyCA(.init(settings: ["listen": "\"127.0.0.1:\(port)\""]))
        try await ca.logIn()
        target = try LoadTarget(url: ca.url, home: ca.home + "/mayfly")
    }

    struct Start {
        /// From the start of the process to the first certificate, milliseconds.
        let time: Double
        /// Then, megabytes.
        let memory: Double
    }

    /// Starts the server, which is not running, and asks for a certificate until there is one; then stops it.
    func start() async throws -> Start {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let requests = try LoadKind.x509.requests(1, to: target)
        let begin = ContinuousClock.now
        let process = try await BackgroundProcess(
            "mayfly", MayflyCA.binary, ["serve", "--dir", ca.caDirectory], environment: ["HOME": ca.home],
            logPath: ca.directory.file("mayfly.log"))
        let result = try await serving(process) { process in
            while true {
                if let reply = try? await target.reply(to: requests[0], on: group) {
                    guard reply.status == 201 else { throw BenchmarkError.unexpected(String(buffer: reply.body)) }
                    let time = (ContinuousClock.now - begin).inMilliseconds
                    return Start(time: time, memory: ProcessFigures.memory(of: process.processID).now)
                }
                guard process.isRunning else { throw BenchmarkError.unexpected(process.log) }
                try await Task.sleep(for: .microseconds(500))
            }
        }
        try await group.shutdownGracefully()
        return result
    }

    func starts(_ count: Int) async throws -> [Start] {
        var starts: [Start] = []
        for _ in 0..<count { starts.append(try await start()) }
        return starts
    }
}
