// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StrictYAML

/// Reads one file with a key `name` and a key `list`.
private struct Reader: YAMLReading {
    var problems = YAMLProblems()

    mutating func read(_ text: String) -> (String?, [String]) {
        guard let root = YAMLNode.parse(Array(text.utf8), file: "f.yaml", limit: 1000, &problems),
            let fields = fields(root, "the file", known: ["name", "list"])
        else { return (nil, []) }
        return (
            fields["name"].flatMap { self.text($0, "`name`") }, fields["list"].map { texts($0, "`list`").map(\.text) } ?? []
        )
    }
}

@Suite struct YAMLReadingTests {
    @Test func `what is there is read`() {
        var reader = Reader()
        let (name, list) = reader.read("name: web\nlist: [a, \"yes\"]\n")
        #expect(name == "web")
        #expect(list == ["a", "yes"])
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: [
        ("nam: web", "f.yaml:1:1: unknown key `nam` in the file; did you mean `name`?"),
        ("name: web\nname: api", "f.yaml:2:1: key `name` is written more than once in this mapping"),
        ("name: yes", "f.yaml:1:7: `name` must be text, not `yes`; put it in quotes if it is meant as text"),
        ("name: [a]", "f.yaml:1:7: `name` must be text, not a list"),
        ("list: a", "f.yaml:1:7: `list` must be a list, not text"),
        ("list: [a, a]", "f.yaml:1:11: `a` is listed twice"),
        ("name:\tweb", "f.yaml:1:6: tab character; use spaces"),
        ("name: &x web", "f.yaml:1:7: anchors and aliases are not allowed; in a text, put a space after `&`"),
        ("name: !!str web", "f.yaml:1:7: tags are not allowed"),
        ("name: web\n---\nname: api", "f.yaml:2:1: more than one document; use one file for each"),
        ("name: \"a\\u0000b\"", "f.yaml:1:7: `name` must be one line of visible characters"),
        ("", "f.yaml:1:1: the file is empty"),
        (String(repeating: "#", count: 2000), "f.yaml:1:1: the file is larger than 0 KiB"),
    ])
    func `what is wrong is named with its place`(_ text: String, _ problem: String) {
        var reader = Reader()
        _ = reader.read(text)
        #expect(reader.problems.sorted.description == problem)
    }

    @Test(arguments: [
        ("name: a\nlist: []\nname: b\nname: c", ["3:1 name", "4:1 name"]), ("{name: a, \"name\": b}", ["1:11 name"]),
        ("'name': a\nname: b", ["2:1 name"]), ("list:\n- {x: 1, y: 2, x: 3}\n- x: 1\nlist: []", ["2:16 x", "4:1 list"]),
        ("größe: 1\nname: {größe: 2, größe: 3}\ngröße: 4", ["2:18 größe", "3:1 größe"]),
        // Where the second cannot be told, the first is named.
        ("\"\\u006eame\": a\nname: b", ["1:1 name"]),
    ])
    func `every key that its mapping has already is named`(_ text: String, _ places: [String]) {
        var reader = Reader()
        _ = reader.read(text)
        let found = reader.problems.sorted.errors.map { error in
            let key = error.problem.split(separator: "`")[1]
            return "\(error.position.map { "\($0.line):\($0.column)" } ?? "") \(key)"
        }
        #expect(found == places)
    }

    @Test func `many keys that are there already are told in the end`() {
        var reader = Reader()
        _ = reader.read((0..<20).map { "k\($0): a\nk\($0): b\n" }.joined())
        #expect(reader.problems.sorted.errors.map { $0.position?.line } == [1])
    }

    @Test func `an alias bomb is refused before it expands`() {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1..<30 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        var reader = Reader()
        _ = reader.read(String(bomb.prefix(900)))
        #expect(reader.problems.sorted.description.contains("anchors and aliases are not allowed"))
    }
}
