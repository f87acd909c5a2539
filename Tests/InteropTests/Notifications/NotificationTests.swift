// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestProviders
import TestSupport
import Testing

/// A real service, and receivers that are not ours: one that answers 500 before it takes anything, one that takes four
/// seconds for everything, one that nobody listens for until the service was killed and started again, and a mail server.
@Suite(.timeLimit(.minutes(10)))
struct NotificationTests {
    private static let policy = """
        version: 1
        zones: {lab: {hosts: [localhost]}}
        roles:
          prod: {ssh: {logins: [deploy], zones: [lab]}}
          rescue: {ssh: {logins: [root], zones: [lab]}}
        allow:
          - id: developers-ask
            who: {groups: [developers]}
            roles: [prod]
            lifetime: {max: 1h}
            approval: {steps: [{by: {groups: [leads]}}]}
          - id: glass
            who: {groups: [developers]}
            roles: [rescue]
            lifetime: {max: 30m}
            approval: {review: {by: {groups: [admins]}, within: 1d}}
        """

    private static let ana = MayflyCA.Person("ana@example.com", login: "ana", groups: ["developers"])
    private static let lea = MayflyCA.Person("lea@example.com", login: "lea", groups: ["leads"])
    private static let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    /// What a receiver printed.
    private struct Heard: Decodable {
        let id: String
        var holds: Bool?
        var title: String?
        var link: String?
        var to: [String]?
        var subject: String?
        var text: String?
        let at: Double
    }

    /// Programs of `foreign/` on ports of their own.
    private struct Outside {
        let work: TemporaryDirectory
        var ports: [String: Int] = [:]

        init(_ names: [String]) throws {
            work = try TemporaryDirectory()
            for name in names { ports[name] = try Loopback.freePort() }
            try work.write(NotificationTests.secret + "\n", to: "secret", mode: 0o600)
        }

        func start(_ name: String, _ program: String, _ arguments: [String]) async throws -> BackgroundProcess {
            let script = Repository.root + "/Tests/InteropTests/foreign/" + program
            let process = try await BackgroundProcess(
                name, "/usr/bin/python3", [script, "\(ports[name] ?? 0)"] + arguments, logPath: work.file(name + ".log"))
            try await process.waitUntilReady { process.log.contains("ready\n") }
            return process
        }

        func webhook(_ name: String, failures: Int = 0, seconds: Double = 0) async throws -> BackgroundProcess {
            try await start(name, "webhook-receiver.py", [NotificationTests.secret, "\(failures)", "\(seconds)"])
        }

        func heard(_ name: String) -> [Heard] {
            let log = (try? String(contentsOfFile: work.file(name + ".log"), encoding: .utf8)) ?? ""
            return log.split(separator: "\n").compactMap { try? JSONDecoder().decode(Heard.self, from: Data($0.utf8)) }
        }

        func hook(_ name: String) -> String {
            "\(name): {type: webhook, url: \"http://127.0.0.1:\(ports[name] ?? 0)/hook\", secret_file: \(work.file("secret"))}"
        }

        var receivers: String {
            let hooks = ["pager", "slow", "dead"].map(hook)
            let mail = """
                mail: {type: email, server: "127.0.0.1:\(ports["mail"] ?? 0)", tls: none, from: ca@example.com, \
                people: [example.com]}
                """
            return "{" + (hooks + [mail]).joined(separator: ", ") + "}"
        }
    }

    @Test func `everybody hears of a request, once, whatever becomes of receivers and service`() async throws {
        let outside = try Outside(["pager", "slow", "dead", "mail"])
        defer { outside.work.close() }
        let settings = [
            "listen": "\"127.0.0.1:\(try Loopback.freePort())\"", "url": "https://ca.example.com",
            "receivers": outside.receivers,
        ]
        try await serving(try await outside.webhook("pager", failures: 2)) { _ in
            try await serving(try await outside.webhook("slow", seconds: 4)) { _ in
                try await serving(try await outside.start("mail", "mail-receiver.py", [])) { _ in
                    try await Lab.open(policy: Self.policy, settings: settings, people: [Self.ana, Self.lea]) { lab in
                        for person in [Self.ana, Self.lea] { try await lab.ca.logIn(as: person.name) }
                        try await live(lab, outside)
                    }
                }
            }
        }
    }

    @Test func `a receiver whose reply never ends does not keep the service from stopping`() async throws {
        let outside = try Outside(["stalling"])
        defer { outside.work.close() }
        let settings = ["receivers": "{\(outside.hook("stalling"))}", "url": "https://ca.example.com"]
        try await serving(try await outside.webhook("stalling", seconds: -1)) { _ in
            try await Lab.open(policy: Self.policy, settings: settings, people: [Self.ana]) { lab in
                try await lab.ca.logIn(as: Self.ana.name)
                try await mayfly(["request", "rescue", "--break-glass"], as: Self.ana, lab).checked()
                try await eventually("stalling") { outside.heard("stalling").count == 1 }
                lab.ca.send(SIGTERM)
                #expect(try await lab.ca.status(within: .seconds(60)) == 0)
            }
        }
    }

    /// No file tells of pat, who logged in once and has no session any more.
    @Test func `who is known only to an identity provider gets mail at the address it verified`() async throws {
        let outside = try Outside(["mail"])
        defer { outside.work.close() }
        let fake = try await FakeProvider()
        let secret = try outside.work.write(FakeProvider.clientSecret + "\n", to: "client", mode: 0o600)
        let browser = try outside.work.write(
            "#!/bin/sh\nexec curl -q --silent --noproxy '*' --location --max-time 20 --output /dev/null \"$1\"\n",
            to: "browser", mode: 0o755)
        let settings = [
            "providers": """
            {corp: {type: people, issuer: "\(fake.issuer)", client_id: mayfly, client_secret_file: "\(secret)", \
            domains: [corp.example], groups: [leads], groups_claim: groups}}
            """,
            "receivers": """
            {mail: {type: email, server: "127.0.0.1:\(outside.ports["mail"] ?? 0)", tls: none, from: ca@example.com, \
            people: [corp.example]}}
            """,
        ]
        try await serving(try await outside.start("mail", "mail-receiver.py", [])) { _ in
            try await Lab.open(policy: Self.policy, settings: settings, people: [Self.ana]) { lab in
                try await lab.ca.logIn(as: Self.ana.name)
                let home = try lab.work.makeDirectory("pat")
                for (name, groups) in [("pat", #"["leads"]"#), ("quinn", "[]")] {
                    fake.approve(
                        everybodyAs: Claims(issuer: fake.issuer, audience: FakeProvider.clientID, now: Date())
                            .with("email", "\(name)@corp.example").with("email_verified", json: "true")
                            .with("groups", json: groups))
                    try await lab.ca.mayfly(
                        ["login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--provider", "corp"], home: home,
                        environment: ["BROWSER": browser, "DISPLAY": "", "WAYLAND_DISPLAY": ""]
                    ).checked()
                    try await lab.ca.mayfly(["logout"], home: home).checked()
                }
                let asked = try await mayfly(["request", "prod", "--reason", "INC-7", "--json"], as: Self.ana, lab)
                #expect(asked.stderr.contains("that is pat@corp.example"), "\(asked.stderr)")
                try await eventually("mail") { outside.heard("mail").count == 1 }
                let mail = try #require(outside.heard("mail").first)
                #expect(mail.to == ["pat@corp.example"])
                #expect(mail.subject == "ana@example.com asks for prod")
            }
        }
    }

    @discardableResult
    private func mayfly(_ arguments: [String], as person: MayflyCA.Person, _ lab: Lab) async throws -> ProcessResult {
        try await lab.ca.mayfly(arguments, home: lab.ca.home(of: person.name))
    }

    private func live(_ lab: Lab, _ outside: Outside) async throws {
        let key = lab.work.file("key")
        try await MayflyCA.makeKey(key)
        let titles = [
            "ana@example.com asks for prod", "prod for ana@example.com is approved", "ana@example.com uses prod",
            "ana@example.com is done with prod",
        ]
        // Of each command whether it ended before the receiver that sleeps had taken what it tells.
        var unheard: [Bool] = []
        func ended() {
            let title = titles[unheard.count]
            unheard.append(!outside.heard("slow").contains { $0.title == title })
        }
        let asked = try await mayfly(["request", "prod", "--reason", "INC-7", "--json"], as: Self.ana, lab)
        ended()
        let id = String(try #require(asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/), "\(asked.stderr)").1)
        try await mayfly(["approve", id, "--ssh-key", lab.ca.key(of: Self.lea.name)], as: Self.lea, lab).checked()
        ended()
        let issue = ["issue", "ssh", "--role", "prod", "--public-key", key + ".pub", "--out", lab.work.file("cert.pub")]
        try await mayfly(issue, as: Self.ana, lab).checked()
        ended()
        try await mayfly(["done", id], as: Self.ana, lab).checked()
        ended()
        // Four commands, each told to one receiver that is down, one that answers 500 and one that is asleep for four seconds: all
        // would wait for it, or none. A busy machine may itself be slower than that, once or twice.
        #expect(unheard.count { $0 } >= 2, "\(unheard)")

        try await eventually("pager") { Set(outside.heard("pager").compactMap(\.title)) == Set(titles) }
        try await eventually("slow") { Set(outside.heard("slow").compactMap(\.title)) == Set(titles) }
        for heard in outside.heard("pager") + outside.heard("slow") {
            #expect(heard.holds == true)
            #expect(heard.link == "https://ca.example.com/requests/\(id)")
        }
        try await eventually("mail") { outside.heard("mail").count == 4 }
        let mails = outside.heard("mail")
        let byTitle = Dictionary(mails.map { ($0.subject ?? "", $0) }) { first, _ in first }
        #expect(byTitle[titles[0]]?.to == ["lea@example.com"])
        #expect(byTitle[titles[1]]?.to == ["ana@example.com"])
        #expect(byTitle[titles[0]]?.text?.contains("Approve: mayfly approve \(id)") == true)

        // Killed with what the dead receiver has to hear still in the outbox, and with nothing else: who has heard may not be
        // known yet to have.
        try await eventually("not only the dead receiver is waited for") { try await pending(lab) == titles.count }
        lab.ca.send(SIGKILL)
        #expect(try await lab.ca.status(within: .seconds(60)) == 128 + SIGKILL)
        try await serving(try await outside.webhook("dead")) { _ in
            let again = try await BackgroundProcess(
                "mayfly", MayflyCA.binary, ["serve", "--dir", lab.ca.caDirectory], environment: ["HOME": lab.ca.home],
                logPath: lab.work.file("again.log"))
            try await serving(again) { again in
                try await again.waitUntilReady { again.log.contains("mayfly: serving ") }
                try await eventually("dead", within: .seconds(180)) {
                    Set(outside.heard("dead").compactMap(\.title)) == Set(titles)
                }
                // Glass is broken: loud, and the others hear only of that.
                try await mayfly(["request", "rescue", "--break-glass"], as: Self.ana, lab).checked()
                for name in ["pager", "slow", "dead"] {
                    try await eventually(name) {
                        outside.heard(name).last?.title == "ana@example.com breaks the glass: rescue"
                    }
                }
                for name in ["pager", "slow", "dead"] {
                    let ids = outside.heard(name).map(\.id)
                    #expect(Set(ids).count == 5 && ids.count == 5, "\(name): \(ids)")
                }
                #expect(!lab.ca.log.contains(Self.secret) && !again.log.contains(Self.secret))
            }
        }
    }

    /// How many notices wait to be delivered.
    private func pending(_ lab: Lab) async throws -> Int? {
        let service = try await lab.exportedFile("service")
        let metrics = try await run(
            "curl", ["-q", "--silent", "--noproxy", "*", "--cacert", service, lab.ca.url + "/metrics"]
        ).checked().stdout
        return metrics.firstMatch(of: /mayfly_notifications_pending ([0-9]+)/).flatMap { Int($0.1) }
    }
}
