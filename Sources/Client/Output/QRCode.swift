// SPDX-License-Identifier: Apache-2.0

/// A QR code (ISO/IEC 18004) of bytes, error correction level L, versions 1 to 10: room for 271 bytes, an address.
package struct QRCode: Sendable {
    /// Modules of one side.
    package private(set) var size: Int
    /// True is dark; row by row.
    private var modules: [Bool]
    /// What is not data: finders, timing, alignment, format and version.
    private var isFunction: [Bool]

    /// Codewords of data in each block and of error correction for each, by version from 1 (ISO/IEC 18004 table 9).
    private static let blocks: [(data: [Int], correction: Int)] = [
        ([19], 7), ([34], 10), ([55], 15), ([80], 20), ([108], 26), ([68, 68], 18), ([78, 78], 20), ([97, 97], 24),
        ([116, 116], 30), ([68, 68, 69, 69], 18),
    ]
    /// Centres of the alignment patterns (annex E).
    private static let alignments: [[Int]] = [
        [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
    ]

    /// Nil for what is too long.
    /// - Parameter mask: 0 to 7; the one that reads best if nil.
    package init?(_ text: String, mask: Int? = nil) {
        let bytes = Array(text.utf8)
        guard
            let version = Self.blocks.indices.map({ $0 + 1 }).first(where: { version in
                let room = Self.blocks[version - 1].data.reduce(0, +) * 8
                return 4 + (version < 10 ? 8 : 16) + 8 * bytes.count <= room
            })
        else { return nil }
        size = 17 + 4 * version
        modules = Array(repeating: false, count: size * size)
        isFunction = modules
        drawFunctions(version)
        place(Self.codewords(bytes, version))
        let best = mask ?? (0..<8).min { masked($0).penalty < masked($1).penalty } ?? 0
        self = masked(best)
    }

    package subscript(row: Int, column: Int) -> Bool {
        get { modules[row * size + column] }
        set { modules[row * size + column] = newValue }
    }

    // MARK: Data

    private static func codewords(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        let (blocks, correction) = Self.blocks[version - 1]
        let room = blocks.reduce(0, +)
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        append(0b0100, 4)  // byte mode
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        append(0, min(4, room * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var words = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        for filler in 0..<(room - words.count) { words.append(filler % 2 == 0 ? 0xEC : 0x11) }

        var data: [ArraySlice<UInt8>] = []
        var rest = words[...]
        for count in blocks {
            data.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let corrections = data.map { ReedSolomon.correction(of: $0, count: correction) }
        let longest = blocks.max() ?? 0
        let interleaved = (0..<longest).flatMap { index in
            data.compactMap { index < $0.count ? $0[$0.startIndex + index] : nil }
        }
        return interleaved + (0..<correction).flatMap { index in corrections.map { $0[index] } }
    }

    /// From the lower right corner in columns of two, up and down, past the vertical timing pattern.
    private mutating func place(_ words: [UInt8]) {
        var bit = 0
        var isUpward = true
        for right in stride(from: size - 1, to: 0, by: -2).map({ $0 <= 6 ? $0 - 1 : $0 }) {
            for step in 0..<size {
                let row = isUpward ? size - 1 - step : step
                for column in [right, right - 1] where !isFunction[row * size + column] {
                    if bit < words.count * 8 { self[row, column] = words[bit / 8] >> (7 - bit % 8) & 1 == 1 }
                    bit += 1
                }
            }
            isUpward.toggle()
        }
    }

    // MARK: Patterns

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        self[row, column] = isDark
        isFunction[row * size + column] = true
    }

    private mutating func drawFunctions(_ version: Int) {
        for index in 0..<size {
            set(6, index, index % 2 == 0)
            set(index, 6, index % 2 == 0)
        }
        for (row, column) in [(3, 3), (3, size - 4), (size - 4, 3)] {
            for y in -4...4 {
                for x in -4...4 where (0..<size).contains(row + y) && (0..<size).contains(column + x) {
                    let distance = max(abs(x), abs(y))
                    set(row + y, column + x, distance != 2 && distance != 4)
                }
            }
        }
        let centres = Self.alignments[version - 1]
        for row in centres {
            for column in centres where !isFinder(row, column) {
                for y in -2...2 {
                    for x in -2...2 { set(row + y, column + x, max(abs(x), abs(y)) != 1) }
                }
            }
        }
        drawFormat(mask: 0)
        guard version >= 7 else { return }
        // Annex D: a BCH code of 12 bits after the 6 of the version.
        let code = version << 12 | Self.remainder(version << 12, 0x1F25)
        for bit in 0..<18 {
            set(bit / 3, size - 11 + bit % 3, code >> bit & 1 == 1)
            set(size - 11 + bit % 3, bit / 3, code >> bit & 1 == 1)
        }
    }

    private func isFinder(_ row: Int, _ column: Int) -> Bool {
        (row == 6 && (column == 6 || column == size - 7)) || (row == size - 7 && column == 6)
    }

    /// Annex C: level L and mask, with a BCH code of 10 bits, and a pattern that is never all light.
    private mutating func drawFormat(mask: Int) {
        let data = 0b01 << 3 | mask
        let code = (data << 10 | Self.remainder(data << 10, 0x537)) ^ 0x5412
        func isDark(_ bit: Int) -> Bool { code >> bit & 1 == 1 }
        for bit in 0..<15 {
            let row = bit < 6 ? bit : bit < 8 ? bit + 1 : size - 15 + bit
            set(row, 8, isDark(bit))
            let column = bit < 8 ? size - 1 - bit : bit == 8 ? 7 : 14 - bit
            set(8, column, isDark(bit))
        }
        set(size - 8, 8, true)
    }

    private static func remainder(_ value: Int, _ generator: Int) -> Int {
        let degree = Int.bitWidth - 1 - generator.leadingZeroBitCount
        var value = value
        while value >> degree != 0 {
            value ^= generator << (Int.bitWidth - 1 - value.leadingZeroBitCount - degree)
        }
        return value
    }

    // MARK: Masks

    private func masked(_ mask: Int) -> QRCode {
        var result = self
        for row in 0..<size {
            for column in 0..<size where !isFunction[row * size + column] && Self.inverts(mask, row, column) {
                result[row, column].toggle()
            }
        }
        result.drawFormat(mask: mask)
        return result
    }

    /// ISO/IEC 18004 table 10.
    private static func inverts(_ mask: Int, _ row: Int, _ column: Int) -> Bool {
        switch mask {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3) % 2 == 0
        default: ((row + column) % 2 + row * column % 3) % 2 == 0
        }
    }

    /// How much it looks like something it is not (§7.8.3): long runs, squares, finders, too much of one colour.
    private var penalty: Int {
        let rows = (0..<size).map { row in (0..<size).map { self[row, $0] } }
        let columns = (0..<size).map { column in (0..<size).map { self[$0, column] } }
        let finder = [true, false, true, true, true, false, true]
        let light = [false, false, false, false]
        var sum = 0
        for line in rows + columns {
            var run = 1
            for index in 1..<size {
                run = line[index] == line[index - 1] ? run + 1 : 1
                if run == 5 { sum += 3 } else if run > 5 { sum += 1 }
            }
            for start in 0...(size - 11) {
                let part = line[start..<start + 11]
                if part.elementsEqual(finder + light) || part.elementsEqual(light + finder) { sum += 40 }
            }
        }
        for row in 1..<size {
            for column in 1..<size {
                let colour = self[row, column]
                if self[row - 1, column] == colour && self[row, column - 1] == colour && self[row - 1, column - 1] == colour {
                    sum += 3
                }
            }
        }
        let dark = modules.count { $0 }
        return sum + abs(dark * 20 - modules.count * 10) / modules.count * 10
    }
}

/// Error correction over GF(256) with the polynomial of QR codes.
private enum ReedSolomon {
    static func correction(of data: ArraySlice<UInt8>, count: Int) -> [UInt8] {
        var generator: [UInt8] = [1]
        var root: UInt8 = 1
        for _ in 0..<count {
            var next = generator + [0]
            for index in generator.indices { next[index + 1] ^= product(generator[index], root) }
            generator = next
            root = product(root, 2)
        }
        var remainder = [UInt8](repeating: 0, count: count)
        for byte in data {
            let factor = byte ^ remainder.removeFirst()
            remainder.append(0)
            for index in 0..<count { remainder[index] ^= product(generator[index + 1], factor) }
        }
        return remainder
    }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (left, right, result) = (left, right, UInt8(0))
        while right != 0 {
            if right & 1 == 1 { result ^= left }
            left = left << 1 ^ (left & 0x80 == 0 ? 0 : 0x1D)
            right >>= 1
        }
        return result
    }
}
