// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import Glibc
import SSHCertificates

/// Ends sessions whose certificate was revoked, and those that are to end when it expires.
///
/// An actor for the memory of who was warned: INVARIANT: nobody is warned twice.
package actor SessionEnder {
    /// Before a session ends because its certificate expires, its terminals are told.
    package static let warningTime: TimeInterval = 120

    private let grace: Duration
    private let table: ProcessTable
    private var warned: Set<ProcessIdentity> = []

    /// - Parameter grace: how long sshd may take to end a session before it is killed.
    package init(grace: Duration = .seconds(5)) {
        self.init(grace: grace, table: ProcessTable())
    }

    init(grace: Duration, table: ProcessTable) {
        self.grace = grace
        self.table = table
    }

    /// Looks at every session once.
    /// - Parameter endsExpired: whether those end that are to end at expiry.
    package func pass(
        over sessions: [OpenSession], revocations: any SSHRevocations, endsExpired: Bool, now: Date
    ) async -> [SessionOutcome] {
        warned.formIntersection(sessions.map(\.process))
        var outcomes: [SessionOutcome] = []
        var ending: [(session: OpenSession, reason: SessionOutcome.Reason)] = []
        for session in sessions {
            if let reason = session.reasonToEnd(revocations, endsExpired: endsExpired, now: now) {
                ending.append((session, reason))
            } else if let doubt = session.doubt {
                outcomes.append(SessionOutcome(session: session, fate: .undetermined(doubt), wasWarned: false))
            } else {
                let limit = endsExpired ? session.limit : .none
                let warns = warn(session, of: limit, now: now)
                outcomes.append(SessionOutcome(session: session, fate: .stays(limit), wasWarned: warns))
            }
        }
        let forced = await end(ending.map(\.session))
        return outcomes
            + ending.map { session, reason in
                let isAlive = session.serving.contains(where: table.isAlive)
                let fate =
                    isAlive
                    ? SessionOutcome.Fate.notEnded(reason) : .ended(reason, forced: forced.contains(session.process))
                return SessionOutcome(session: session, fate: fate, wasWarned: false)
            }
    }

    private func warn(_ session: OpenSession, of limit: SessionOutcome.Limit, now: Date) -> Bool {
        guard case .until(let end) = limit, end.timeIntervalSince(now) <= Self.warningTime,
            warned.insert(session.process).inserted
        else { return false }
        let seconds = Int(end.timeIntervalSince(now).rounded(.up))
        let text =
            "mayfly: this session ends in \(seconds) seconds, at \(end.formatted(.iso8601)), when its certificate expires"
        return session.terminals.map {
            SessionTerminal.write(text, to: $0, of: session.connection.user)
        }.contains(true)
    }

    /// - Returns: those that had to be killed.
    private func end(_ sessions: [OpenSession]) async -> Set<ProcessIdentity> {
        guard !sessions.isEmpty else { return [] }
        for session in sessions {
            // It passes the signal on to the user's process; the connection closes, and the terminals are given back.
            send(SIGTERM, to: session.process)
            // The kernel hangs up terminals; commands without one would run on.
            for command in session.connection.commands where table.isAlive(command) { hangUp(command) }
        }
        await wait(grace, for: sessions)
        let left = sessions.filter { $0.processes.contains(where: table.isAlive) }
        for session in left {
            for process in session.processes { send(SIGKILL, to: process) }
        }
        if !left.isEmpty { await wait(.seconds(2), for: left) }
        return Set(left.map(\.process))
    }

    private func wait(_ limit: Duration, for sessions: [OpenSession]) async {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, sessions.contains(where: { $0.processes.contains(where: table.isAlive) }) {
            // Cancelled, it goes on at once, and harder.
            guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
        }
    }

    /// The number may have been another's since the sessions were found, so it is compared again.
    private func send(_ signal: Int32, to process: ProcessIdentity) {
        if table.isAlive(process) { _ = kill(process.number, signal) }
    }

    /// Each command of sshd leads a process group, which is within its session (setsid(2)).
    private func hangUp(_ command: ProcessIdentity) { _ = kill(-command.number, SIGHUP) }
}

extension OpenSession {
    /// sshd's processes for it.
    fileprivate var serving: [ProcessIdentity] { [connection.process, connection.monitor] }
    fileprivate var processes: [ProcessIdentity] { connection.commands + serving }

    fileprivate func reasonToEnd(
        _ revocations: any SSHRevocations, endsExpired: Bool, now: Date
    ) -> SessionOutcome.Reason? {
        if let revoked = certificates.first(where: revocations.isRevoked) { return .revoked(serial: revoked.serial) }
        if endsExpired, case .until(let end) = limit, end <= now { return .expired(at: end) }
        return nil
    }

    fileprivate var limit: SessionOutcome.Limit {
        let ends = certificates.filter { $0.endsSessionAtExpiry == true }.compactMap(\.expires)
        if let first = ends.min() { return .until(first) }
        return certificates.contains { $0.certificate == nil } ? .unknown : .none
    }
}
