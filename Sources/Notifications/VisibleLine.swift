// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Itself as one line: what is invisible, breaks lines or turns the direction of text becomes a space, and what is longer
    /// than `limit` characters is cut. A name must neither forge a header nor show as another name.
    func oneVisibleLine(limit: Int) -> String {
        var line = String.UnicodeScalarView()
        // A character may be made of any number of scalars; eight for each are more than any script needs.
        for scalar in unicodeScalars.prefix(limit * 8) { line.append(scalar.isVisible ? scalar : " ") }
        let text = String(line)
        return text.count > limit ? text.prefix(limit - 1) + "…" : text
    }
}

extension Unicode.Scalar {
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
