// SPDX-License-Identifier: Apache-2.0
import Policies
import StrictYAML

/// Results of policy tests in the XML that CI systems show (JUnit, as Jenkins' xunit plug-in describes it).
struct JUnitReport {
    private struct Case {
        let name: String
        let file: String
        var line: Int?
        /// `failure` or `error`, and what it says. nil: it passed.
        var outcome: (element: String, message: String)?
    }

    private let cases: [Case]

    init(results: [PolicyTestResult]) {
        cases = results.map { result in
            Case(
                name: result.name, file: result.position.file, line: result.position.line,
                outcome: result.passed ? nil : ("failure", result.differences.joined(separator: "\n")))
        }
    }

    /// Of a set that does not load. Without it a CI system would go on showing an earlier report.
    init(set: String, error: any Error) {
        let position = (error as? YAMLErrors)?.errors.first?.position
        cases = [
            Case(
                name: "the policies load", file: position?.file ?? set, line: position?.line, outcome: ("error", "\(error)"))
        ]
    }

    var text: String {
        func count(_ element: String) -> Int { cases.count { $0.outcome?.element == element } }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="policies" tests="\(cases.count)" failures="\(count("failure"))" errors="\(count("error"))" skipped="0">
            \(cases.map(Self.text).joined())  </testsuite>
            </testsuites>

            """
    }

    private static func text(_ testCase: Case) -> String {
        let file = escaped(testCase.file)
        let attributes =
            "classname=\"\(file)\" name=\"\(escaped(testCase.name))\" file=\"\(file)\""
            + (testCase.line.map { " line=\"\($0)\"" } ?? "")
        guard let (element, message) = testCase.outcome else { return "    <testcase \(attributes)/>\n" }
        return "    <testcase \(attributes)>\n      <\(element) message=\"\(escaped(message))\"/>\n    </testcase>\n"
    }

    /// For an attribute's value. What XML 1.0 cannot hold at all becomes a question mark.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += "&#10;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "?"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
