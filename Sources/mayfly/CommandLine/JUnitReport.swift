// SPDX-License-Identifier: Apache-2.0
import Policies
import StrictYAML

/// Results of policy tests in the XML that CI systems show (JUnit, as Jenkins' xunit plug-in describes it).
struct JUnitReport {
    let results: [PolicyTestResult]

    var text: String {
        let failures = results.count { !$0.passed }
        let cases = results.map { result in
            let attributes =
                "classname=\"\(Self.escaped(result.position.file))\" name=\"\(Self.escaped(result.name))\" "
                + "file=\"\(Self.escaped(result.position.file))\" line=\"\(result.position.line)\""
            guard !result.passed else { return "    <testcase \(attributes)/>\n" }
            let differences = Self.escaped(result.differences.joined(separator: "\n"))
            return "    <testcase \(attributes)>\n      <failure message=\"\(differences)\"/>\n    </testcase>\n"
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="policies" tests="\(results.count)" failures="\(failures)" errors="0" skipped="0">
            \(cases.joined())  </testsuite>
            </testsuites>

            """
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
