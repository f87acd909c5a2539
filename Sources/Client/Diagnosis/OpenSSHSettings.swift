// SPDX-License-Identifier: Apache-2.0

/// What the configuration comes to for one connection: the output of `sshd -T` or `ssh -G`, a lower-case keyword and its value
/// a line.
struct OpenSSHSettings: Sendable {
    private let values: [String: [String]]

    init(parsing output: String) {
        var values: [String: [String]] = [:]
        for line in output.split(separator: "\n") {
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

    /// Of a keyword that has a line for each of its values.
    func lines(_ keyword: String) -> [String] { (values[keyword] ?? []).flatMap { $0.split(separator: " ").map(String.init) } }

    /// Of a keyword whose value is a list with commas.
    func list(_ keyword: String) -> [String] { self[keyword]?.split(separator: ",").map(String.init) ?? [] }

    func isOn(_ keyword: String) -> Bool { self[keyword] == "yes" }
}
