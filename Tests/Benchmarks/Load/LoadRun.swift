// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A closed loop over a number of connections: each sends its next request when it has the reply to the one before.
final class LoadRun: Sendable {
    struct Settings: Sendable {
        var connections = 8
        var warmup = Duration.seconds(1)
        var duration = Duration.seconds(5)
        /// A TLS connection for each request, as a short-lived client has it.
        var makesNewConnections = false
        /// The server's, for its processor time.
        var processID: Int32?
    }

    private struct State {
        var isCounting = false
        var isOver = false
        var sent = 0
        var open = 0
        var latencies: [Duration] = []
        var errors: [String: Int] = [:]
        var samples: [ByteBuffer] = []
    }

    private let target: LoadTarget
    private let requests: [ByteBuffer]
    private let settings: Settings
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    private static let mostSamples = 8

    init(_ target: LoadTarget, requests: [ByteBuffer], settings: Settings) {
        self.target = target
        self.requests = requests
        self.settings = settings
    }

    func measure() async throws -> LoadFigures {
        for _ in 0..<settings.connections { connect() }
        try await Task.sleep(for: settings.warmup)
        state.withLock { $0.isCounting = true }
        let before = Reading(settings.processID)
        try await Task.sleep(for: settings.duration)
        let (latencies, errors, samples) = state.withLock { state in
            state.isCounting = false
            state.isOver = true
            return (state.latencies, state.errors, state.samples)
        }
        let after = Reading(settings.processID)
        while state.withLock({ $0.open > 0 }) { try await Task.sleep(for: .milliseconds(1)) }
        try await group.shutdownGracefully()
        return LoadFigures(latencies, errors, samples, from: before, to: after, processID: settings.processID)
    }

    private func connect() {
        let startedAt = ContinuousClock.now
        state.withLock { $0.open += 1 }
        target.connect(on: group) { [self] in
            LoadConnection(
                first: request(), startedAt: startedAt,
                next: { [self] reply, latency in
                    record(reply, latency)
                    return settings.makesNewConnections || isOver ? nil : request()
                }, ended: { [self] in ended($0) })
        }.whenFailure { [self] in ended($0) }
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func request() -> ByteBuffer {
        state.withLock { state in
            state.sent += 1
            return requests[state.sent % requests.count]
        }
    }

    private func record(_ reply: HTTPReply, _ latency: Duration) {
        state.withLock { state in
            guard reply.status == 201 else {
                return state.errors["\(reply.status) \(String(buffer: reply.body).prefix(300))", default: 0] += 1
            }
            guard state.isCounting else { return }
            state.latencies.append(latency)
            // The first, and later ones ever more seldom.
            if state.samples.count < Self.mostSamples, state.latencies.count == 1 << (2 * state.samples.count) {
                state.samples.append(reply.body)
            }
        }
    }

    private func ended(_ error: (any Error)?) {
        let connectsAgain = state.withLock { state in
            state.open -= 1
            if let error { state.errors["\(error)", default: 0] += 1 }
            return settings.makesNewConnections && !state.isOver && error == nil
        }
        if connectsAgain { connect() }
    }
}

/// Clocks of the server, of this process and of the machine at one moment; microseconds.
struct Reading: Sendable {
    let time = ContinuousClock.now
    let server: Double
    let own = ProcessFigures.ownProcessorTime
    let busy = ProcessFigures.busyTime

    init(_ processID: Int32?) {
        server = processID.map(ProcessFigures.processorTime(of:)) ?? 0
    }
}

struct LoadFigures: Sendable {
    /// Certificates in all and a second.
    let count: Int
    let rate: Double
    let p50: Double
    let p99: Double
    /// Processor microseconds of the server and of this client for a certificate.
    let serverTime: Double
    let clientTime: Double
    /// Cores that were busy with neither of the two.
    let otherCores: Double
    /// Of the server, in megabytes.
    let memory: Double
    let errors: [String: Int]
    let samples: [ByteBuffer]

    init(
        _ latencies: [Duration], _ errors: [String: Int], _ samples: [ByteBuffer], from: Reading, to: Reading,
        processID: Int32?
    ) {
        let sorted = Spread(latencies.map(\.inMilliseconds))
        let elapsed = (to.time - from.time).inMicroseconds
        count = latencies.count
        let divisor = Double(max(1, count))
        rate = Double(count) * 1e6 / elapsed
        p50 = sorted.median
        p99 = sorted.quantile(0.99)
        serverTime = (to.server - from.server) / divisor
        clientTime = (to.own - from.own) / divisor
        otherCores = (to.busy - from.busy - (to.server - from.server) - (to.own - from.own)) / elapsed
        memory = processID.map { ProcessFigures.memory(of: $0).now } ?? 0
        self.errors = errors
        self.samples = samples
    }
}
