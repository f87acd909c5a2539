// SPDX-License-Identifier: Apache-2.0

/// The difference of two texts in the form that `git apply` and `patch -p1` take.
package enum UnifiedDiff {
    private static let context = 3  // lines

    /// Empty where nothing changed.
    /// - Parameter path: with `/`, from the directory in which the patch is applied.
    package static func text(from old: [UInt8], to new: [UInt8], path: String) -> String {
        guard old != new else { return "" }
        let (before, after) = (lines(of: old), lines(of: new))
        let script = script(before, after)
        var text = "--- \(name("a/" + path))\n+++ \(name("b/" + path))\n"
        for hunk in hunks(script) { text += self.text(of: script[hunk], after: script[..<hunk.lowerBound]) }
        return text
    }

    private enum Kind { case same, removed, added }

    private struct Line {
        let kind: Kind
        /// With its end, if it has one.
        let text: String
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        // What follows the last newline, if anything does.
        return parts.dropLast().map { $0 + "\n" } + parts.suffix(1).filter { !$0.isEmpty }
    }

    private static func script(_ old: [String], _ new: [String]) -> [Line] {
        let difference = new.difference(from: old) { $0.utf8.elementsEqual($1.utf8) }
        var removed: Set<Int> = []
        var added: [Int: String] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, let line, _): added[offset] = line
            }
        }
        var script: [Line] = []
        var (from, to) = (0, 0)
        while from < old.count || to < new.count {
            if from < old.count, removed.contains(from) {
                script.append(Line(kind: .removed, text: old[from]))
                from += 1
            } else if let line = added[to] {
                script.append(Line(kind: .added, text: line))
                to += 1
            } else {
                script.append(Line(kind: .same, text: old[from]))
                (from, to) = (from + 1, to + 1)
            }
        }
        return script
    }

    /// Changes with the lines around them; those that touch are one.
    private static func hunks(_ script: [Line]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in script.indices where script[index].kind != .same {
            let range = max(0, index - context)..<min(script.count, index + context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }

    private static func text(of hunk: ArraySlice<Line>, after: ArraySlice<Line>) -> String {
        func place(_ kind: Kind) -> String {
            let count = hunk.count(where: { $0.kind != kind })
            let before = after.count(where: { $0.kind != kind })
            return "\(count == 0 ? before : before + 1),\(count)"
        }
        var text = "@@ -\(place(.added)) +\(place(.removed)) @@\n"
        for line in hunk {
            let sign =
                switch line.kind {
                case .same: " "
                case .removed: "-"
                case .added: "+"
                }
            text += sign + line.text + (line.text.utf8.last == UInt8(ascii: "\n") ? "" : "\n\\ No newline at end of file\n")
        }
        return text
    }

    /// As git writes it: what is not plain ASCII, in C quotes; after a space, a tab, which keeps it from being cut.
    private static func name(_ path: String) -> String {
        let special = [UInt8(ascii: "\""), UInt8(ascii: "\\")]
        let isPlain = path.utf8.allSatisfy { (0x20...0x7e).contains($0) && !special.contains($0) }
        if isPlain { return path.contains(" ") ? path + "\t" : path }
        let quoted = path.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7e: String(UnicodeScalar(byte))
            default: "\\" + String(byte >> 6) + String(byte >> 3 & 7) + String(byte & 7)
            }
        }
        return "\"" + quoted.joined() + "\""
    }
}
