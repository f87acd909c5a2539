// SPDX-License-Identifier: Apache-2.0

import StrictYAML
import Testing

@testable import Policies

/// A file that must not load, and the lines that say why.
struct BadFile: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let messages: [String]

    init(_ name: String, _ text: String, _ messages: String...) {
        self.init(name, text: text, messages: messages)
    }

    init(_ name: String, text: String, messages: [String]) {
        self.name = name
        self.text = text
        self.messages = messages
    }

    var testDescription: String { name }

    static let syntax = [
        BadFile("nothing", "", "p.yaml:1:1: the file is empty"),
        BadFile("only a comment", "# hello\n", "p.yaml:1:1: the file is empty"),
        BadFile("a list", "- version: 1\n", "p.yaml:1:1: a policy file must be a mapping, not a list"),
        BadFile(
            "no version", "zones: {a: {hosts: [b]}}\n",
            "p.yaml:1:1: `version` is missing; the file must begin with `version: 1`"),
        BadFile("another version", "version: 2\n", "p.yaml:1:10: `version` must be `1`, the only version there is"),
        BadFile("version as text", "version: \"1\"\n", "p.yaml:1:10: `version` must be `1`, the only version there is"),
        BadFile("a tab", "version: 1\nzones:\n\ta: {hosts: [b]}\n", "p.yaml:3:1: tab character; use spaces"),
        BadFile("two documents", "version: 1\n---\nversion: 1\n", "p.yaml:2:1: more than one document; use one file for each"),
        BadFile("an unclosed list", "version: 1\nallow: [\n", "p.yaml:3:1: not valid YAML: did not find expected node content"),
        BadFile(
            "a duplicate key", "version: 1\nversion: 1\n", "p.yaml:2:1: key `version` is written more than once in this mapping"
        ),
        BadFile(
            "a duplicate key in a role", "version: 1\nroles:\n  a:\n    description: x\n    description: y\n",
            "p.yaml:5:5: key `description` is written more than once in this mapping"),
        BadFile(
            "an anchor", "version: 1\nzones:\n  a: &x {hosts: [b]}\n",
            "p.yaml:3:6: anchors and aliases are not allowed; in a text, put a space after `&`"),
        BadFile(
            "an unquoted star", "version: 1\nzones:\n  a: {hosts: [*.example.com]}\n",
            "p.yaml:3:15: `*` begins a YAML alias, which is not allowed; put the value in quotes"),
        BadFile(
            "an alias", "version: 1\nzones: *x\n",
            "p.yaml:2:8: `*` begins a YAML alias, which is not allowed; put the value in quotes"),
        BadFile("a tag", "version: 1\nzones: !!map {a: {hosts: [b]}}\n", "p.yaml:2:8: tags are not allowed"),
        BadFile(
            "a custom tag in quotes", "version: 1\nroles: {a: {description: !x \"y\", capabilities: [audit.read]}}\n",
            "p.yaml:2:26: tags are not allowed"),
        BadFile("a tagged scalar", "version: !!int 1\n", "p.yaml:1:10: tags are not allowed"),
        BadFile(
            "a bidirectional override", "version: 1\n# \u{202E}x\n",
            "p.yaml:2:3: character U+202E cannot be seen and is not allowed"),
        BadFile("a NUL", "version: 1\n\u{0}", "p.yaml:2:1: character U+0000 cannot be seen and is not allowed"),
        BadFile("a key that is a list", "version: 1\n? [a]\n: b\n", "p.yaml:2:3: a key must be text"),
        BadFile(
            "deep nesting", "version: 1\nzones: " + String(repeating: "[", count: 20) + String(repeating: "]", count: 20),
            "p.yaml:2:23: nested deeper than 16 levels"),
        BadFile(
            "an unknown section", "version: 1\nrole: {}\n",
            "p.yaml:2:1: unknown key `role` in a policy file; did you mean `roles`?"),
        BadFile(
            "a section nothing is like", "version: 1\napprovers: {a: b}\n",
            "p.yaml:2:1: unknown key `approvers` in a policy file; known are `version`, `zones`, `windows`, `groups`, `roles`, `allow`, `deny`, `tests`"
        ),
    ]

    static let definitions = [
        BadFile("empty zones", "version: 1\nzones: {}\n", "p.yaml:2:8: `zones` is empty; leave it out"),
        BadFile("zones as null", "version: 1\nzones:\n", "p.yaml:2:7: `zones` must be a mapping, not nothing"),
        BadFile(
            "no hosts", "version: 1\nzones: {a: {host: [b]}}\n", "p.yaml:2:12: zone `a` needs `hosts`",
            "p.yaml:2:13: unknown key `host` in zone `a`; did you mean `hosts`?"),
        BadFile("empty hosts", "version: 1\nzones: {a: {hosts: []}}\n", "p.yaml:2:20: `hosts` is empty; leave it out"),
        BadFile("hosts as text", "version: 1\nzones: {a: {hosts: b}}\n", "p.yaml:2:20: `hosts` must be a list, not text"),
        BadFile(
            "a host in capitals", "version: 1\nzones: {a: {hosts: [Web]}}\n",
            "p.yaml:2:21: `Web` has capitals; write names in lower case"),
        BadFile("a host twice", "version: 1\nzones: {a: {hosts: [b, b]}}\n", "p.yaml:2:24: `b` is listed twice"),
        BadFile(
            "a host that YAML takes for a flag", "version: 1\nzones: {a: {hosts: [no]}}\n",
            "p.yaml:2:21: each of `hosts` must be text, not `no`; put it in quotes if it is meant as text"),
        BadFile(
            "a host that is a number", "version: 1\nzones: {a: {hosts: [12]}}\n",
            "p.yaml:2:21: each of `hosts` must be text, not a number; put it in quotes if it is meant as text"),
        BadFile(
            "an invalid host pattern", "version: 1\nzones: {a: {hosts: [\"*..b\"]}}\n",
            "p.yaml:2:21: `*..b` is not a host name; expected labels of letters, digits and hyphens, or an address"),
        BadFile(
            "two stars in a row",
            "version: 1\nzones: {a: {hosts: [\"**.b\"]}}\nroles: {c: {x509: {usage: [client], dns: [\"**.d\"]}}}\n",
            "p.yaml:2:21: `**.b` has two stars in a row; `*` is a whole label or a part of one and never crosses a dot, so write `*.` for each label",
            "p.yaml:3:43: `**.d` has two stars in a row; `*` is a whole label or a part of one and never crosses a dot, so write `*.` for each label"
        ),
        BadFile(
            "a zone name with a slash", "version: 1\nzones: {a/b: {hosts: [c]}}\n",
            "p.yaml:2:9: `a/b` is not a name for a zone; expected lower-case letters, digits, `-`, `_` and `.`"),
        BadFile(
            "a misspelt rotation", "version: 1\ngroups: {a: {rotations: {every: 1w}}}\n",
            "p.yaml:2:13: group `a` needs `members`, `groups` or `rotation`",
            "p.yaml:2:14: unknown key `rotations` in group `a`; did you mean `rotation`?"),
        BadFile("an empty group", "version: 1\ngroups: {a: {}}\n", "p.yaml:2:13: group `a` is empty; leave it out"),
        BadFile(
            "a misspelt part of a group", "version: 1\ngroups: {a: {members: [b], group: [c]}}\n",
            "p.yaml:2:28: unknown key `group` in group `a`; did you mean `groups`?"),
        BadFile(
            "a pattern as a nested group", "version: 1\ngroups: {a: {groups: [\"b*\"]}}\n",
            "p.yaml:2:23: `b*` is not a group; groups are listed one by one"),
        BadFile(
            "a group in itself", "version: 1\ngroups: {a: {groups: [a]}}\n",
            "p.yaml:2:10: group `a` is in itself: `a` has `a`"),
        BadFile(
            "a circle of groups", "version: 1\ngroups: {d: {groups: [b]}, c: {groups: [b, x]}, b: {groups: [a, c]}}\n",
            "p.yaml:2:49: group `b` is in itself: `b` has `c` has `b`"),
        BadFile(
            "two circles of groups",
            "version: 1\ngroups:\n  a: {groups: [b]}\n  b: {groups: [a]}\n  c: {groups: [d, a]}\n  d: {groups: [c]}\n",
            "p.yaml:3:3: group `a` is in itself: `a` has `b` has `a`",
            "p.yaml:5:3: group `c` is in itself: `c` has `d` has `c`"),
        BadFile(
            "a pattern as a member", "version: 1\ngroups: {a: {members: [\"*@example.com\"]}}\n",
            "p.yaml:2:24: `*@example.com` is not a user; members are listed one by one"),
        BadFile(
            "a role without content", "version: 1\nroles: {a: {description: nothing much}}\n",
            "p.yaml:2:9: role `a` gives nothing; expected `ssh`, `ssh_host`, `x509` or `capabilities`"),
        BadFile(
            "an empty role", "version: 1\nroles: {a: {}}\n",
            "p.yaml:2:9: role `a` gives nothing; expected `ssh`, `ssh_host`, `x509` or `capabilities`"),
        BadFile(
            "an unknown zone", "version: 1\nzones: {lab: {hosts: [b]}}\nroles: {a: {ssh: {logins: [c], zones: [lap]}}}\n",
            "p.yaml:3:40: there is no zone `lap`; did you mean `lab`?"),
        BadFile(
            "logins without zones", "version: 1\nroles: {a: {ssh: {logins: [c]}}}\n",
            "p.yaml:2:18: `logins` and `zones` belong together: which accounts, on which hosts"),
        BadFile(
            "ssh without principals", "version: 1\nroles: {a: {ssh: {extensions: [pty]}}}\n",
            "p.yaml:2:18: `ssh` needs `logins` and `zones`, or `principals`"),
        BadFile(
            "an invalid login", "version: 1\nzones: {z: {hosts: [b]}}\nroles: {a: {ssh: {logins: [\"a,root\"], zones: [z]}}}\n",
            "p.yaml:3:28: `a,root` is not valid as a login"),
        BadFile(
            "a principal of ours", "version: 1\nroles: {a: {ssh: {principals: [\"root@zone:prod\"]}}}\n",
            "p.yaml:2:32: `root@zone:prod` is not a principal; expected letters, digits and `._@:/+=-`, without `@zone:` or `@host:`"
        ),
        BadFile(
            "an unknown extension", "version: 1\nroles: {a: {ssh: {principals: [x], extensions: [pti]}}}\n",
            "p.yaml:2:49: `pti` is unknown in `extensions`; did you mean `pty`?"),
        BadFile(
            "verify_required as text", "version: 1\nroles: {a: {ssh: {principals: [x], verify_required: yes}}}\n",
            "p.yaml:2:53: `verify_required` must be `true` or `false`, not `yes`"),
        BadFile(
            "end_session_at_expiry as text", "version: 1\nroles: {a: {ssh: {principals: [x], end_session_at_expiry: 1}}}\n",
            "p.yaml:2:59: `end_session_at_expiry` must be `true` or `false`, not a number"),
        BadFile(
            "verify_required for plain keys",
            "version: 1\nroles: {a: {ssh: {principals: [x], verify_required: true, key_types: [rsa]}}}\n",
            "p.yaml:2:18: `verify_required` works for keys on a token only; let `key_types` be `sk-ed25519`, `sk-ecdsa`"),
        BadFile(
            "a network with stray bits", "version: 1\nroles: {a: {ssh: {principals: [x], source_address: [10.1.0.0/8]}}}\n",
            "p.yaml:2:53: `10.1.0.0/8` has bits after its prefix; write `10.0.0.0/8`"),
        BadFile(
            "another source address", "version: 1\nroles: {a: {ssh: {principals: [x], source_address: anyone}}}\n",
            "p.yaml:2:52: `source_address` must be `requester` or a list of networks"),
        BadFile(
            "x509 without usage", "version: 1\nroles: {a: {x509: {common_name: b}}}\n", "p.yaml:2:19: `x509` needs `usage`"),
        BadFile(
            "x509 without names", "version: 1\nroles: {a: {x509: {usage: [client]}}}\n",
            "p.yaml:2:19: `x509` names nobody; expected `common_name`, `dns`, `ips`, `emails` or `uris`"),
        BadFile(
            "no_rev_avail as text", "version: 1\nroles: {a: {x509: {usage: [client], common_name: b, no_rev_avail: 1}}}\n",
            "p.yaml:2:67: `no_rev_avail` must be `true` or `false`, not a number"),
        BadFile(
            "a long life without revocation",
            """
            version: 1
            roles: {a: {x509: {usage: [client], common_name: b, no_rev_avail: true}}}
            allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {default: 5m, max: 16m}}]

            """, "p.yaml:3:14: rule `r` gives up to 16m, but role `a` has `no_rev_avail`: at most 15m"),
        BadFile(
            "approval without revocation",
            """
            version: 1
            roles: {a: {x509: {usage: [client], common_name: b, no_rev_avail: true}}}
            allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 15m}, approval: {steps: [{by: {users: [c@d.com]}}]}}]

            """,
            "p.yaml:3:14: rule `r` asks for approval, but role `a` has `no_rev_avail`: what others approved must be revocable"),
        BadFile(
            "organizations without a name", "version: 1\nroles: {a: {x509: {usage: [client], organizations: [ops]}}}\n",
            "p.yaml:2:19: `x509` names nobody; expected `common_name`, `dns`, `ips`, `emails` or `uris`"),
        BadFile(
            "an invalid organization",
            "version: 1\nroles: {a: {x509: {usage: [client], common_name: b, organizations: [\"a,O=b\"]}}}\n",
            "p.yaml:2:69: `a,O=b` is not valid as an organization"),
        BadFile(
            "an organization in the singular",
            "version: 1\nroles: {a: {x509: {usage: [client], common_name: b, organization: [ops]}}}\n",
            "p.yaml:2:53: unknown key `organization` in `x509`; did you mean `organizations`?"),
        BadFile(
            "organizations as text", "version: 1\nroles: {a: {x509: {usage: [client], common_name: b, organizations: ops}}}\n",
            "p.yaml:2:68: `organizations` must be a list, not text"),
        BadFile(
            "an unknown template value", "version: 1\nroles: {a: {x509: {usage: [client], common_name: \"{user.nam}\"}}}\n",
            "p.yaml:2:50: `{user.nam}` is not a value of an identity; did you mean `{user.name}`?"),
        BadFile(
            "an open brace", "version: 1\nroles: {a: {x509: {usage: [client], common_name: \"{user.name\"}}}\n",
            "p.yaml:2:50: `{user.name` has a brace without its partner"),
        BadFile(
            "a template as an authority",
            "version: 1\nroles: {a: {x509: {usage: [client], uris: [\"spiffe://{user.domain}/a\"]}}}\n",
            "p.yaml:2:44: `spiffe://{user.domain}/a` has a value before its path; only the path may hold one"),
        BadFile(
            "two URIs with a SPIFFE ID",
            "version: 1\nroles: {a: {x509: {usage: [client], uris: [\"spiffe://b/c\", \"https://d/e\"]}}}\n",
            "p.yaml:2:19: a SPIFFE ID must be the only URI of a certificate"),
        BadFile(
            "an IP address under dns", "version: 1\nroles: {a: {x509: {usage: [server], dns: [10.0.0.1]}}}\n",
            "p.yaml:2:43: `10.0.0.1` is not valid as a DNS name"),
        BadFile(
            "an unknown capability", "version: 1\nroles: {a: {capabilities: [audit.raed]}}\n",
            "p.yaml:2:28: `audit.raed` is unknown in `capabilities`; did you mean `audit.read`?"),
    ]

    private static let role = "version: 1\nroles: {a: {ssh: {principals: [x]}}, b: {capabilities: [audit.read]}}\n"

    static let rules = [
        BadFile(
            "a rule without anything", role + "allow: [{lifetime: {max: 1h}}]\n", "p.yaml:3:9: an allow rule needs `id`",
            "p.yaml:3:9: an allow rule needs `roles`", "p.yaml:3:9: an allow rule needs `who`"),
        BadFile(
            "during", role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1h}, during: office}]\n",
            "p.yaml:3:81: there is no window `office`"),
        BadFile(
            "a window mistyped",
            role + "windows: {office: {days: mon, time_zone: UTC}}\n"
                + "deny: [{id: r, who: {everyone: true}, roles: [a], during: [office, ofice]}]\n",
            "p.yaml:4:68: there is no window `ofice`; did you mean `office`?"),
        BadFile(
            "a lifetime in deny", role + "deny: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1h}}]\n",
            "p.yaml:3:51: unknown key `lifetime` in a deny rule; known are `id`, `who`, `roles`, `during`, `networks`"),
        BadFile(
            "an empty who", role + "deny: [{id: r, who: {}, roles: [a]}]\n",
            "p.yaml:3:21: `who` names nobody; write `everyone: true` if all are meant"),
        BadFile(
            "everyone: false", role + "deny: [{id: r, who: {everyone: false}, roles: [a]}]\n",
            "p.yaml:3:32: `who` names nobody; write `everyone: true` if all are meant"),
        BadFile(
            "everyone and more", role + "deny: [{id: r, who: {everyone: true, mfa: true}, roles: [a]}]\n",
            "p.yaml:3:32: `everyone` stands alone; leave out either it or the rest"),
        BadFile(
            "claims without provider", role + "deny: [{id: r, who: {claims: {x: y}}, roles: [a]}]\n",
            "p.yaml:3:30: `claims` needs `provider`: each provider has claims of its own"),
        BadFile(
            "three stars in a claim", role + "deny: [{id: r, who: {provider: p, claims: {x: \"y/***\"}}, roles: [a]}]\n",
            "p.yaml:3:47: `y/***` has three stars in a row; `*` stays between slashes, `**` does not"),
        BadFile(
            "a long pattern for a claim",
            role + "deny: [{id: r, who: {provider: p, claims: {x: \"*\(String(repeating: "y", count: 256))\"}}, roles: [a]}]\n",
            "p.yaml:3:47: the pattern is longer than 256 bytes"),
        BadFile(
            "a misspelt time of login", role + "deny: [{id: r, who: {authenticated_withn: 5m}, roles: [a]}]\n",
            "p.yaml:3:22: unknown key `authenticated_withn` in `who`; did you mean `authenticated_within`?"),
        BadFile(
            "a time of login that is no duration", role + "deny: [{id: r, who: {authenticated_within: 5}, roles: [a]}]\n",
            "p.yaml:3:44: `5` is not a duration; write a whole number and a unit: `30s`, `10m`, `8h`, `7d`, `1w`"),
        BadFile(
            "everyone who logged in lately",
            role + "deny: [{id: r, who: {everyone: true, authenticated_within: 5m}, roles: [a]}]\n",
            "p.yaml:3:32: `everyone` stands alone; leave out either it or the rest"),
        BadFile(
            "an invalid user pattern", role + "deny: [{id: r, who: {users: [\"ana@*\"]}, roles: [a]}]\n",
            "p.yaml:3:30: `ana@*` is not a user; expected a name or all of a domain, `*@example.com`"),
        BadFile(
            "a pattern as a group", role + "deny: [{id: r, who: {groups: [\"s*\"]}, roles: [a]}]\n",
            "p.yaml:3:31: `s*` is not a group; groups are listed one by one"),
        BadFile(
            "an unknown role", role + "deny: [{id: r, who: {everyone: true}, roles: [c]}]\n",
            "p.yaml:3:47: there is no role `c`; did you mean `a`?"),
        BadFile(
            "a role pattern without a match", role + "deny: [{id: r, who: {everyone: true}, roles: [\"prod-*\"]}]\n",
            "p.yaml:3:47: no role matches `prod-*`"),
        BadFile(
            "an invalid role pattern", role + "deny: [{id: r, who: {everyone: true}, roles: [\"a[bc]\"]}]\n",
            "p.yaml:3:47: `a[bc]` is neither a role nor a pattern such as `prod-*`"),
        BadFile(
            "two rules of one id",
            role + "deny: [{id: r, who: {everyone: true}, roles: [a]}, {id: r, who: {everyone: true}, roles: [b]}]\n",
            "p.yaml:3:57: rule `r` is already defined at p.yaml:3:13"),
        BadFile(
            "no lifetime", role + "allow: [{id: r, who: {everyone: true}, roles: [a]}]\n",
            "p.yaml:3:14: rule `r` needs `lifetime`, because role `a` issues certificates"),
        BadFile(
            "a default above the maximum",
            role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {default: 2h, max: 1h}}]\n",
            "p.yaml:3:72: `default` (2h) is longer than `max` (1h)"),
        BadFile(
            "a lifetime of nothing", role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 0s}}]\n",
            "p.yaml:3:68: `0s` is no time at all"),
        BadFile(
            "a lifetime with a fraction", role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1.5h}}]\n",
            "p.yaml:3:68: `1.5h` is not a duration; write a whole number and a unit: `30s`, `10m`, `8h`, `7d`, `1w`"),
        BadFile(
            "a lifetime of more than a century",
            role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 40000d}}]\n",
            "p.yaml:3:68: `40000d` is longer than 100 years"),
        BadFile(
            "a pattern with back-references",
            role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1h}, reason: {pattern: '(a)\\1'}}]\n",
            "p.yaml:3:91: the pattern is not valid at character 5: `\\1` is not supported"),
        BadFile(
            "a reason for a capability",
            role + "allow: [{id: r, who: {everyone: true}, roles: [b], reason: {required: true}}]\n",
            "p.yaml:3:14: rule `r` asks for a reason, but the capabilities of role `b` are used without any"),
        BadFile(
            "a ticket for a capability",
            role + "allow: [{id: r, who: {everyone: true}, roles: [b], ticket: {required: true}}]\n",
            "p.yaml:3:14: rule `r` asks for a ticket, but the capabilities of role `b` are used without any"),
        BadFile(
            "approval for a capability",
            role + "allow: [{id: r, who: {everyone: true}, roles: [b], approval: {steps: [{by: {groups: [g]}}]}}]\n",
            "p.yaml:3:14: rule `r` asks for approval, but the capabilities of role `b` are used without any"),
        BadFile(
            "a misspelt part of a ticket",
            role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1h}, ticket: {patern: x}}]\n",
            "p.yaml:3:82: unknown key `patern` in `ticket`; did you mean `pattern`?"),
    ]

    private static func approval(_ text: String) -> String {
        role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 2h},\n  approval: \(text)}]\n"
    }

    static let approvals = [
        BadFile("approval as a flag", approval("true"), "p.yaml:4:13: `approval` must be a mapping, not `true`"),
        BadFile("approval without steps", approval("{wait: 1h}"), "p.yaml:4:13: `approval` needs `steps`"),
        BadFile(
            "a misspelt part of an approval", approval("{steps: [{by: {groups: [g]}}], claim_withn: 1h}"),
            "p.yaml:4:44: unknown key `claim_withn` in `approval`; did you mean `claim_within`?"),
        BadFile(
            "less for all extensions than for one grant", approval("{steps: [{by: {groups: [g]}}], grant: 3h, total: 170m}"),
            "p.yaml:4:62: `total` (170m) is shorter than what one grant gives (3h)"),
        BadFile(
            "less for all extensions than for one certificate", approval("{steps: [{by: {groups: [g]}}], total: 1h}"),
            "p.yaml:4:51: `total` (1h) is shorter than what one grant gives (2h)"),
        BadFile("no steps", approval("{steps: []}"), "p.yaml:4:21: `steps` is empty; leave it out"),
        BadFile("a step without approvers", approval("{steps: [{count: 1}]}"), "p.yaml:4:22: a step needs `by`"),
        BadFile("nobody as an approver", approval("{steps: [{by: {}}]}"), "p.yaml:4:27: `by` is empty; leave it out"),
        BadFile(
            "anybody with a second factor", approval("{steps: [{by: {mfa: true}}]}"),
            "p.yaml:4:27: `by` names nobody; expected `users` or `groups`"),
        BadFile(
            "everyone as an approver", approval("{steps: [{by: {everyone: true}}]}"),
            "p.yaml:4:27: `by` names nobody; expected `users` or `groups`",
            "p.yaml:4:28: unknown key `everyone` in `by`; known are `users`, `groups`, `mfa`"),
        BadFile(
            "an invalid approver", approval("{steps: [{by: {users: [\"a*\"], groups: [\"g*\"]}}]}"),
            "p.yaml:4:36: `a*` is not a user; expected a name or all of a domain, `*@example.com`",
            "p.yaml:4:52: `g*` is not a group; groups are listed one by one"),
        BadFile(
            "no approval at all", approval("{steps: [{by: {groups: [g]}, count: 0}]}"),
            "p.yaml:4:49: `count` must be a whole number from 1 to 20"),
        BadFile(
            "a count as text", approval("{steps: [{by: {groups: [g]}, count: \"1\"}]}"),
            "p.yaml:4:49: `count` must be a whole number from 1 to 20"),
        BadFile(
            "more approvals than people", approval("{steps: [{by: {users: [ana]}, count: 2}]}"),
            "p.yaml:4:50: `count` is 2, but `by` names only one user"),
        BadFile(
            "too many steps",
            approval("{steps: [" + (1...11).map { "{by: {groups: [g\($0)]}}" }.joined(separator: ", ") + "]}"),
            "p.yaml:4:21: `steps` has 11 steps; at most 10 are allowed"),
        BadFile(
            "a grant shorter than a certificate", approval("{steps: [{by: {groups: [g]}}], grant: 1h}"),
            "p.yaml:4:51: `grant` (1h) is shorter than `max` of `lifetime` (2h)"),
        BadFile(
            "an unknown signature", approval("{steps: [{by: {groups: [g]}}], signed: pin}"),
            "p.yaml:4:52: `pin` is unknown in `signed`; known are `key`, `touch`"),
        BadFile(
            "an unknown recheck", approval("{steps: [{by: {groups: [g]}}], recheck: end}"),
            "p.yaml:4:53: `end` is unknown in `recheck`; known are `keep`, `revoke`"),
        BadFile(
            "a recheck of nobody", approval("{review: {by: {groups: [g]}, within: 1d}, recheck: revoke}"),
            "p.yaml:4:64: `recheck` is for approval before access, `review` for a look at it afterwards"),
        BadFile(
            "a review without end", approval("{review: {by: {groups: [g]}}}"), "p.yaml:4:22: `review` needs `within`"),
        BadFile(
            "a review by nobody", approval("{review: {by: {mfa: true}, within: 1d}}"),
            "p.yaml:4:27: `by` names nobody; expected `users` or `groups`"),
        BadFile(
            "approval both before and afterwards",
            approval("{review: {by: {groups: [g]}, within: 1d}, steps: [{by: {groups: [g]}}], wait: 1h, signed: key}"),
            "p.yaml:4:62: `steps` is for approval before access, `review` for a look at it afterwards",
            "p.yaml:4:91: `wait` is for approval before access, `review` for a look at it afterwards",
            "p.yaml:4:103: `signed` is for approval before access, `review` for a look at it afterwards"),
        BadFile(
            "no time to wait", approval("{steps: [{by: {groups: [g]}}], wait: 0s}"), "p.yaml:4:50: `0s` is no time at all"),
    ]

    private static let rule = role + "allow: [{id: r, who: {everyone: true}, roles: [a], lifetime: {max: 1h}}]\n"

    static let tests = [
        BadFile(
            "an unknown role in a test", rule + "tests: [{it: x, who: {user: u}, asks: {role: aa}, expect: {deny: true}}]\n",
            "p.yaml:4:46: there is no role `aa`; did you mean `a`?"),
        BadFile(
            "an unknown rule in a test", rule + "tests: [{it: x, who: {user: u}, asks: {role: a}, expect: {allow: rr}}]\n",
            "p.yaml:4:66: there is no allow rule `rr`; did you mean `r`?"),
        BadFile(
            "a deny rule that is none", rule + "tests: [{it: x, who: {user: u}, asks: {role: a}, expect: {deny: r}}]\n",
            "p.yaml:4:65: there is no deny rule `r`"),
        BadFile(
            "neither allow nor deny", rule + "tests: [{it: x, who: {user: u}, asks: {role: a}, expect: {lifetime: 1h}}]\n",
            "p.yaml:4:58: `expect` needs one of `allow: RULE`, `approval: RULE` and `deny`"),
        BadFile(
            "allow and approval",
            rule + "tests: [{it: x, who: {user: u}, asks: {role: a}, expect: {allow: r, approval: r}}]\n",
            "p.yaml:4:58: `expect` needs one of `allow: RULE`, `approval: RULE` and `deny`"),
        BadFile(
            "approval by a rule that needs none",
            rule + "tests: [{it: x, who: {user: u}, asks: {role: a}, expect: {approval: r}}]\n",
            "p.yaml:4:69: there is no allow rule with `approval` `r`"),
        BadFile(
            "another route", rule + "tests: [{it: x, who: {user: u}, asks: {role: a, route: isue}, expect: {deny: true}}]\n",
            "p.yaml:4:56: `isue` is unknown in `route`; did you mean `issue`?"),
        BadFile(
            "a long ticket",
            rule
                + "tests: [{it: x, who: {user: u}, asks: {role: a, ticket: \(String(repeating: "t", count: 101))}, expect: {deny: true}}]\n",
            "p.yaml:4:39: the ticket is longer than 100 characters"),
        BadFile(
            "a login at no time",
            rule + "tests: [{it: x, who: {authenticated_ago: now}, asks: {role: a}, expect: {deny: true}}]\n",
            "p.yaml:4:42: `now` is not a duration; write a whole number and a unit: `30s`, `10m`, `8h`, `7d`, `1w`"),
        BadFile(
            "a name for ssh", rule + "tests: [{it: x, who: {user: u}, asks: {role: a, names: [n]}, expect: {deny: true}}]\n",
            "p.yaml:4:56: `names` has no meaning for SSH user certificates of role `a`"),
        BadFile(
            "an invalid time",
            rule + "tests: [{it: x, who: {user: u}, at: 2026-02-30T00:00:00Z, asks: {role: a}, expect: {deny: true}}]\n",
            "p.yaml:4:37: `2026-02-30T00:00:00Z` is not a time; expected the form `2026-11-23T10:00:00Z`"),
        BadFile(
            "a network instead of an address",
            rule + "tests: [{it: x, who: {network: 10.0.0.0/8}, asks: {role: a}, expect: {deny: true}}]\n",
            "p.yaml:4:32: `10.0.0.0/8` is not an IP address; a request comes from one"),
        BadFile(
            "an unknown key in a test", rule + "tests: [{it: x, who: {user: u}, ask: {role: a}, expect: {deny: true}}]\n",
            "p.yaml:4:9: a test needs `asks`", "p.yaml:4:33: unknown key `ask` in a test; did you mean `asks`?"),
    ]
}

@Suite struct `Loading` {
    @Test(arguments: BadFile.syntax + BadFile.definitions + BadFile.rules + BadFile.approvals + BadFile.tests)
    func `a bad file is refused with place and reason`(file: BadFile) {
        #expect(problems(file.text) == file.messages)
    }

    @Test func `everything that is wrong is said at once, in order`() {
        let found = problems("version: 1\nroles: {a: {shh: {}}}\nzones: {b: {hosts: [C]}}\nzonez: {}\n")
        #expect(found.count == 4)
        #expect(found.map { $0.split(separator: ":")[1] } == ["2", "2", "3", "4"])
    }

    @Test func `an alias bomb is refused before it expands`() {
        var bomb = "version: 1\nx0: &x0 [a]\n"
        for level in 1...40 {
            bomb += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1), *x\(level - 1), *x\(level - 1)]\n"
        }
        bomb += "? *x40\n: z\n"
        #expect(problems(bomb) == ["p.yaml:2:5: anchors and aliases are not allowed; in a text, put a space after `&`"])
    }

    @Test func `an anchor hides neither behind quotes nor behind brackets`() {
        for hidden in [#"{"a":&b c}"#, "[a,&b c]", "{? &b c}", "\"x\"&b"] {
            #expect(problems("version: 1\nzones: \(hidden)\n").contains { $0.contains("anchors and aliases") }, "\(hidden)")
        }
    }

    @Test func `a rule without reason or ticket at will is fine for a capability`() throws {
        _ = try policies(
            "roles: {a: {capabilities: [audit.read]}}\n"
                + "allow: [{id: r, who: {everyone: true}, roles: [a], reason: {required: false}, ticket: {required: false}}]\n")
    }

    @Test func `an approval says what was left out`() throws {
        let set = try policies(
            "roles: {a: {ssh: {principals: [x]}}}\nallow:\n"
                + "  - {id: r, who: {everyone: true}, roles: [a], lifetime: {max: 2h}, approval: {steps: [{by: {groups: [g]}}]}}\n"
        )
        let approval = try #require(set.answer(person(), try ssh("a")).offer?.approval)
        #expect(approval.steps.map(\.count) == [1])
        #expect(approval.wait == .seconds(3600) && approval.claimWithin == .seconds(3600) && approval.grant == .seconds(7200))
        #expect(approval.total == approval.grant)
    }

    @Test func `a text has an end`() {
        let text = String(repeating: "a", count: 4097)
        let found = problems("version: 1\nroles: {a: {description: \(text), capabilities: [audit.read]}}\n")
        #expect(found == ["p.yaml:2:26: `description` is longer than 4096 bytes"])
    }

    @Test func `one mistake is said once, not again by all that builds on it`() {
        let found = problems("version: 1\nzones: {z: {hosts: [B]}}\nroles: {a: {ssh: {logins: [c], zones: [z]}}}\n")
        #expect(found == ["p.yaml:2:21: `B` has capitals; write names in lower case"])
    }

    @Test func `an ampersand inside a text is nothing special`() throws {
        _ = try policies("roles: {a: {description: R&D & more, capabilities: [audit.read]}}\n")
    }

    @Test func `a million brackets are refused`() {
        #expect(problems("version: 1\nzones: " + String(repeating: "[", count: 1_000_000)).count == 1)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        let error = #expect(throws: YAMLErrors.self) {
            try PolicySet.load([PolicyFile(name: "p.yaml", bytes: [0x61, 0xFF])])
        }
        #expect(error?.description == "p.yaml:1:1: the file is not UTF-8")
    }

    @Test func `too many and too large files are refused`() {
        func message(_ files: [PolicyFile]) -> String? {
            #expect(throws: YAMLErrors.self) { try PolicySet.load(files) }?.description
        }
        #expect(message([]) == "there are no policy files")
        #expect(
            message((0...1_000).map { PolicyFile(name: "\($0)", text: "version: 1") })
                == "there are 1001 policy files; at most 1000 are allowed")
        #expect(
            message([PolicyFile(name: "p", bytes: [UInt8](repeating: 0x23, count: 1 << 20 + 1))])
                == "p:1:1: the file is larger than 1024 KiB")
        #expect(
            message([PolicyFile(name: "p", text: "version: 1"), PolicyFile(name: "p", text: "version: 1")])
                == "there are two policy files `p`")
    }

    @Test func `a definition is unique over all files`() {
        let one = PolicyFile(name: "b.yaml", text: "version: 1\nroles: {a: {capabilities: [audit.read]}}\n")
        let other = PolicyFile(name: "a.yaml", text: "version: 1\nroles: {a: {capabilities: [audit.read]}}\n")
        for files in [[one, other], [other, one]] {
            let error = #expect(throws: YAMLErrors.self) { try PolicySet.load(files) }
            #expect(error?.description == "b.yaml:2:9: role `a` is already defined at a.yaml:2:9")
        }
    }

    @Test func `a circle over many files is found, and shown in short`() {
        let files = (0..<500).map { index in
            PolicyFile(name: "\(index)", text: "version: 1\ngroups: {g\(index): {groups: [g\((index + 1) % 500)]}}\n")
        }
        let error = #expect(throws: YAMLErrors.self) { try PolicySet.load(files) }
        #expect(
            error?.description == "0:2:10: group `g0` is in itself: "
                + "`g0` has `g1` has `g2` has `g3` has `…` has `g497` has `g498` has `g499` has `g0`")
    }

    @Test func `groups may be nested as deeply as a file has room`() throws {
        let chain = (0..<20_000).map { "  g\($0): {groups: [g\($0 + 1)]}\n" }.joined()
        let set = try policies(
            "roles: {a: {ssh: {principals: [x]}}}\n"
                + "allow: [{id: r, who: {groups: [g0]}, roles: [a], lifetime: {max: 1h}}]\ngroups:\n" + chain)
        #expect(set.answer(person(groups: .known(["g20000"])), try ssh("a")).permit != nil)
        #expect(set.answer(person(groups: .known(["g20001"])), try ssh("a")).permit == nil)
    }

    @Test func `more than 256 principals refuse to load`() {
        let hosts = (0..<129).map { "z\($0): {hosts: [h\($0)]}" }.joined(separator: ", ")
        let zones = (0..<129).map { "z\($0)" }.joined(separator: ", ")
        let found = problems("version: 1\nzones: {\(hosts)}\nroles: {a: {ssh: {logins: [b, c], zones: [\(zones)]}}}\n")
        #expect(found == ["p.yaml:3:18: 258 principals are too many for a certificate; the limit is 256"])
    }

    @Test func `more than 64 source addresses refuse to load`() {
        let networks = (0..<65).map { "10.0.\($0).0/24" }.joined(separator: ", ")
        let found = problems("version: 1\nroles: {a: {ssh: {principals: [b], source_address: [\(networks)]}}}\n")
        #expect(found == ["p.yaml:2:52: 65 networks are too many for a certificate; the limit is 64"])
    }

    @Test func `truncated and bit-flipped files load or are refused, and never trap`() throws {
        let sample = Array(
            """
            version: 1
            zones: {lab: {hosts: [localhost, "*.lab.example.com"]}}
            roles:
              lab-shell: {ssh: {logins: ["{user.login}"], zones: [lab], source_address: [10.0.0.0/8]}}
              web: {x509: {usage: [client], common_name: "{user.name}", organizations: ["o:{claims.x}"], uris: ["spiffe://e/{claims.x}"]}}
            groups: {a: {members: [ana], groups: [b]}, b: {groups: [c]}}
            allow:
              - {id: r, who: {groups: [a], mfa: true}, roles: ["l*"], lifetime: {default: 15m, max: 8h}, reason: {pattern: '^a[b-d]+'}}
              - id: s
                who: {provider: p, claims: {x: ["a/*", "b/**"]}, authenticated_within: 1h}
                roles: [web]
                lifetime: {max: 1h}
                ticket: {required: false}
                approval: {steps: [{by: {users: [bo], groups: [a], mfa: true}, count: 1}], wait: 1h, claim_within: 1h, grant: 2h}
            tests:
              - {it: y, who: {authenticated_ago: 5m}, asks: {role: web, ticket: T, route: request}, expect: {approval: s}}
              - {it: x, who: {user: ana}, at: 2026-11-23T10:00:00Z, asks: {role: lab-shell}, expect: {deny: true}}
            """.utf8)
        _ = try PolicySet.load([PolicyFile(name: "p", bytes: sample)])
        for length in stride(from: 0, to: sample.count, by: 7) {
            _ = try? PolicySet.load([PolicyFile(name: "p", bytes: Array(sample.prefix(length)))])
        }
        for index in sample.indices {
            var flipped = sample
            flipped[index] ^= 1 << UInt8(index % 8)
            if let set = try? PolicySet.load([PolicyFile(name: "p", bytes: flipped)]) { _ = set.runTests() }
        }
    }
}
