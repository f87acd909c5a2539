// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StrictYAML

/// What is taken out is gone, and every other byte stays.
@Suite struct YAMLRemovalTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let before: String
        let path: [YAMLRemoval.Step]
        let what: YAMLRemoval.What
        /// nil: it takes a person.
        let after: String?

        var testDescription: String { name }
    }

    @Test(arguments: samples)
    func `a cut`(_ sample: Sample) {
        let cut = YAMLRemoval(sample.what, at: sample.path).applied(to: Array(sample.before.utf8), limit: 1 << 20)
        #expect(cut.map { String(decoding: $0, as: UTF8.self) } == sample.after)
    }

    private static let samples: [Sample] = [
        Sample(
            name: "the last of a flow list", before: "a: [x, y]  # both\n", path: [.key("a")], what: .members([1]),
            after: "a: [x]  # both\n"),
        Sample(
            name: "the first of a flow list", before: "a: [x, y]\n", path: [.key("a")], what: .members([0]),
            after: "a: [y]\n"),
        Sample(
            name: "several of a flow list", before: "a: [v, w, x, \"y\", 'z''z']\nb: 1\n", path: [.key("a")],
            what: .members([0, 2, 4]), after: "a: [w, \"y\"]\nb: 1\n"),
        Sample(
            name: "of a flow list over lines", before: "a:\n  [\n    x,\n    y,\n    z,\n  ]\n", path: [.key("a")],
            what: .members([1]), after: "a:\n  [\n    x,\n    z,\n  ]\n"),
        Sample(
            name: "no comment goes with it", before: "a: [\n  x,  # hers\n  y,\n]\n", path: [.key("a")], what: .members([0]),
            after: nil),
        Sample(
            name: "lines of a block list", before: "a:\n  # people\n  - x  # one\n  - y\n\n  # others\n  - z\nb: 1\n",
            path: [.key("a")], what: .members([0, 1]), after: "a:\n  # people\n\n  # others\n  - z\nb: 1\n"),
        Sample(
            name: "of a block list that is not indented", before: "a:\n- x\n- y\nb: 1\n", path: [.key("a")],
            what: .members([1]),
            after: "a:\n- x\nb: 1\n"),
        Sample(
            name: "mappings of a block list",
            before: "a:\n  - id: p\n    who: {u: [1]}\n    # inside\n    more:\n      - q\n  # of the next\n  - {id: r}\n",
            path: [.key("a")], what: .members([0]), after: "a:\n  # of the next\n  - {id: r}\n"),
        Sample(
            name: "the last of a block list, without a newline", before: "a:\n  - x\n  - y", path: [.key("a")],
            what: .members([1]), after: "a:\n  - x\n"),
        Sample(
            name: "lines that end with a carriage return", before: "a:\r\n  - x\r\n  - y\r\nb: 1\r\n", path: [.key("a")],
            what: .members([0]), after: "a:\r\n  - y\r\nb: 1\r\n"),
        Sample(
            name: "deep", before: "a:\n  - b: {c: [x, y]}\n", path: [.key("a"), .member(0), .key("b"), .key("c")],
            what: .members([1]), after: "a:\n  - b: {c: [x]}\n"),
        Sample(
            name: "an entry", before: "g:\n  # one\n  p:\n    - x\n  q: {m: [y]}  # two\n  r: 1\n", path: [.key("g")],
            what: .entry("q"), after: "g:\n  # one\n  p:\n    - x\n  r: 1\n"),
        Sample(
            name: "an entry with a list that is not indented", before: "p:\n- x\n- y\nq: 1\n", path: [], what: .entry("p"),
            after: "q: 1\n"),
        Sample(
            name: "an entry of a flow mapping", before: "g: {p: 1, q: 2}\n", path: [.key("g")], what: .entry("q"), after: nil),
        Sample(name: "not all of a list", before: "a: [x]\n", path: [.key("a")], what: .members([0]), after: nil),
        Sample(name: "not the only entry", before: "g: {p: 1}\n", path: [.key("g")], what: .entry("p"), after: nil),
        Sample(name: "what is not there", before: "a: [x, y]\n", path: [.key("b")], what: .members([0]), after: nil),
        Sample(
            name: "a flow list against the indentation", before: "a:\n  - b: [x,\ny]\n  - c\n", path: [.key("a")],
            what: .members([0]), after: nil),
    ]
}
