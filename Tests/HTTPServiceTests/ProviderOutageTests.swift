// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestProviders
import TestSupport
import Testing

/// A provider that is down costs the logins with it, and nothing else.
@Suite(.timeLimit(.minutes(15)))
struct ProviderOutageTests {
    private static let corp = "groups_claim: groups, device_flow: allowed"

    private func metric(_ caller: Caller) async throws -> Bool {
        let reply = try await caller.call("GET", Paths.metrics, withSession: false)
        let text = String(decoding: reply.body, as: UTF8.self)
        let value = try #require(text.firstMatch(of: /mayfly_provider_available\{provider="corp"\} ([01])\n/)?.1)
        return value == "1"
    }

    private func status(_ caller: Caller) async throws -> [String: Any] {
        let list = try #require(try await caller.call("GET", Paths.status).json["providers"] as? [[String: Any]])
        return try #require(list.first { $0["name"] as? String == "corp" })
    }

    @Test func `a provider that does not take this server for its client is the administrators' to mend`() async throws {
        try await ProviderLab.open(Self.corp) { lab in
            lab.fake.answer("/device", with: .json(#"{"error":"invalid_client"}"#, status: 401))
            let refused = try await Caller(lab.ca).post(
                Paths.loginDevices, ["provider": "corp", "session_key_digest": String(repeating: "A", count: 43)])
            #expect(refused.status == 503 && refused.problem == "unavailable", "\(refused.text)")
            #expect(refused.detail == "identity provider `corp`: it refused: `invalid_client`")
            #expect((refused.json["hint"] as? String)?.hasPrefix("an administrator must make `client_id`") == true)
        }
    }

    @Test func `the server starts without its provider, says so, and works with it once it is there`() async throws {
        let port = try Loopback.freePort()
        try await ProviderLab.withCA(of: "http://127.0.0.1:\(port)", Self.corp) { ca in
            let caller = Caller(ca)
            try await eventually { try await !metric(caller) }
            let status = try await status(caller)
            #expect(status["problem"] as? String == "its configuration cannot be reached")
            #expect(status["problem_since"] as? String != nil)
            let text = try await ca.mayfly(["status"]).checked().stdout
            #expect(text.contains(/corp is down since \d.*: its configuration cannot be reached/), "\(text)")
            #expect(ca.log.contains("identity provider is down"))

            let refused = try await caller.post(
                Paths.loginAuthorizations,
                ["provider": "corp", "session_key_digest": String(repeating: "A", count: 43), "port": 2000])
            #expect(refused.status == 503 && refused.problem == "unavailable")
            #expect(
                refused.detail.contains(/^identity provider `corp` is down since 2\d.*Z: its configuration cannot be reached$/))
            let home = try ca.directory.makeDirectory("ana")
            func logIn(_ lab: ProviderLab) async throws -> ProcessResult {
                try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": try lab.browser()])
            }
            let early = try await ca.mayfly(
                ["login", ca.url, "--fingerprint", ca.fingerprint, "--provider", "corp"], home: home,
                environment: ["BROWSER": "true"])
            #expect(early.status == 1 && early.stderr.contains("administrators see in `mayfly status`"), "\(early.stderr)")
            // As a workload nobody gets further either, and a user of the file does.
            let token = try ca.directory.write(try ProviderKey.p256().token(#"{"iss":"http://127.0.0.1:\#(port)"}"#), to: "t")
            let job = try await ca.mayfly(
                ["login", ca.url, "--fingerprint", ca.fingerprint, "--token-file", token], home: home)
            #expect(job.status == 1 && job.stderr.contains("identity provider `ci`: its"), "\(job.stderr)")
            try await ca.logIn()

            let lab = ProviderLab(ca: ca, fake: try await FakeProvider(port: port))
            lab.fake.approve(everybodyAs: lab.ana())
            try await eventually { try await metric(caller) }
            let late = try await logIn(lab)
            #expect(late.stdout.contains("as ana@corp.example until"), "\(late.stderr)")
            #expect(try await self.status(caller)["problem"] == nil)
            try await eventually { ca.log.contains("identity provider is back") }
            #expect(try await ca.mayfly(["status"]).checked().stdout.contains("corp; ci"))
        }
    }

    @Test(arguments: [false, true])
    func `a provider that went down after somebody logged in is noticed before anybody is sent there`(isSilent: Bool)
        async throws
    {
        try await ProviderLab.open(Self.corp) { lab in
            let home = try lab.home("ana")
            lab.fake.approve(everybodyAs: lab.ana())
            let browser = try lab.browser()
            try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": browser]).checked()
            if isSilent {
                lab.fake.answer("/.well-known/openid-configuration", with: .silence)
            } else {
                try await lab.fake.stop()
            }
            // Longer than a look counts.
            try await Task.sleep(for: .seconds(2))
            let opened = lab.ca.directory.file("opened")
            let recorder = try lab.ca.directory.write("#!/bin/sh\ntouch '\(opened)'\n", to: "recorder", mode: 0o755)
            let login = try await lab.mayfly(["login"], home: home, ["BROWSER": recorder])
            #expect(login.status == 1 && login.stdout.isEmpty, "\(login)")
            let reason = isSilent ? "its configuration did not answer in time" : "its configuration cannot be reached"
            #expect(login.stderr.contains(/error: identity provider `corp` is down since .*Z: its/), "\(login.stderr)")
            #expect(login.stderr.contains(reason) && login.stderr.contains("hint: log in another way"), "\(login.stderr)")
            #expect(!FileManager.default.fileExists(atPath: opened) && !login.stderr.contains("log in at"))
            // Nor is anybody without a browser given a code to type.
            let device = try await lab.mayfly(["login"], home: home)
            #expect(device.status == 1 && device.stderr.contains("is down since"), "\(device)")
            #expect(lab.fake.calls(to: "/device").isEmpty && !device.stderr.contains("type the code"))
            // The session of before is none of its business.
            #expect(try await lab.mayfly(["whoami"], home: home).succeeded)
        }
    }

    @Test func `doctor names a provider that is down where its login is needed`() async throws {
        try await ProviderLab.open(Self.corp) { lab in
            let home = try lab.home("ana")
            lab.fake.approve(everybodyAs: lab.ana())
            try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": try lab.browser()]).checked()
            func doctor() async throws -> String { try await lab.mayfly(["doctor"], home: home).stdout }
            #expect(try await doctor().contains(/provider .*corp\n/))
            lab.fake.answer("/.well-known/openid-configuration", with: .json("{}", status: 503))
            try await eventually { try await !metric(Caller(lab.ca)) }
            let living = try await doctor()
            #expect(
                living.contains("does not reach identity provider `corp`, which is needed again at")
                    && living.contains("ana@corp.example until"), "\(living)")
            try await lab.mayfly(["logout"], home: home).checked()
            let result = try await lab.mayfly(["doctor"], home: home)
            #expect(result.status == 1)
            #expect(
                (result.stdout + result.stderr).contains("the server does not reach identity provider `corp`\n"), "\(result)")
        }
    }
}
