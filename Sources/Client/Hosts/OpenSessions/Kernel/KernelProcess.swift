// SPDX-License-Identifier: Apache-2.0

/// A process that stays itself: a number alone is given to another process when the first has ended.
package struct ProcessIdentity: Hashable, Sendable {
    package let number: Int32
    /// When it began, in clock ticks after the boot (proc_pid_stat(5), field 22).
    package let start: UInt64
}

/// What the kernel says of a process, and no process can say of itself.
struct KernelProcess: Sendable {
    let identity: ProcessIdentity
    let parent: Int32
    /// Of the task, as `comm` has it: at most 15 bytes. A process can change its own.
    let name: String

    var number: Int32 { identity.number }

    /// - Parameter stat: `/proc/PID/stat`. The name stands in parentheses and may hold more of them.
    init?(parsing stat: String) {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close,
            let number = Int32(stat[..<open].dropLast())
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ", maxSplits: 20)
        guard fields.count > 19, let parent = Int32(fields[1]), let start = UInt64(fields[19]) else { return nil }
        identity = ProcessIdentity(number: number, start: start)
        self.parent = parent
        name = String(stat[stat.index(after: open)..<close])
    }
}
