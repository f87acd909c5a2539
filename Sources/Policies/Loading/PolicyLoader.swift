// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// Reads files into the parts of a set, noting everything that is wrong. Sections are read in the order of what they
/// refer to, over all files, so the order of files never matters.
struct PolicyLoader: YAMLReading {
    var problems = YAMLProblems()
    var zones: [String: Zone] = [:]
    var windows: [String: Window] = [:]
    /// Those read so far, by name: a table for each is enough.
    var timeZones: [String: ZoneRules] = [:]
    var groups: [String: Group] = [:]
    var roles: [String: Role] = [:]
    var allows: [AllowRule] = []
    var denies: [DenyRule] = []
    var tests: [PolicyTest] = []
    private var definitions: [String: SourcePosition] = [:]

    static let sections = ["version", "zones", "windows", "groups", "roles", "allow", "deny", "tests"]

    mutating func load(_ files: [PolicyFile]) {
        guard checkSizes(files) else { return }
        let documents = files.sorted { $0.name.precedesInUTF8($1.name) }.compactMap { document($0) }
        for case let node? in documents.map({ $0["zones"] }) { readZones(node) }
        for case let node? in documents.map({ $0["windows"] }) { readWindows(node) }
        for case let node? in documents.map({ $0["groups"] }) { readGroups(node) }
        refuseGroupCircles()
        for case let node? in documents.map({ $0["roles"] }) { readRoles(node) }
        for case let node? in documents.map({ $0["allow"] }) { readAllowRules(node) }
        for case let node? in documents.map({ $0["deny"] }) { readDenyRules(node) }
        // A test that names a role which did not load would only repeat what is said already.
        guard problems.isEmpty else { return }
        for case let node? in documents.map({ $0["tests"] }) { readTests(node) }
    }

    private mutating func checkSizes(_ files: [PolicyFile]) -> Bool {
        if files.isEmpty { problems.add(nil, "there are no policy files") }
        if files.count > PolicyFile.maximumFiles {
            problems.add(nil, "there are \(files.count) policy files; at most \(PolicyFile.maximumFiles) are allowed")
        }
        if files.reduce(0, { $0 + $1.bytes.count }) > PolicyFile.maximumTotalBytes {
            problems.add(nil, "the policy files are larger than 16 MiB together")
        }
        var names: Set<String> = []
        for file in files where !names.insert(file.name).inserted {
            problems.add(nil, "there are two policy files `\(printable: file.name)`")
        }
        return problems.isEmpty
    }

    private mutating func document(_ file: PolicyFile) -> Fields? {
        guard
            let root = YAMLNode.parse(
                file.bytes, file: file.name, limit: PolicyFile.maximumBytes, &problems),
            let fields = fields(root, "a policy file", known: Self.sections)
        else { return nil }
        guard let version = fields["version"] else {
            problems.add(root.position, "`version` is missing; the file must begin with `version: 1`")
            return nil
        }
        guard case .scalar("1", isPlain: true) = version.value else {
            problems.add(version.position, "`version` must be `1`, the only version there is")
            return nil
        }
        return fields
    }

    /// Notes a name, and refuses it when it is not one or stands somewhere already.
    mutating func define(_ kind: String, _ name: String, at position: SourcePosition) -> Bool {
        guard Names.isIdentifier(name) || kind == "group" && Names.isDirectoryName(name) else {
            let expected = kind == "group" ? "visible text without `*`" : "lower-case letters, digits, `-`, `_` and `.`"
            problems.add(position, "`\(printable: name)` is not a name for a \(kind); expected \(expected)")
            return false
        }
        if let earlier = definitions["\(kind) \(name)"] {
            problems.add(position, "\(kind) `\(name)` is already defined at \(earlier)")
            return false
        }
        definitions["\(kind) \(name)"] = position
        return true
    }

    func unknown(_ kind: String, _ name: String, among known: some Sequence<String>) -> String {
        let nearest = NearestWord.to(name, among: known).map { "; did you mean `\($0)`?" }
        return "there is no \(kind) `\(printable: name)`" + (nearest ?? "")
    }
}
