// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// CA keys are rotated by whoever may, step by step.
@Suite struct CAKeyEndpointTests {
    private func change(_ caller: Caller, _ purpose: String, _ act: String, _ more: [String: Any] = [:]) async throws
        -> Caller.Reply
    {
        try await caller.post(
            Paths.caKeyChanges, ["purpose": purpose, "act": act, "reason": "every year"].merging(more) { $1 })
    }

    private func keys(_ reply: Caller.Reply, _ name: String) -> [[String: Any]] {
        (reply.json["keys"] as? [[String: Any]] ?? []).filter { $0["name"] as? String == name }
    }

    @Test func `a key is prepared, activated and revoked, and trusted as long as it should be`() async throws {
        try await MayflyCA.withSession { caller in
            let before = try await caller.call("GET", Paths.caKeys)
            #expect(before.status == 200)
            #expect(
                Set((before.json["keys"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String })
                    == ["root", "root-list", "service", "ssh-user", "ssh-host", "issuing"])
            let old = try #require(keys(before, "ssh-user").first?["key"] as? String)
            func published() async throws -> Int {
                let text = try await caller.call("GET", Paths.authorities, withSession: false).json["ssh_user_ca"] as? String
                return text?.split(separator: "\n").count ?? 0
            }
            #expect(try await published() == 1)
            let prepared = try await change(caller, "ssh-user", "prepare")
            #expect(prepared.status == 200, "\(prepared.detail)")
            #expect(keys(prepared, "ssh-user").map { $0["state"] as? String } == ["active", "prepared"])
            #expect(try await published() == 2)
            let again = try await change(caller, "ssh-user", "prepare")
            #expect(again.status == 409 && again.problem == "conflict", "\(again.detail)")
            #expect((again.json["hint"] as? String)?.contains("mayfly ca rotate ssh-user activate") == true)
            #expect(try await change(caller, "ssh-user", "activate").status == 200)
            #expect(try await change(caller, "ssh-user", "revoke").status == 422)
            #expect(try await change(caller, "ssh-user", "revoke", ["key": "SHA256:x"]).status == 404)
            let revoked = try await change(caller, "ssh-user", "revoke", ["key": old])
            #expect(keys(revoked, "ssh-user").map { $0["state"] as? String } == ["revoked", "active"])
            #expect(try await published() == 1)
            let files = try FileManager.default.contentsOfDirectory(atPath: caller.ca.caDirectory + "/keys")
            #expect(files.count { $0.hasPrefix("ssh_user") } == 2)
            for file in files {
                let mode = try FileManager.default.attributesOfItem(atPath: "\(caller.ca.caDirectory)/keys/\(file)")
                #expect(mode[.posixPermissions] as? Int == 0o600, "\(file)")
            }
        }
    }

    @Test func `malformed orders are refused`() async throws {
        try await MayflyCA.withSession { caller in
            for (purpose, act, more) in [
                ("service", "prepare", [:]), ("root", "prepare", [:]), ("ssh-user", "steal", [:]),
                ("ssh-user", "prepare", ["more": 1]), ("ssh-user", "prepare", ["force": "yes"]),
            ] as [(String, String, [String: Any])] {
                let reply = try await change(caller, purpose, act, more)
                #expect(reply.status == 400, "\(purpose) \(act): \(reply.detail)")
            }
            #expect(try await change(caller, "ssh-user", "prepare", ["reason": ""]).status == 422)
        }
    }

    @Test func `only who may rotate keys sees and changes them`() async throws {
        let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: ["engineers"])
        try await MayflyCA.withSession(.init(people: [bo])) { caller in
            try await caller.ca.logIn(as: bo.name)
            let session = try caller.session(of: bo.name)
            let body = #"{"purpose":"ssh-user","act":"prepare","reason":"x"}"#
            for (method, path, body) in [("POST", Paths.caKeyChanges, body), ("GET", Paths.caKeys, nil)] {
                let reply = try await caller.call(method, path, body: body, certificate: (session, session))
                #expect(reply.status == 403, "\(path)")
                #expect(reply.problem == "denied", "\(path)")
                #expect(reply.detail.contains("keys.rotate"), "\(reply.detail)")
            }
            #expect(keys(try await caller.call("GET", Paths.caKeys), "ssh-user").count == 1)
        }
    }
}
