// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SystemPackage

/// The processes of this host, read from proc(5).
struct ProcessTable: Sendable {
    /// `/proc`.
    let root: String

    init(root: String = "/proc") {
        self.root = root
    }

    func all() -> [KernelProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.compactMap(Int32.init).compactMap(process)
    }

    func process(_ number: Int32) -> KernelProcess? { text(number, "stat").flatMap(KernelProcess.init(parsing:)) }

    func isAlive(_ identity: ProcessIdentity) -> Bool {
        guard let text = text(identity.number, "stat"), let process = KernelProcess(parsing: text) else { return false }
        return process.identity == identity && !Self.isZombie(text)
    }

    /// The file it runs; also when that has been replaced since, as by an upgrade. `nil` for what is not ours to see.
    func executable(of number: Int32) -> FilePath? {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/\(number)/exe") else {
            return nil
        }
        let gone = " (deleted)"
        return FilePath(target.hasSuffix(gone) ? String(target.dropLast(gone.count)) : target)
    }

    /// The command line as it is now: sshd writes there what it is doing.
    func title(of number: Int32) -> String? {
        guard var title = text(number, "cmdline")?.prefix(while: { $0 != "\0" }) else { return nil }
        while title.last == " " { title.removeLast() }
        return String(title)
    }

    /// Real, effective, saved and file system user, if all are the same.
    func user(of number: Int32) -> uid_t? {
        let line = text(number, "status")?.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        let numbers = Set(line?.split(separator: "\t").dropFirst().compactMap { uid_t($0) } ?? [])
        return numbers.count == 1 ? numbers.first : nil
    }

    /// The values of a variable in what the process has as its environment: whatever it wants them to be.
    func values(of variable: String, in number: Int32) -> [String]? {
        let prefix = variable + "="
        return text(number, "environ")?.split(separator: "\0").filter { $0.hasPrefix(prefix) }.map {
            String($0.dropFirst(prefix.count))
        }
    }

    /// `path` as the process sees it, whatever it has for a root.
    func path(_ path: String, seenBy number: Int32) -> String { "\(root)/\(number)/root\(path)" }

    /// Inodes of the sockets it has open.
    func sockets(of number: Int32) -> Set<UInt64> {
        let folder = "\(root)/\(number)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            names.compactMap { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
                guard let target, target.hasPrefix("socket:[") else { return nil }
                return UInt64(target.dropFirst("socket:[".count).dropLast())
            })
    }

    /// The TCP sockets of the network it is in.
    func tcpSockets(seenBy number: Int32) -> [TCPSocket] {
        ["net/tcp", "net/tcp6"].flatMap { name in
            (text(number, name) ?? "").split(separator: "\n").dropFirst().compactMap(TCPSocket.init(parsing:))
        }
    }

    func start(of identity: ProcessIdentity) -> Date? {
        let line = (try? AtomicFile.readText("\(root)/stat", limit: 1 << 24))?.split(separator: "\n").first {
            $0.hasPrefix("btime ")
        }
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        guard let boot = line.flatMap({ Double($0.dropFirst("btime ".count)) }), ticks > 0 else { return nil }
        return Date(timeIntervalSince1970: boot + Double(identity.start) / Double(ticks))
    }

    /// Bytes that are not UTF-8 become question marks; `nil` once the process is gone.
    private func text(_ number: Int32, _ name: String) -> String? {
        // A command line or an environment has at most 6 MiB or so (execve(2)); the sockets of a busy host take more.
        (try? AtomicFile.read("\(root)/\(number)/\(name)", limit: 1 << 26)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Ended, and waiting for its parent to ask.
    private static func isZombie(_ stat: String) -> Bool {
        stat.lastIndex(of: ")").map { stat[$0...].hasPrefix(") Z") || stat[$0...].hasPrefix(") X") } ?? false
    }
}
