// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What the kernel says about a process and about the machine (proc(5)).
enum ProcessFigures {
    private static let microsecondsPerTick = 1e6 / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// User and system time so far, in microseconds, to a hundredth of a second.
    static func processorTime(of processID: Int32) -> Double {
        // The second field is a name in parentheses, which may hold spaces.
        let fields = text("/proc/\(processID)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) * microsecondsPerTick
    }

    /// That of this process, in microseconds, finer.
    static var ownProcessorTime: Double { Double(clock()) * 1e6 / Double(CLOCKS_PER_SEC) }

    /// Time that any process of the machine has run, in microseconds.
    static var busyTime: Double {
        let fields = text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { Double($0) }
        // user, nice, system, idle, iowait, irq, softirq, steal
        return fields.prefix(8).enumerated().reduce(0) { $1.offset == 3 || $1.offset == 4 ? $0 : $0 + $1.element }
            * microsecondsPerTick
    }

    /// Memory in use now, and at most so far, in megabytes (10^6 bytes).
    static func memory(of processID: Int32) -> (now: Double, peak: Double) {
        func megabytes(_ name: String) -> Double {
            let line = text("/proc/\(processID)/status").split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
            return (kilobytes ?? 0) * 1024 / 1e6
        }
        return (megabytes("VmRSS"), megabytes("VmHWM"))
    }

    /// Processor, cores and kernel, in one line.
    static var machine: String {
        let model =
            text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
        let kernel = text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
        return "\(ProcessInfo.processInfo.activeProcessorCount) cores of \(model), Linux \(kernel)"
    }

    /// Files of /proc have no length, so they are read to their end.
    private static func text(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
