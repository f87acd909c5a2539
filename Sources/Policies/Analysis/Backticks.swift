// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Between backticks, more of them than stand together in it (CommonMark §6.1).
    var inBackticks: String {
        let runs = split { $0 != "`" }.map(\.count)
        let fence = String(repeating: "`", count: (runs.max() ?? 0) + 1)
        let needsPadding = hasPrefix("`") || hasSuffix("`") || hasPrefix(" ") && hasSuffix(" ")
        return needsPadding ? "\(fence) \(self) \(fence)" : fence + self + fence
    }
}
