// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Repetitions of one figure: the median is quoted, the ends show how steady it is.
struct Spread: Sendable {
    let sorted: [Double]

    init(_ values: some Sequence<Double>) {
        sorted = values.sorted()
    }

    var median: Double { quantile(0.5) }

    /// 0 for no values at all.
    func quantile(_ part: Double) -> Double {
        guard let last = sorted.last else { return 0 }
        let index = Int(part * Double(sorted.count))
        return index < sorted.count ? sorted[index] : last
    }

    /// `min/**median**/max`.
    var text: String {
        guard let first = sorted.first, let last = sorted.last else { return "–" }
        return sorted.count == 1 ? rounded(first) : "\(rounded(first))/**\(rounded(median))**/\(rounded(last))"
    }
}

/// Three digits, or all of them before the point.
func rounded(_ value: Double) -> String {
    let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
    return String(format: "%.\(digits)f", value)
}

/// Progress, for whoever waits.
func note(_ text: String) {
    FileHandle.standardError.write(Data("mayfly-bench: \(text)\n".utf8))
}

struct MarkdownTable {
    private(set) var text: String
    private let width: Int

    init(_ columns: String...) {
        width = columns.count
        text = "| " + columns.joined(separator: " | ") + " |\n|" + String(repeating: "---|", count: columns.count) + "\n"
    }

    mutating func add(_ cells: String...) {
        let missing = Array(repeating: "", count: max(0, width - cells.count))
        text += "| " + (cells + missing).joined(separator: " | ") + " |\n"
    }
}

extension Duration {
    /// A fraction of a second as a floating-point number.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    var inMicroseconds: Double { inSeconds * 1e6 }
    var inMilliseconds: Double { inSeconds * 1e3 }
}
