// SPDX-License-Identifier: Apache-2.0

/// What the configuration comes to for one connection: the output of `sshd -T` or `ssh -G`, a lower-case keyword and its value
/// a line.
package struct OpenSSHSettings: Sendable {
    private let values: [String: [String]]

    init(parsing output: [UInt8]) {
        var values: [String: [String]] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            values[parts[0], default: []].append(parts.count == 2 ? parts[1] : "")
        }
        self.values = values
    }

    /// The value of a keyword that has one, and is not `none`.
    subscript(_ keyword: String) -> String? {
        guard let value = values[keyword]?.first, value != "none" else { return nil }
        return value
    }

    /// What stands on the lines of a keyword, `none` among it; empty where there is none.
    func written(_ keyword: String) -> [String] { (values[keyword] ?? []).filter { !$0.isEmpty } }

    /// Of a keyword that has a line for each of its values.
    func lines(_ keyword: String) -> [String] { (values[keyword] ?? []).flatMap { $0.split(separator: " ").map(String.init) } }

    /// Of a keyword whose value is a list with commas.
    func list(_ keyword: String) -> [String] { self[keyword]?.split(separator: ",").map(String.init) ?? [] }

    func isOn(_ keyword: String) -> Bool { self[keyword] == "yes" }
}
