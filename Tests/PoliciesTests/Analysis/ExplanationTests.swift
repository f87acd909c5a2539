// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// What a refused person may read of the policy.
@Suite struct `Explanations and those who read them` {
    private static let text = """
        windows: {secret-hours: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
        roles:
          shell: {ssh: {principals: [x]}}
          crown: {ssh: {principals: [crown-jewels]}}
        allow:
          - {id: by-name, who: {users: [secret-user@example.com, "*@secret-domain.example"]}, roles: [shell], lifetime: {max: 1h}}
          - {id: by-claim, who: {provider: secret-provider, claims: {ref: secret-value}}, roles: [shell], lifetime: {max: 1h}}
          - {id: by-place, who: {everyone: true}, networks: [10.11.12.0/24], roles: [shell], lifetime: {max: 1h}}
          - {id: crowned, who: {user: secret-king@example.com}, roles: [crown], lifetime: {max: 1h}}
        deny:
          - {id: not-them, who: {users: [secret-enemy@example.com]}, roles: [shell]}
          - {id: not-there, who: {everyone: true}, networks: [10.99.0.0/16], roles: [shell]}
        """

    private func explained(_ role: String) throws -> Explanation {
        try policies(Self.text).explain(person("ana@example.com", from: "192.0.2.1"), ssh(role), at: anyTime)
    }

    @Test func `every rule for the role is told, with file and line, and what of it is not met`() throws {
        let text = try explained("shell").description
        #expect(
            text == """
                refused: no rule gives you role `shell` now
                  · p.yaml:12 (`not-them`) does not deny: it names other users
                  · p.yaml:13 (`not-there`) does not deny: 192.0.2.1 is outside its networks
                  · p.yaml:8 (`by-claim`) does not apply: you come from provider `local`, and your claim `ref` is unknown
                  · p.yaml:7 (`by-name`) does not apply: it names other users
                  · p.yaml:9 (`by-place`) does not apply: 192.0.2.1 is outside its networks
                p.yaml:9 (`by-place`) gives it if you ask from one of its networks
                whoever may change p.yaml can change this

                """)
    }

    @Test func `what whoever is refused can do themselves is told, the least first, unless a deny rule applies`() throws {
        let text = """
            windows: {office: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
            groups: {duty: {rotation: {members: [bo@example.com, ana@example.com], every: 1w, starts: 2026-11-16T09:00, time_zone: UTC}}}
            roles: {shell: {ssh: {principals: [x]}}}
            allow:
              - {id: a-token, who: {groups: [sre], mfa: true}, during: office, roles: [shell], lifetime: {max: 1h}}
              - {id: b-login, who: {groups: [sre], authenticated_within: 5m}, roles: [shell], lifetime: {max: 1h}, reason: {pattern: INC}}
              - {id: c-others, who: {groups: [dba], mfa: true}, roles: [shell], lifetime: {max: 1h}}
              - {id: d-turn, who: {groups: [duty]}, roles: [shell], lifetime: {max: 1h}}
              - {id: e-approved, who: {groups: [sre], mfa: true}, roles: [shell], lifetime: {max: 1h}, approval: {steps: [{by: {groups: [leads]}}]}}

            """
        let ana = person(groups: .known(["sre"]), loggedIn: 3_600)
        // A Wednesday evening, in the turn of Bo.
        let evening = Date(timeIntervalSince1970: 1_795_028_400)
        let explanation = try policies(text).explain(ana, ssh("shell"), at: evening)
        #expect(
            explanation.ways == [
                "p.yaml:9 (`d-turn`) gives it if you ask when it is your turn",
                "p.yaml:10 (`e-approved`) gives it after approval if you log in with a second factor",
                "p.yaml:6 (`a-token`) gives it if you ask at 2026-11-19T08:00:00Z, and log in with a second factor",
            ])
        let denied = try policies(text + "deny: [{id: no-key, who: {mfa: false}, roles: [shell]}]\n")
        #expect(try denied.explain(ana, ssh("shell"), at: evening).ways == [])
        let helped = person(groups: .known(["sre"]), mfa: .known(true), loggedIn: 3_600)
        #expect(try policies(text).explain(helped, ssh("shell"), at: evening).ways == [])
    }

    @Test func `neither other people nor what would do instead is told`() throws {
        let text = try explained("shell").description
        for secret in ["secret-", "10.11", "10.99", "crown"] { #expect(!text.contains(secret), "\(secret) in \(text)") }
    }

    @Test func `of a role that is not there nothing is told, nor of another's by a typing mistake`() throws {
        for name in ["crow", "no-such-role"] {
            let explanation = try explained(name)
            #expect(
                explanation.description
                    == "refused: there is no role `\(name)` for you\nwhoever may change the policies can change this\n")
            #expect(explanation.steps.isEmpty)
        }
    }

    @Test func `a name that is asked for cannot write lines of its own`() throws {
        let request = try AuthorizationRequest(role: "x\n  ✔ all.yaml:1 (`a`) applies", what: .ssh(logins: nil, host: nil))
        let text = try policies(Self.text).explain(person("ana@example.com"), request, at: anyTime).description
        #expect(text.split(separator: "\n").count == 2, "\(text)")
    }
}
