// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Three people and a real sshd: one asks, one agrees, one has nothing to say.
@Suite(.timeLimit(.minutes(10)))
struct AccessCommandTests {
    private static let policy = """
        version: 1
        zones:
          lab: {hosts: [localhost]}
        roles:
          prod: {ssh: {logins: ["{user.login}"], zones: [lab]}}
          rescue: {ssh: {logins: ["{user.login}"], zones: [lab]}}
          host: {ssh_host: {zones: [lab]}}
          auditor: {capabilities: [audit.read, certificates.read]}
        allow:
          - id: developers-ask
            who: {groups: [developers]}
            roles: [prod]
            lifetime: {default: 15m, max: 1h}
            reason: {required: true, pattern: '^INC-'}
            approval: {steps: [{by: {groups: [leads]}}], wait: 30m, claim_within: 15m, grant: 2h}
          - id: glass
            who: {groups: [developers]}
            roles: [rescue]
            lifetime: {max: 30m}
            approval: {review: {by: {groups: [admins]}, within: 1d}}
          - {id: admins-name-hosts, who: {groups: [admins]}, roles: [host], lifetime: {max: 1d}}
          - {id: admins-read, who: {groups: [admins]}, roles: [auditor]}
        """

    private static let ana = MayflyCA.Person("ana@example.com", login: CurrentUser.name, groups: ["developers"])
    private static let lea = MayflyCA.Person("lea@example.com", login: "lea", groups: ["leads"])
    private static let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: ["developers"])

    private func withPeople(
        policy: String = Self.policy, _ body: (Lab, SSHServer) async throws -> Void
    ) async throws {
        try await Lab.open(policy: policy, people: [Self.ana, Self.lea, Self.bo]) { lab in
            for person in [Self.ana, Self.lea, Self.bo] { try await lab.ca.logIn(as: person.name) }
            let hostKey = try await lab.makeKey("ssh_host_key")
            let certificate = try await lab.certifyHost(hostKey, name: "localhost")
            let sshd = try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: certificate)
            try await serving(sshd) { try await body(lab, $0) }
        }
    }

    private func mayfly(_ arguments: [String], as person: MayflyCA.Person, in lab: Lab) async throws -> ProcessResult {
        try await lab.ca.mayfly(arguments, home: lab.ca.home(of: person.name))
    }

    private func approve(_ arguments: [String], as person: MayflyCA.Person, in lab: Lab) async throws -> ProcessResult {
        try await mayfly(["approve"] + arguments + ["--ssh-key", lab.ca.key(of: person.name)], as: person, in: lab)
    }

    private func ask(_ arguments: [String] = [], in lab: Lab) async throws -> String {
        let asked = try await mayfly(
            ["request", "prod", "--for", "1h", "--reason", "INC-7", "--json"] + arguments, as: Self.ana, in: lab)
        #expect(asked.status == 3, "\(asked.stderr)")
        #expect(asked.stderr.contains("waits for 1 of group `leads`; that is lea@example.com"), "\(asked.stderr)")
        return String(try #require(asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/)).1)
    }

    @Test func `asked, approved, used on a real server, and given back`() async throws {
        try await withPeople { lab, sshd in
            func ssh(_ more: [String] = []) async throws -> ProcessResult {
                try await mayfly(
                    ["ssh", "\(lab.login)@localhost", "--role", "prod"] + more + ["--"] + (try lab.sshOptions(sshd))
                        + ["id", "-un"], as: Self.ana, in: lab)
            }
            let unexplained = try await ssh()
            #expect(unexplained.status == 2, "\(unexplained.stderr)")
            #expect(unexplained.stderr.contains("hint: add `--reason …`, one that matches `^INC-`"), "\(unexplained.stderr)")
            // Before anybody agreed it says which rule wants that, and what to type.
            let before = try await ssh(["--reason", "INC-7"])
            #expect(before.status == 3, "\(before.stderr)")
            #expect(before.stderr.contains(#/✔ policies/policy\.yaml:\d+ \(`developers-ask`\) applies\n/#), "\(before.stderr)")
            #expect(before.stderr.contains("hint: ask with `mayfly request prod --host localhost"), "\(before.stderr)")
            let id = try await ask(["--host", "localhost", "--login", lab.login], in: lab)
            let waiting = try await ssh()
            #expect(waiting.status != 0)

            // Others cannot see it, whoever asked cannot agree.
            #expect(
                try await mayfly(["access", "show", id], as: Self.bo, in: lab).stderr.contains("there is no access request"))
            let own = try await approve([id], as: Self.ana, in: lab)
            #expect(own.status == 2 && own.stderr.contains("nobody decides about their own request"), "\(own.stderr)")

            let listed = try await mayfly(["requests"], as: Self.lea, in: lab)
            #expect(listed.stdout.contains(id) && listed.stdout.contains("pending, for you to decide"), "\(listed.stdout)")
            #expect(try await mayfly(["requests", "--waiting"], as: Self.lea, in: lab).stdout == listed.stdout)
            #expect(try await mayfly(["requests"], as: Self.ana, in: lab).stdout.contains(/pending +ana@example.com/))
            #expect(try await mayfly(["requests", "--waiting"], as: Self.ana, in: lab).stdout.contains(id) == false)
            let approved = try await approve([id, "--for", "30m", "--note", "go on"], as: Self.lea, in: lab)
            #expect(approved.succeeded, "\(approved.stderr)")
            // All that was signed, to read before.
            let lines = approved.stderr.split(separator: "\n").map { String($0.replacing(#/ {2,}/#, with: ": ")) }
            for line in [
                "request: \(id)", "who: ana@example.com", "role: prod", "kind: ssh", "host: localhost", "logins: \(lab.login)",
                "gives: principal \(lab.login)@host:localhost", "for: 1h, from its first certificate on", "reason: INC-7",
                "approval: 1 of group `leads`; waits 30m, then 15m for its claim", "rule: developers-ask",
                "you give: for 30m", "note: go on",
            ] {
                #expect(lines.contains(line), "\(line): \(approved.stderr)")
            }
            #expect(approved.stderr.contains(/digest +sha256:[0-9a-f]{64}\n/), "\(approved.stderr)")

            let session = try await ssh()
            #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")
            #expect(sshd.log.contains("ana@example.com/prod/\(id)"), "\(sshd.log)")

            let shown = try await mayfly(["access", "show", id], as: Self.ana, in: lab)
            for part in [
                "lea@example.com", "SHA256:", "approve  lea@example.com", "claim  ana@example.com", "30m", "INC-7",
                "principal \(lab.login)@host:localhost", "logs each login with \"ana@example.com/prod/\(id)\"",
            ] {
                #expect(shown.stdout.contains(part), "\(part): \(shown.stdout)\(shown.stderr)")
            }
            #expect(shown.stdout.contains("how it ended") == false)
            // What was asked, what was given, and by whom.
            #expect(shown.stdout.contains(/for +1h, from/) && shown.stdout.contains(/given +for 30m, on localhost\n/))
            #expect(shown.stdout.contains(/lea@example.com +20[^ ]+ +for 30m +SHA256:[^ ]+ +go on\n/), "\(shown.stdout)")

            let done = try await mayfly(["done"], as: Self.ana, in: lab)
            #expect(done.succeeded && done.stdout.contains("ended"), "\(done.stdout)\(done.stderr)")
            let over = try await mayfly(["access", "show", id], as: Self.lea, in: lab).stdout
            #expect(over.contains(/how it ended +given back by ana@example.com at 20/), "\(over)")
            #expect(over.contains("revoked 20"), "\(over)")
            #expect(try await ssh().status != 0)
            let certificates = try await lab.mayfly(["certificates", "--user", Self.ana.name, "--role", "prod"]).stdout
            #expect(certificates.contains("revoked"), "\(certificates)")
            #expect(try await lab.mayfly(["audit", "verify"]).succeeded)
        }
    }

    @Test func `what was taken back is not tried again: ssh asks anew`() async throws {
        try await withPeople { lab, sshd in
            func ssh() async throws -> ProcessResult {
                try await mayfly(
                    ["ssh", "\(lab.login)@localhost", "--role", "prod", "--reason", "INC-7", "--"]
                        + (try lab.sshOptions(sshd)) + ["id", "-un"], as: Self.ana, in: lab)
            }
            for _ in 1...2 {
                let id = try await ask(in: lab)
                try await approve([id], as: Self.lea, in: lab).checked()
                #expect(try await ssh().succeeded)
                // The same certificate, for the grant goes on.
                #expect(try await ssh().succeeded)
                #expect(sshd.log.contains("ana@example.com/prod/\(id)"), "\(sshd.log)")
                try await mayfly(["deny", id, "--note", "use the replica"], as: Self.lea, in: lab).checked()
                let after = try await ssh()
                #expect(after.status == 3 && after.stderr.contains("approval needed"), "\(after.stdout)\(after.stderr)")
            }
            let certificates = try await lab.mayfly(["certificates", "--user", Self.ana.name, "--role", "prod"]).stdout
            #expect(certificates.components(separatedBy: "revoked").count == 3, "\(certificates)")
        }
    }

    /// From the second in which the last approval was in the log to a shell on the server, by the clock of this machine.
    @Test func `who waits is logged in soon after the approval`() async throws {
        try await withPeople { lab, sshd in
            let script = """
                m="$1"; shift
                "$m" request prod --reason INC-9 --host localhost --login "$LOGIN" --wait >&2 &&
                exec "$m" ssh "$LOGIN@localhost" --role prod -- "$@" date +%s.%N
                """
            let home = lab.ca.home(of: Self.ana.name)
            let environment = ["HOME": home, "MAYFLY_HOME": home + "/mayfly", "LOGIN": lab.login]
            func second(_ result: ProcessResult) throws -> Double {
                try #require(Double(result.stdout.trimmingCharacters(in: .newlines)), "\(result.stderr)")
            }
            var (waited, ordinary): ([Double], [Double]) = ([], [])
            var seen: Set<String> = []
            for _ in 0..<5 {
                async let login = run(
                    "bash", ["-c", script, "wait", MayflyCA.binary] + (try lab.sshOptions(sshd)), environment: environment)
                let id = try await firstRequest(in: lab, besides: seen)
                seen.insert(id)
                try await approve([id], as: Self.lea, in: lab).checked()
                let arrived = try await login
                let shown = try await mayfly(["access", "show", id, "--json"], as: Self.lea, in: lab)
                let events = try JSONDecoder().decode(Detail.self, from: Data(shown.outputBytes)).events
                let approval = try JSONDecoder().decode(Timed.self, from: Data(try #require(events.dropFirst().first).utf8))
                let approved = try Date(approval.time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                waited.append(try second(arrived) - approved.timeIntervalSince1970)
                let begin = Date().timeIntervalSince1970
                let again = try await mayfly(
                    ["ssh", "\(lab.login)@localhost", "--role", "prod", "--"] + (try lab.sshOptions(sshd))
                        + ["date", "+%s.%N"], as: Self.ana, in: lab)
                ordinary.append(try second(again) - begin)
                try await mayfly(["done", id], as: Self.ana, in: lab).checked()
            }
            // A second on a machine with nothing else to do (docs/access-requests.md). How busy this one is tells a login that waits
            // for nobody.
            print("from approval to shell, s:", waited.sorted(), "without approval:", ordinary.sorted())
            #expect(waited.min() ?? 99 < 2 + (ordinary.min() ?? 0), "\(waited) \(ordinary)")
        }
    }

    /// A person at a terminal, who types no more than `mayfly ssh`.
    @Test func `ssh asks those who must agree, shows that it waits, and connects when they did`() async throws {
        // With a reason that the rule wants, that is asked first: see below.
        let policy = Self.policy.replacing("    reason: {required: true, pattern: '^INC-'}\n", with: "")
        try await withPeople(policy: policy) { lab, sshd in
            let home = lab.ca.home(of: Self.ana.name)
            let environment = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
            let ssh =
                [MayflyCA.binary, "ssh", "\(lab.login)@localhost", "--role", "prod", "--"] + (try lab.sshOptions(sshd))
                + ["id", "-un"]
            func typing(_ input: String, _ words: [String]) async throws -> ProcessResult {
                try await runOnTerminal(words, environment: environment, input: input)
            }
            // Those who must agree do so when the terminal shows so many lines of how long it waits.
            func connecting(
                _ input: String, _ lines: Int, _ approve: () async throws -> Void
            ) async throws -> (status: Int32?, log: String) {
                let terminal = try await startOnTerminal(ssh, environment: environment, input: input, in: lab.work)
                return try await serving(terminal) { terminal in
                    try await terminal.waitUntilReady {
                        Set(terminal.log.matches(of: /waits [0-9]+m[0-9]+s more/).map { String($0.0) }).count >= lines
                    }
                    try await approve()
                    return (try await terminal.status(within: .seconds(120)), terminal.log)
                }
            }
            // Whoever does not want to ask anybody is told how to, and asks nobody.
            let no = try await typing("no\n", ssh)
            #expect(no.status == 3 && no.stdout.contains("ask with `mayfly request prod --host localhost"), "\(no.stdout)")
            #expect(no.stdout.contains("--for 15m --reason …`"), "\(no.stdout)")
            let longer = try await typing("no\n", Array(ssh.prefix(2)) + ["--for", "40m"] + ssh.dropFirst(2))
            #expect(longer.stdout.contains("Ask for it now, for 40m?") && longer.stdout.contains("--for 40m --reason …`"))
            #expect(try await mayfly(["requests"], as: Self.lea, in: lab).stdout.contains("pending") == false)

            var id = ""
            let session = try await connecting("yes\nINC-7 slow\n", 2) {
                id = try await firstRequest(in: lab)
                try await approve([id], as: Self.lea, in: lab).checked()
            }
            #expect(session.status == 0, "\(session.log)\(sshd.log)")
            for part in [
                "role `prod` needs approval. Ask for it now, for 15m?", "why?",
                "\(id) waits for 1 of group `leads`; that is lea@example.com\r\n",
                "s more for 1 of group `leads`; that is lea@example.com", "\(id) is approved by lea@example.com",
                "\n\(lab.login)\r\n",
            ] {
                #expect(session.log.contains(part), "\(part): \(session.log)")
            }
            let shown = try await mayfly(["access", "show", id], as: Self.lea, in: lab).stdout
            #expect(shown.contains("INC-7 slow") && shown.contains("localhost"), "\(shown)")
            // As long as one certificate, for nobody said how long.
            #expect(shown.contains(/for +15m, from/), "\(shown)")
            try await mayfly(["done", id], as: Self.ana, in: lab).checked()

            // Denied: no shell, and the exit status of a denial.
            async let denied = typing("yes\nINC-8\n", ssh)
            let other = try await firstRequest(in: lab, besides: [id])
            try await mayfly(["deny", other, "--note", "use the replica"], as: Self.lea, in: lab).checked()
            let refused = try await denied
            #expect(refused.status == 2, "\(refused.stdout)")
            #expect(refused.stdout.contains("\(other) is denied by lea@example.com: use the replica"), "\(refused.stdout)")

            // What was asked before is waited for, not asked again.
            let third = try await ask(["--host", "localhost"], in: lab)
            let later = try await connecting("yes\n", 1) {
                try await approve([third], as: Self.lea, in: lab).checked()
            }
            #expect(later.status == 0 && later.log.contains("you asked for role `prod` already"), "\(later.log)")
            #expect(
                try await mayfly(["requests", "--all", "--json"], as: Self.lea, in: lab).stdout
                    .matches(of: /"id" : "/).count == 3)
            try await mayfly(["done", third], as: Self.ana, in: lab).checked()

            // What begins tomorrow connects nobody today.
            _ = try await ask(
                ["--host", "localhost", "--starts", Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)], in: lab)
            let now = try await typing("no\n", ssh)
            #expect(now.stdout.contains("Ask for it now") && !now.stdout.contains("already"), "\(now.stdout)")
        }
    }

    /// Whoever does not know that the rule wants a reason and a ticket types no more than `mayfly ssh`, or `mayfly request`.
    @Test func `what the rule wants to hear is asked at the terminal`() async throws {
        let policy = Self.policy.replacing("'^INC-'}\n", with: "'^INC-'}\n    ticket: {required: true}\n")
        try await withPeople(policy: policy) { lab, sshd in
            let home = lab.ca.home(of: Self.ana.name)
            let environment = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
            let ssh =
                [MayflyCA.binary, "ssh", "\(lab.login)@localhost", "--role", "prod", "--"] + (try lab.sshOptions(sshd))
                + ["id", "-un"]
            let request = [MayflyCA.binary, "request", "prod", "--host", "localhost"]
            func typing(_ input: String, _ words: [String]) async throws -> ProcessResult {
                try await runOnTerminal(words, environment: environment, input: input)
            }
            let (why, which) = (
                "the rule wants a reason, one that matches `^INC-`. Why?", "the rule wants a ticket. Which?"
            )
            // Without a terminal the refusal says what to add; with one, so does an empty answer.
            for words in [ssh, request] {
                let alone = try await mayfly(Array(words.dropFirst()), as: Self.ana, in: lab)
                #expect(alone.status == 2, "\(alone.stderr)")
                #expect(
                    alone.stderr.contains("hint: add `--reason …`, one that matches `^INC-`, and `--ticket …`\n"),
                    "\(alone.stderr)")
                let silent = try await typing("\n", words)
                #expect(silent.status == 2 && silent.stdout.contains(why), "\(silent.stdout)")
                // What is said and does not do is refused as if it had stood on the command line.
                let wrong = try await typing("because\nT-1\n", words)
                #expect(wrong.status == 2, "\(wrong.stdout)")
                #expect(wrong.stdout.contains("the reason does not match `^INC-`"), "\(wrong.stdout)")
            }

            let long = "INC-7 " + String(repeating: "slow ", count: 60) + "queries"
            async let answer = typing(long + "\nT-1\nyes\n", ssh)
            let id = try await firstRequest(in: lab)
            try await approve([id], as: Self.lea, in: lab).checked()
            let session = try await answer
            #expect(session.status == 0, "\(session.stdout)\(sshd.log)")
            for part in [
                why, which, "role `prod` needs approval. Ask for it now, for 15m?", "\(id) is approved", "\n\(lab.login)\r\n",
            ] {
                #expect(session.stdout.contains(part), "\(part): \(session.stdout)")
            }
            let shown = try await mayfly(["access", "show", id, "--json"], as: Self.lea, in: lab).stdout
            #expect(shown.contains(long) && shown.contains("T-1"), "\(shown)")
            try await mayfly(["done", id], as: Self.ana, in: lab).checked()

            // Only what is missing is asked for.
            let asked = try await typing("T-2\n", request + ["--reason", "INC-8"])
            #expect(asked.status == 3, "\(asked.stdout)")
            #expect(asked.stdout.contains(which) && !asked.stdout.contains("wants a reason"), "\(asked.stdout)")
            #expect(asked.stdout.contains("INC-8") && asked.stdout.contains("T-2"), "\(asked.stdout)")
        }
    }

    /// On a real server: the file of users changes, and nobody asks anything.
    @Test func `a grant in use ends soon after its approver lost the seat, where the rule says so`() async throws {
        let policy = Self.policy.replacing("grant: 2h}", with: "grant: 2h, recheck: revoke}")
        try await withPeople(policy: policy) { lab, sshd in
            let id = try await ask(in: lab)
            try await approve([id], as: Self.lea, in: lab).checked()
            let ssh =
                ["ssh", "\(lab.login)@localhost", "--role", "prod", "--"] + (try lab.sshOptions(sshd)) + ["id", "-un"]
            #expect(try await mayfly(ssh, as: Self.ana, in: lab).stdout == lab.login + "\n", "\(sshd.log)")

            let path = lab.ca.caDirectory + "/users.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let without = text.replacing("groups: [leads]", with: "groups: [staff]")
            #expect(without != text)
            try without.write(toFile: path, atomically: true, encoding: .utf8)
            var shown = ""
            try await eventually("the grant goes on: \(shown)") {
                shown = try await mayfly(["access", "show", id], as: Self.ana, in: lab).stdout
                return shown.contains("taken away")
            }
            let ending = #/how it ended +taken away by the authority at .*: the approval of `lea@example.com` no longer counts/#
            #expect(shown.contains(ending), "\(shown)")
            #expect(shown.contains("when an approval it rests on no longer counts"), "\(shown)")
            #expect(shown.contains("revoked 20"), "\(shown)")
            let more = try await mayfly(
                ["issue", "ssh", "--role", "prod", "--reason", "INC-7", "--out", lab.work.file("more")], as: Self.ana, in: lab)
            #expect(more.status == 3, "\(more.stderr)")
            #expect(try await lab.mayfly(["audit", "verify"]).succeeded)
        }
    }

    @Test func `two who approve each other are told of it`() async throws {
        let policy = Self.policy.replacing("steps: [{by: {groups: [leads]}}]", with: "steps: [{by: {groups: [developers]}}]")
        try await withPeople(policy: policy) { lab, _ in
            var ids: [String] = []
            for (who, by) in [(Self.ana, Self.bo), (Self.bo, Self.ana)] {
                let asked = try await mayfly(["request", "prod", "--reason", "INC-7", "--json"], as: who, in: lab)
                #expect(asked.status == 3, "\(asked.stderr)")
                ids.append(String(try #require(asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/)).1))
                try await approve([ids[ids.count - 1]], as: by, in: lab).checked()
            }
            for (id, other, by) in [(ids[0], ids[1], "bo@example.com"), (ids[1], ids[0], "ana@example.com")] {
                let shown = try await mayfly(["access", "show", id], as: Self.ana, in: lab).stdout
                #expect(shown.contains("each approved the other"), "\(shown)")
                #expect(shown.contains("\(by) asked for \(other), approved by "), "\(shown)")
            }
        }
    }

    @Test func `an approver on a terminal is asked first`() async throws {
        try await withPeople { lab, _ in
            let id = try await ask(["--login", lab.login], in: lab)
            let home = lab.ca.home(of: Self.lea.name)
            func approve(_ arguments: [String], typing input: String) async throws -> ProcessResult {
                try await runOnTerminal(
                    [MayflyCA.binary, "approve", "--ssh-key", lab.ca.key(of: Self.lea.name)] + arguments,
                    environment: ["HOME": home, "MAYFLY_HOME": home + "/mayfly"], input: input)
            }
            let no = try await approve([id], typing: "no\n")
            #expect(no.status == 1, "\(no.stdout)")
            #expect(no.stdout.contains("approve this? Type yes or no:") && no.stdout.contains("nothing is approved"))
            #expect(no.stdout.contains(/logins +[a-z]/) && no.stdout.contains(/host +every one of the role/), "\(no.stdout)")
            #expect(try await mayfly(["requests"], as: Self.ana, in: lab).stdout.contains("pending"))
            #expect(try await approve([id], typing: "yes\n").succeeded)
            let unasked = try await approve([try await ask(in: lab), "--yes"], typing: "")
            #expect(unasked.succeeded && !unasked.stdout.contains("Type yes"), "\(unasked.stdout)")
        }
    }

    @Test func `what was asked is said as it is: cut to what the rule gives, and when it begins`() async throws {
        try await withPeople { lab, _ in
            let later = Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)
            let begins = try await mayfly(
                ["request", "prod", "--starts", later, "--reason", "INC-7"], as: Self.ana, in: lab)
            #expect(begins.stdout.contains(try Regex("starts +\(later)\n")), "\(begins.stdout)")
            let asked = try await mayfly(["request", "prod", "--for", "9h", "--reason", "INC-7"], as: Self.ana, in: lab)
            #expect(asked.status == 3 && asked.stdout.contains(/for +2h\n/), "\(asked.stdout)")
            #expect(asked.stderr.contains("9h was asked for; rule `developers-ask` gives at most 2h\n"), "\(asked.stderr)")
        }
    }

    /// A role without it: refused with the rules, and on record.
    @Test func `glass that is not there is not broken`() async throws {
        try await withPeople { lab, _ in
            let refused = try await mayfly(["request", "prod", "--break-glass", "--reason", "INC-9"], as: Self.ana, in: lab)
            #expect(refused.status == 2, "\(refused.stderr)")
            #expect(refused.stderr.contains(#/no rule gives you role `prod` \(policies/policy\.yaml:\d+\) as break-glass/#))
            #expect(
                refused.stderr.contains(#/✔ policies/policy\.yaml:\d+ \(`developers-ask`\) applies\n/#), "\(refused.stderr)")
            #expect(refused.stderr.contains("hint: ask without `--break-glass`"), "\(refused.stderr)")
            let log = try await lab.mayfly(["audit", "tail"]).stdout
            #expect(log.contains(/deny  ana@example.com  prod  break-glass ssh: no rule gives you role/), "\(log)")
            #expect(try await lab.mayfly(["policy", "replay", lab.work.file("policies")]).succeeded)
            try lab.work.makeDirectory("other")
            try lab.work.write(Self.policy.replacing("roles: [rescue]", with: "roles: [rescue, prod]"), to: "other/policy.yaml")
            let replayed = try await lab.ca.mayfly(["policy", "replay", lab.work.file("other")])
            #expect(replayed.status == 1 && replayed.stdout.contains("gives it as break-glass"), "\(replayed.stdout)")
        }
    }

    private struct Timed: Decodable { let time: String }

    @Test func `a rule approves by itself, and says so`() async throws {
        let automatic = """
              - id: leads-by-themselves
                who: {groups: [leads]}
                roles: [prod]
                lifetime: {max: 15m}
                approval: {automatic: true, grant: 30m}

            """
        try await Lab.open(
            policy: Self.policy.replacing("  - id: glass\n", with: automatic + "  - id: glass\n"), people: [Self.lea]
        ) { lab in
            try await lab.ca.logIn(as: Self.lea.name)
            let asked = try await mayfly(["request", "prod", "--for", "20m", "--json"], as: Self.lea, in: lab)
            #expect(asked.succeeded, "\(asked.stderr)")
            #expect(asked.stdout.contains(#""approved_by_rule" : "leads-by-themselves""#), "\(asked.stdout)")
            let id = String(try #require(asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/)).1)
            let file = lab.work.file("cert")
            try await mayfly(["issue", "ssh", "--role", "prod", "--out", file], as: Self.lea, in: lab).checked()
            let shown = try await mayfly(["access", "show", id], as: Self.lea, in: lab)
            for part in ["rule leads-by-themselves", "by itself", "approve", "grant \(id) by rule leads-by-themselves"] {
                #expect(shown.stdout.contains(part), "\(part): \(shown.stdout)\(shown.stderr)")
            }
        }
    }

    @Test func `whoever waits hears of the decision`() async throws {
        try await withPeople { lab, _ in
            async let waiting = mayfly(
                ["request", "prod", "--reason", "INC-8", "--wait", "--json"], as: Self.ana, in: lab)
            let id = try await firstRequest(in: lab)
            let denied = try await mayfly(["deny", id, "--note", "use the replica"], as: Self.lea, in: lab)
            #expect(denied.succeeded, "\(denied.stderr)")
            let result = try await waiting
            #expect(result.status == 2, "\(result.stderr)")
            #expect(result.stdout.contains("use the replica"))
            let shown = try await mayfly(["access", "show", id], as: Self.ana, in: lab).stdout
            #expect(shown.contains(/how it ended +denied by lea@example.com at .*: use the replica/), "\(shown)")
            #expect(shown.contains("no certificate was issued under it"), "\(shown)")
        }
    }

    @Test func `glass is broken at once, and looked at afterwards`() async throws {
        try await withPeople { lab, sshd in
            let asked = try await mayfly(
                ["request", "rescue", "--break-glass", "--reason", "INC-9", "--json"], as: Self.ana, in: lab)
            #expect(asked.succeeded, "\(asked.stderr)")
            let unused = try await mayfly(["requests"], as: Self.ana, in: lab).stdout
            #expect(unused.contains("break-glass, not used yet") && !unused.contains("approved"), "\(unused)")
            let id = String(try #require(asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/)).1)
            let session = try await mayfly(
                ["ssh", "\(lab.login)@localhost", "--role", "rescue", "--"] + (try lab.sshOptions(sshd)) + ["id", "-un"],
                as: Self.ana, in: lab)
            #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")
            let due = try await lab.ca.mayfly(["requests", "--waiting"]).stdout
            #expect(due.contains(/break-glass, active, for you to review/), "\(due)")
            let reviewed = try await lab.ca.mayfly(["review", id, "--flagged", "--note", "nothing burned"])
            #expect(
                reviewed.succeeded && reviewed.stderr.contains("take it away with `mayfly deny \(id) --note"), "\(reviewed)")
            #expect(try await lab.ca.mayfly(["requests", "--waiting"]).stdout.contains(id) == false)
            let shown = try await lab.ca.mayfly(["access", "show", id]).stdout
            #expect(shown.contains(/state +break-glass, active\n/), "\(shown)")
            #expect(shown.contains(/review +flagged by ada@example.com: nothing burned\n/), "\(shown)")
        }
    }

    @Test func `ssh-keygen verifies an approval from the log alone`() async throws {
        try await withPeople { lab, _ in
            let id = try await ask(in: lab)
            let approved = try await approve([id, "--for", "20m", "--note", "go on"], as: Self.lea, in: lab)
            #expect(approved.succeeded, "\(approved.stderr)")
            let shown = try await mayfly(["access", "show", id, "--json"], as: Self.lea, in: lab)
            let detail = try JSONDecoder().decode(Detail.self, from: Data(shown.outputBytes))
            let approval = try JSONDecoder().decode(Approval.self, from: Data(detail.events[1].utf8))
            let digest = try await run("sha256sum", [], input: detail.events[0]).checked().stdout.prefix(64)

            let key = try String(contentsOfFile: lab.ca.key(of: Self.lea.name) + ".pub", encoding: .utf8)
            let signers = try lab.work.write("\(Self.lea.name) \(key)", to: "allowed_signers")
            let signature = try lab.work.write(approval.access.signature, to: "approval.sig")
            func verify(_ statement: String) async throws -> ProcessResult {
                try await run(
                    "ssh-keygen",
                    ["-Y", "verify", "-f", signers, "-I", Self.lea.name, "-n", "approval@mayfly", "-s", signature],
                    input: statement)
            }
            let statement =
                "mayfly approval 1\nrequest sha256:\(digest)\napprover lea@example.com\nduration 1200\nhost -\nnote go on\n"
            let good = try await verify(statement)
            #expect(good.succeeded, "\(good.stderr)")
            #expect(try await verify(statement.replacing("1200", with: "1201")).succeeded == false)
        }
    }

    private struct Detail: Decodable { let events: [String] }

    private struct Approval: Decodable {
        struct Access: Decodable { let signature: String }
        let access: Access
    }

    @Test func `where the rule wants a touch, only a security key that was touched approves`() async throws {
        try await Lab.open(
            policy: Self.policy.replacing("wait: 30m,", with: "signed: touch, wait: 30m,"), people: [Self.ana, Self.lea]
        ) { lab in
            for person in [Self.ana, Self.lea] { try await lab.ca.logIn(as: person.name) }
            let source = Repository.root + "/Tests/InteropTests/foreign/security-key.c"
            let library = lab.work.file("security-key.so")
            try await run("clang", ["-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, "-lcrypto"]).checked()
            let token = lab.work.file("token")
            try await run("ssh-keygen", ["-q", "-t", "ed25519-sk", "-w", library, "-N", "", "-C", "", "-f", token]).checked()
            try addKey(try String(contentsOfFile: token + ".pub", encoding: .utf8), of: Self.lea, in: lab)

            let id = try await ask(in: lab)
            func approve(_ key: String, touched: Bool) async throws -> ProcessResult {
                try await lab.ca.mayfly(
                    ["approve", id, "--ssh-key", key], home: lab.ca.home(of: Self.lea.name),
                    environment: ["SSH_SK_PROVIDER": library, "SECURITY_KEY_FLAGS": touched ? "1" : "0"])
            }
            let plain = try await approve(lab.ca.key(of: Self.lea.name), touched: true)
            #expect(plain.stderr.contains("signed with a security key, and touched"), "\(plain.stderr)")
            let untouched = try await approve(token, touched: false)
            #expect(untouched.succeeded == false)
            try await lab.whenUsersAreRead { try await approve(token, touched: true).succeeded }
            let shown = try await mayfly(["access", "show", id], as: Self.ana, in: lab)
            #expect(shown.stdout.contains("approved"), "\(shown.stdout)\(shown.stderr)")
        }
    }

    /// One more key of somebody in the user file.
    private func addKey(_ line: String, of person: MayflyCA.Person, in lab: Lab) throws {
        let path = lab.ca.caDirectory + "/users.yaml"
        let own = try String(contentsOfFile: lab.ca.key(of: person.name) + ".pub", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let both = "\"\(own)\", \"\(line.trimmingCharacters(in: .newlines))\""
        try text.replacing("\"\(own)\"", with: both).write(toFile: path, atomically: true, encoding: .utf8)
        lab.ca.send(SIGHUP)
    }

    private func firstRequest(in lab: Lab, besides seen: Set<String> = []) async throws -> String {
        var found: String?
        try await eventually("nobody asks for anything") {
            let list = try await mayfly(["requests", "--json"], as: Self.lea, in: lab)
            let ids = list.stdout.matches(of: /"id" : "([a-z2-7]{12})"/).map { String($0.1) }
            found = ids.first { !seen.contains($0) }
            return found != nil
        }
        return try #require(found)
    }
}
