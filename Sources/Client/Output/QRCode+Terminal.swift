// SPDX-License-Identifier: Apache-2.0

extension QRCode {
    /// Two rows of modules in each line of a terminal, with the light border that readers want (ISO/IEC 18004 §9.1). The
    /// colours are named, so that it looks the same on light terminals and dark ones.
    package var terminalText: String {
        let border = 4
        func isLight(_ row: Int, _ column: Int) -> Bool {
            guard (0..<size).contains(row), (0..<size).contains(column) else { return row < size + border }
            return !self[row, column]
        }
        return stride(from: -border, to: size + border, by: 2).map { row in
            let line = (-border..<(size + border)).map { column in
                switch (isLight(row, column), isLight(row + 1, column)) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): " "
                }
            }
            return "\u{1b}[40;97m" + line.joined() + "\u{1b}[0m\n"
        }.joined()
    }
}
