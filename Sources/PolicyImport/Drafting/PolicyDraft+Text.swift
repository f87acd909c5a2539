// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

extension PolicyDraft {
    /// The file: a heading, and the sections that are not empty.
    func text(kind: String, tests: [TestDraft]) -> String {
        var sections: [(String, PolicyText)] = []
        if !zones.isEmpty {
            sections.append(("zones", .mapping(zones.map { ($0.name, .mapping([("hosts", .texts($0.hosts))])) })))
        }
        sections.append(("roles", .mapping(roles.map { ($0.name, $0.text) })))
        sections.append(("allow", .list(rules.map(\.text))))
        if !tests.isEmpty { sections.append(("tests", .list(tests.map(\.text)))) }
        // A heading is no place for what looks like an anchor.
        let source = "\(printable: options.source)".filter { $0 != "&" }
        let heading = """
            # Imported from \(source): \(kind).
            # What the source says and this file does not is in the report of the import.
            version: 1

            """
        return heading + PolicyText.document(sections)
    }
}

extension RoleDraft {
    var text: PolicyText {
        let value: (String, PolicyText) =
            switch content {
            case .ssh(let ssh): ("ssh", ssh.text)
            case .sshHost(let zone): ("ssh_host", .mapping([("zones", .texts([zone]))]))
            case .x509(let x509): ("x509", x509.text)
            }
        return .mapping([("description", .text(description)), value])
    }
}

extension SSHDraft {
    var text: PolicyText {
        var entries: [(String, PolicyText)] = []
        switch accounts {
        case .principals(let principals): entries.append(("principals", .texts(principals)))
        case .logins(let logins, let zone): entries += [("logins", .texts(logins)), ("zones", .texts([zone]))]
        }
        if !extensions.isEmpty { entries.append(("extensions", .texts(extensions))) }
        if !sourceAddresses.isEmpty { entries.append(("source_address", .texts(sourceAddresses))) }
        if let forceCommand { entries.append(("force_command", .text(forceCommand))) }
        if verifyRequired { entries.append(("verify_required", .word("true"))) }
        if let keyTypes { entries.append(("key_types", .texts(keyTypes))) }
        return .mapping(entries)
    }
}

extension X509Draft {
    var text: PolicyText {
        var entries: [(String, PolicyText)] = [("usage", .texts(usage))]
        for (key, names) in [("organizations", organizations), ("dns", dns), ("ips", ips), ("emails", emails), ("uris", uris)]
        where !names.isEmpty {
            entries.append((key, .texts(names)))
        }
        if let keyTypes { entries.append(("key_types", .texts(keyTypes))) }
        return .mapping(entries)
    }
}

extension RuleDraft {
    var text: PolicyText {
        .mapping([
            ("id", .text(id)), ("who", who.text), ("roles", .texts(roles)),
            (
                "lifetime",
                .mapping([
                    ("default", .word(PolicyDuration.text(lifetime.standard))),
                    ("max", .word(PolicyDuration.text(lifetime.maximum))),
                ])
            ),
        ])
    }
}

extension WhoDraft {
    var text: PolicyText {
        var entries: [(String, PolicyText)] = []
        if let provider { entries.append(("provider", .text(provider))) }
        if !users.isEmpty { entries.append(("users", .texts(users))) }
        if !groups.isEmpty { entries.append(("groups", .texts(groups))) }
        if let claim { entries.append(("claims", .mapping([(claim.name, .list(claim.values.map(\.text)))]))) }
        return .mapping(entries)
    }
}

extension WhoDraft.ClaimValue {
    var text: PolicyText {
        switch self {
        case .text(let text): .text(text)
        case .flag(let flag): .word("\(flag)")
        case .number(let number): .word("\(number)")
        }
    }
}
