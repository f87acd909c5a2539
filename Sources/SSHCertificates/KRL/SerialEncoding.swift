// SPDX-License-Identifier: Apache-2.0

/// Chooses list, range or bitmap for each run of serials so that the whole is smallest, in time proportional to the runs.
///
/// The best encoding of the first n runs ends in a list, a range or a bitmap; each follows from the best ones before it.
/// Where a bitmap begins is chosen by bits, so the result may miss the optimum by the rounding to bytes, and no more.
enum SerialEncoding {
    private enum Form { case list, range, bitmap }

    /// How the best encoding up to a run ends: its last form, and the first run of that section.
    private struct Choice {
        let form: Form
        let start: Int
        let bits: Int
    }

    /// Section type and length.
    private static let headerBits = 5 * 8
    private static let serialBits = 8 * 8
    private static let rangeBits = headerBits + 2 * serialBits
    /// Offset and length of the number; its bytes are counted apart.
    private static let bitmapBits = headerBits + serialBits + 4 * 8
    /// Above this, a range is smaller even if it interrupts a list.
    private static let longestListedRun: UInt64 = 3

    static func smallest(for serials: [UInt64]) throws(KeyRevocationListError) -> [CertificateRevocations.Part] {
        let runs = try runs(of: serials)
        let choices = choices(for: runs)
        var parts: [CertificateRevocations.Part] = []
        var end = runs.count
        while end > 0 {
            let choice = choices[end &- 1]
            let section = runs[choice.start..<end]
            switch choice.form {
            case .list: parts.append(.serialList(section.flatMap { Array($0) }))
            case .range: parts.append(.serialRange(runs[choice.start]))
            case .bitmap: parts.append(.serialBitmap(SerialBitmap(runs: section)))
            }
            end = choice.start
        }
        return parts.reversed()
    }

    private static func runs(of serials: [UInt64]) throws(KeyRevocationListError) -> [ClosedRange<UInt64>] {
        guard var first = serials.first else { return [] }
        guard first > 0 else { throw .serialZero }
        var runs: [ClosedRange<UInt64>] = []
        var last = first
        for serial in serials.dropFirst() {
            guard serial > last else { throw .unorderedSerials }
            if serial &- last > 1 {
                runs.append(first...last)
                first = serial
            }
            last = serial
        }
        runs.append(first...last)
        return runs
    }

    private static func choices(for runs: [ClosedRange<UInt64>]) -> [Choice] {
        var choices: [Choice] = []
        choices.reserveCapacity(runs.count)
        var best = 0
        var openList: (start: Int, bits: Int)?
        // Where the open bitmap may have begun, with the bits spent before: the first is the cheapest that is near enough,
        // each later one takes over when those before it are too far away.
        var starts: [(run: Int, bits: Int)] = []
        var oldest = 0
        for (index, run) in runs.enumerated() {
            var choice = Choice(form: .range, start: index, bits: best + rangeBits)

            let count = run.upperBound &- run.lowerBound &+ 1
            if (1...longestListedRun).contains(count) {
                let fresh = (start: index, bits: best + headerBits)
                let open = openList.map { $0.bits <= fresh.bits ? $0 : fresh } ?? fresh
                let list = (start: open.start, bits: open.bits + Int(count) * serialBits)
                openList = list
                if list.bits < choice.bits { choice = Choice(form: .list, start: list.start, bits: list.bits) }
            } else {
                openList = nil
            }

            while starts.count > oldest, let last = starts.last,
                run.lowerBound &- runs[last.run].lowerBound >= SerialBitmap.bitLimit
                    || last.bits + Int(run.lowerBound &- runs[last.run].lowerBound) >= best
            {
                starts.removeLast()
            }
            starts.append((index, best))
            while oldest < starts.count, run.upperBound &- runs[starts[oldest].run].lowerBound >= SerialBitmap.bitLimit {
                oldest += 1
            }
            if oldest < starts.count {
                let start = starts[oldest]
                // A whole number of eights has its top bit set and takes one zero for the sign, so this is exact.
                let bytes = Int((run.upperBound &- runs[start.run].lowerBound) / 8) + 1
                let bits = start.bits + bitmapBits + bytes * 8
                if bits < choice.bits { choice = Choice(form: .bitmap, start: start.run, bits: bits) }
            }

            best = choice.bits
            choices.append(choice)
        }
        return choices
    }
}
