// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Glibc

/// One process as `/proc` shows it. The start time tells it from a later process with the same number.
package struct ProcessIdentity: Hashable, Sendable, CustomStringConvertible {
    package let processID: pid_t
    package let name: String
    let parent: pid_t
    /// In clock ticks since boot (proc(5), field 22).
    let startTime: String
    /// `R`, `S`, `T` and so on (proc(5), field 3).
    private let state: Character

    var isZombie: Bool { state == "Z" || state == "X" }
    /// Whether it does nothing more until it is told to go on.
    var isHalted: Bool { state == "T" || state == "t" || isZombie }

    package var description: String { "\(name) (\(processID))" }

    /// `nil` when there is no such process.
    init?(reading processID: pid_t) {
        // "123 (some name) S 1 ...": the name may itself contain blanks and parentheses.
        guard let data = FileManager.default.contents(atPath: "/proc/\(processID)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]) else { return nil }
        self.processID = processID
        self.name = String(text[text.index(after: open)..<close])
        self.parent = parent
        self.startTime = String(fields[19])
        self.state = fields[0].first ?? "?"
    }

    /// Whether this very process still runs. A zombie does not.
    package var isAlive: Bool {
        guard let now = ProcessIdentity(reading: processID) else { return false }
        return now.startTime == startTime && !now.isZombie
    }

    /// The living children of a process, their children, and so on, in whatever session or group they are.
    package static func descendants(of ancestor: pid_t) -> [ProcessIdentity] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let all = names.compactMap { pid_t($0) }.compactMap { ProcessIdentity(reading: $0) }.filter { !$0.isZombie }
        let children = Dictionary(grouping: all, by: \.parent)
        var found: [ProcessIdentity] = []
        var pending = [ancestor]
        while let next = pending.popLast() {
            for child in children[next, default: []] {
                found.append(child)
                pending.append(child.processID)
            }
        }
        return found
    }
}
