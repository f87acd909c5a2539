// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SSHCertificates
package import ServiceAPI

/// Ends the sessions of an enrolled host that are to end, and remembers what became of them until the server knows it.
package struct SessionWatch: Sendable {
    private let paths: HostPaths
    private let files: DurableFiles
    private let log: (any SSHDLog)?
    /// One for as long as the process lives: it knows who was warned.
    private let ender: SessionEnder

    /// - Parameter log: nil where sshd's cannot be read.
    package init(paths: HostPaths, files: DurableFiles, log: (any SSHDLog)?, ender: SessionEnder = SessionEnder()) {
        self.paths = paths
        self.files = files
        self.log = log
        self.ender = ender
    }

    package struct Pass: Sendable {
        /// Version of the list by which it was decided.
        package let list: UInt64
        package let outcomes: [SessionOutcome]
        /// When there is something to do though no list has changed.
        package let next: Date?
        package let ended: [ReportedSession]
        package let open: [ReportedSession]
    }

    /// Looks at every session. What ended is on disk when this returns.
    package func pass(at time: () -> Date) async throws -> Pass {
        let list = try KeyRevocationList(sshdFile: paths.revocationList)
        var seen = try await look(by: list, at: time)
        let doubted = Set(seen.outcomes.filter(\.isInDoubt).map(\.session.process))
        if !doubted.isEmpty {
            try await Task.sleep(for: Self.secondLook)
            var again = try await look(by: list, at: time)
            again.outcomes.removeAll { !doubted.contains($0.session.process) && $0.stays }
            let replaced = doubted.union(again.outcomes.map(\.session.process))
            again.outcomes += seen.outcomes.filter { !replaced.contains($0.session.process) }
            again.ended += seen.ended
            seen = again
        }
        let now = time()
        return Pass(
            list: list.version, outcomes: seen.outcomes, next: seen.outcomes.nextPass(after: now), ended: seen.ended,
            open: seen.outcomes.compactMap { $0.reported(by: Self.boot, at: now) }.filter(\.outcome.isOpen))
    }

    /// sshd that has just let somebody in, or takes leave of them, runs no command that could tell: what is in doubt is looked at
    /// twice.
    private static let secondLook = Duration.milliseconds(500)

    private func look(
        by list: KeyRevocationList, at time: () -> Date
    ) async throws -> (outcomes: [SessionOutcome], ended: [ReportedSession]) {
        let sessions = try await OpenSessions(userCAFile: paths.userCA, revocations: list, log: log).all()
        let now = time()
        let outcomes = await ender.pass(over: sessions, revocations: list, endsExpired: true, now: now)
        let boot = Self.boot
        let ended = outcomes.compactMap { $0.reported(by: boot, at: now) }.filter { !$0.outcome.isOpen }
        try await remember(ended)
        return (outcomes, ended)
    }

    func remember(_ ended: [ReportedSession]) async throws {
        if !ended.isEmpty { try await change { $0 + ended } }
    }

    /// What ended and the server does not know.
    package func unreported() throws -> [ReportedSession] {
        guard AtomicFile.exists(paths.endedSessions) else { return [] }
        let bytes = try AtomicFile.read(paths.endedSessions, limit: Self.maximumBytes)
        // A file that is damaged must not keep the host from reporting what it does know.
        return (try? Self.decoder.decode([ReportedSession].self, from: Data(bytes))) ?? []
    }

    package func forget(_ reported: [ReportedSession]) async throws {
        guard !reported.isEmpty else { return }
        let known = Set(reported.map(\.id))
        try await change { $0.filter { !known.contains($0.id) } }
    }

    /// Half a megabyte of sessions: what comes after a server that is away for so long is lost to it.
    private static let mostRemembered = 1000
    private static let maximumBytes = 1 << 20

    private func change(_ body: ([ReportedSession]) -> [ReportedSession]) async throws {
        let lock = try await DirectoryLock.acquired(paths.ssh)
        // A host that left is not written to any more.
        guard AtomicFile.exists(paths.dropIn) else { throw ClientError.host(.notEnrolled) }
        let remaining = body(try unreported()).suffix(Self.mostRemembered)
        if remaining.isEmpty {
            try files.remove(paths.endedSessions)
        } else {
            // Who was where is nobody's business on the host.
            try files.replace(paths.endedSessions, with: Array(try Self.encoder.encode(Array(remaining))), mode: 0o600)
        }
        _ = consume lock
    }

    /// Numbers and times of processes count from here on.
    private static var boot: String {
        let id = try? AtomicFile.readText("/proc/sys/kernel/random/boot_id", limit: 64)
        return String((id ?? "").filter(\.isHexDigit).prefix(12))
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
