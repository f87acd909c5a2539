// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly certificates`, `revoke` and `ca export`.
@Suite(.timeLimit(.minutes(10)))
struct InventoryCommandTests {
    private struct List: Decodable {
        struct Entry: Decodable {
            let kind: String
            let serial: String
        }

        let certificates: [Entry]
    }

    @Test func `the inventory lists what was issued, as openssl and ssh-keygen read it`() async throws {
        try await Lab.open { lab in
            let key = try await lab.makeKey("key")
            let listing = try await lab.listing(try await lab.certify(key, role: "lab-shell"))
            let leaf = try await lab.x509("lab-web").leaf
            let serial = try await run("openssl", ["x509", "-in", leaf, "-noout", "-serial"]).checked().stdout
                .dropFirst("serial=".count).lowercased().trimmingCharacters(in: .newlines)

            let all = try await list(lab, [])
            #expect(all.first?.kind == "x509", "newest first")
            #expect(all.first?.serial == serial)
            #expect(try await list(lab, ["--role", "lab-shell"]).map(\.serial) == ["1"])
            #expect(listing.contains("Serial: 1\n"))
            #expect(try await list(lab, ["--user", "nobody@example.com"]).isEmpty)
        }
    }

    @Test func `a revocation is on record, and says until when what fetches no list accepts it`() async throws {
        try await Lab.open { lab in
            _ = try await lab.certify(try await lab.makeKey("key"), role: "lab-shell")
            let revoke = ["revoke", "--serial", "1", "--kind", "ssh", "--reason", "laptop lost"]
            let first = try await lab.mayfly(revoke)
            #expect(first.stderr.contains("accepts the last of them until"))
            #expect(try await list(lab, ["--active", "--role", "lab-shell"]).isEmpty)
            #expect(try await lab.mayfly(["certificates"]).stdout.contains("revoked 20"))
            #expect(try await lab.mayfly(["audit", "tail", "-n", "3"]).stdout.contains("laptop lost"))
            let second = try await lab.ca.mayfly(revoke)
            #expect(second.status == 1)
            #expect(try await lab.ca.mayfly(["revoke", "--serial", "999", "--reason", "x"]).status == 1)
        }
    }

    @Test func `ca export prints the public files, and needs no session`() async throws {
        try await Lab.open { lab in
            try await lab.mayfly(["logout"])
            for (format, file) in [
                ("ssh-user", "ssh_user_ca.pub"), ("ssh-host", "ssh_host_ca.pub"), ("root", "root.pem"),
                ("issuing", "issuing.pem"), ("service", "service.pem"), ("log", "log.pub"),
            ] {
                let text = try String(contentsOfFile: "\(lab.ca.caDirectory)/public/\(file)", encoding: .utf8)
                #expect(try await lab.exported(format) == text.trimmingCharacters(in: .newlines))
            }
            let (issuing, root) = (try await lab.exported("issuing"), try await lab.exported("root"))
            #expect(try await lab.exported("bundle") == issuing + "\n" + root)
            let fingerprint = try await run(
                "ssh-keygen", ["-l", "-f", try lab.work.write(try await lab.exported("ssh-user"), to: "ca.pub")])
            #expect(fingerprint.succeeded, "\(fingerprint.stderr)")
        }
    }

    private func list(_ lab: Lab, _ arguments: [String]) async throws -> [List.Entry] {
        let text = try await lab.mayfly(["certificates", "--json"] + arguments).stdout
        return try JSONDecoder().decode(List.self, from: Data(text.utf8)).certificates.filter { $0.kind != "session" }
    }
}
