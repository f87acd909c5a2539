// SPDX-License-Identifier: Apache-2.0

/// Metrics in the text format of Prometheus, version 0.0.4. Names are given without the prefix `mayfly_`.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case gauge
        /// Never falls; its name ends in `_total`.
        case counter
    }

    private(set) var text = ""

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int64) { add(name, kind, help, [([], value)]) }

    /// - Parameter samples: each with other labels.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(name: String, value: String)], value: Int64)]
    ) {
        text += "# HELP mayfly_\(name) \(help)\n# TYPE mayfly_\(name) \(kind.rawValue)\n"
        for (labels, value) in samples {
            let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += "mayfly_\(name)" + (labels.isEmpty ? "" : "{\(list)}") + " \(value)\n"
        }
    }

    static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n", "\r\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
