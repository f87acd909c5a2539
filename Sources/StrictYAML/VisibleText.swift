// SPDX-License-Identifier: Apache-2.0

extension String {
    /// No control, format, separator, private or unassigned characters: what a person sees is what is compared.
    package var isPlainlyVisible: Bool { unicodeScalars.allSatisfy(\.isPlainlyVisible) }
}

extension Unicode.Scalar {
    package var isPlainlyVisible: Bool {
        if isASCII { return (0x20...0x7E).contains(value) }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension DefaultStringInterpolation {
    /// Input whose invisible characters are written as escapes, at most 100 characters of it.
    package mutating func appendInterpolation(printable text: String) {
        let scalars = text.unicodeScalars
        for scalar in scalars.prefix(100) {
            appendLiteral(scalar.isPlainlyVisible ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}")
        }
        if scalars.count > 100 { appendLiteral("…") }
    }
}
