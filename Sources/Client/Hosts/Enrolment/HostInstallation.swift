// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Changes a host so that a crash at any moment leaves an sshd that starts and lets in whom it let in before: everything
/// that the new configuration names is in place before the one rename that makes it the configuration.
package struct HostInstallation: Sendable {
    package struct File: Sendable {
        let path: String
        let contents: [UInt8]
        var mode: UInt32 = 0o644

        package init(path: String, contents: [UInt8], mode: UInt32 = 0o644) {
            self.path = path
            self.contents = contents
            self.mode = mode
        }
    }

    private let paths: HostPaths
    private let files: DurableFiles
    private let sshd: SSHDaemon

    package init(paths: HostPaths, files: DurableFiles, sshd: SSHDaemon) {
        self.paths = paths
        self.files = files
        self.sshd = sshd
    }

    /// For `sshd_config.d`. No `HostKey`: naming one would take away those that sshd has by default.
    package var dropIn: String {
        """
        # Written by `mayfly host enroll`; `mayfly host leave` takes it away.
        TrustedUserCAKeys \(paths.userCA)
        AuthorizedPrincipalsFile \(paths.principals)/%u
        RevokedKeys \(paths.revocationList)
        HostCertificate \(paths.hostCertificate)
        # For `mayfly host sessions` and `end-sessions`.
        ExposeAuthInfo yes

        """
    }

    /// What must hold before anything is asked of the server or changed here.
    package func check(hostKey: String) async throws {
        guard !AtomicFile.exists(paths.journal) else { throw ClientError.host(.alreadyEnrolled) }
        guard try await sshd.accepts() else { throw ClientError.host(.configurationBroken(path: paths.sshdConfiguration)) }
        guard try await sshd.settings().written("hostkey").contains(hostKey) else {
            throw ClientError.host(.hostKeyUnused(path: hostKey))
        }
    }

    /// Installs `contents` and the configuration that names them. When sshd does not like it, all is as before.
    /// - Parameter contents: everything but the drop-in; the revocation list among it.
    package func install(_ contents: [File]) async throws {
        let lock = try DirectoryLock(paths.ssh)
        guard !AtomicFile.exists(paths.journal) else { throw ClientError.host(.alreadyEnrolled) }
        let journal = try HostJournal(
            // What `sync` will write there is taken away like the rest.
            files: contents.map(\.path) + [paths.endedSessions, paths.candidate, paths.dropIn],
            directories: [paths.directory, paths.principals, paths.dropIns])
        do {
            // It holds what was in files that not everybody may read.
            try files.replace(paths.journal, with: journal.bytes, mode: 0o600)
            for directory in journal.directories { try files.makeDirectory(directory) }
            for file in contents {
                let staged = try files.stage(file.contents, for: file.path, mode: file.mode)
                if file.path == paths.revocationList { try await RevocationListCheck.run(staged) }
                try files.install(file.path)
            }
            try await checkCandidate()
            try files.replace(paths.dropIn, with: Array(dropIn.utf8))
            try await checkInForce()
        } catch {
            // A running sshd has not read the new configuration: nothing of it is in use. Where this fails too, the journal
            // is still there for `leave`.
            _ = try? undo(journal)
            throw error
        }
        _ = consume lock
    }

    /// sshd reads the first value of a keyword: the drop-in before all that is there now is at least as far-reaching as in
    /// its place.
    private func checkCandidate() async throws {
        try files.replace(paths.candidate, with: Array((dropIn + "Include \(paths.sshdConfiguration)\n").utf8))
        guard try await sshd.accepts(paths.candidate) else { throw ClientError.host(.configurationRefused) }
        try files.remove(paths.candidate)
    }

    private func checkInForce() async throws {
        guard let drift = try await drift() else { return }
        if case .configurationBroken = drift { throw ClientError.host(.configurationRefused) }
        throw ClientError.host(drift)
    }

    /// What keeps an sshd that is started now from doing what this host enrolled for; nil: nothing.
    package func drift() async throws -> HostError? {
        guard try await sshd.accepts() else { return .configurationBroken(path: paths.sshdConfiguration) }
        let settings = try await sshd.settings()
        let wanted = [
            ("TrustedUserCAKeys", paths.userCA), ("AuthorizedPrincipalsFile", paths.principals + "/%u"),
            ("RevokedKeys", paths.revocationList), ("HostCertificate", paths.hostCertificate),
        ]
        let missing = wanted.filter { !settings.written($0.lowercased()).contains($1) }
        // One that is missing was set before; if all are, the drop-in is not read.
        guard let (keyword, _) = missing.first else { return nil }
        guard missing.count < wanted.count else { return .notIncluded(dropIn: paths.dropIn) }
        let values = settings.written(keyword.lowercased())
        return .setElsewhere(keyword: keyword, value: values.isEmpty ? "none" : values.joined(separator: " "))
    }

    /// Undoes an enrolment, from wherever it or an earlier attempt to undo it was interrupted.
    /// - Parameter reload: makes a running sshd forget the configuration. Only then do the files go that it names: without
    ///   its revocation list sshd lets nobody in.
    /// - Returns: directories that stay, because they hold what is not ours.
    package func leave(reload: Bool) async throws -> [String] {
        let lock = try DirectoryLock(paths.ssh)
        guard let journal = try HostJournal(reading: paths.journal) else {
            try files.remove(paths.journal)
            throw ClientError.host(.notEnrolled)
        }
        try restore(journal.files.filter { $0.path == paths.dropIn })
        guard try await sshd.accepts() else { throw ClientError.host(.configurationBroken(path: paths.sshdConfiguration)) }
        if reload { _ = try await sshd.reload() }
        let remaining = try undo(journal)
        _ = consume lock
        return remaining
    }

    private func undo(_ journal: HostJournal) throws -> [String] {
        // In the reverse order, so that the configuration goes before what it names.
        try restore(journal.files.reversed())
        var remaining: [String] = []
        for directory in journal.directories.reversed() where try !files.removeDirectory(directory) {
            remaining.append(directory)
        }
        try files.remove(paths.journal)
        return remaining
    }

    private func restore(_ changed: [HostJournal.File]) throws {
        for file in changed {
            guard let previous = file.previous else {
                try files.remove(file.path)
                continue
            }
            if let now = try? AtomicFile.read(file.path, limit: 64 << 20), now == Array(previous) {
                // Nothing to restore but what was staged and never installed.
                try files.removeStaged(file.path)
            } else {
                try files.replace(file.path, with: Array(previous), mode: file.mode ?? 0o644)
            }
        }
    }
}

/// OpenSSH has the last word on a revocation list, before sshd has to live with it.
enum RevocationListCheck {
    static func run(_ path: String) async throws {
        guard (try? AtomicFile.read(path, limit: PublishedRevocationList.maximumBytes)).map(\.isEmpty) == false else {
            throw ClientError.host(.revocationList("it is empty"))
        }
        do {
            // A long list prints a line for each entry.
            _ = try await ChildProgram.run("ssh-keygen", ["-Q", "-l", "-f", path], limit: 1 << 30)
        } catch ClientError.programFailed {
            throw ClientError.host(.revocationList("ssh-keygen cannot read it"))
        }
    }
}
