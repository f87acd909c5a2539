// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Authentication

@Suite struct LoginChallengesTests {
    private let now = Date(timeIntervalSince1970: 1_795_000_000.5)
    private let digest = LocalLogin.digest(ofSessionKey: [1])
    private let challenges = LoginChallenges()

    private func verify(
        _ text: String, user: String = "ana", digest: String? = nil, after seconds: Double = 1
    ) throws(LoginError) -> LoginChallenges.Challenge {
        try challenges.verify(text, user: user, sessionKeyDigest: digest ?? self.digest, now: now + seconds)
    }

    @Test func `a challenge is known again`() throws {
        let made = challenges.make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(try verify(made.text) == made)
    }

    @Test func `no two are alike`() {
        let nonces = (0..<100).map { _ in challenges.make(user: "ana", sessionKeyDigest: digest, now: now).nonce }
        #expect(Set(nonces).count == 100)
    }

    @Test func `it lasts two minutes`() throws {
        let made = challenges.make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(made.expires == Date(timeIntervalSince1970: 1_795_000_120))
        #expect(try verify(made.text, after: 119.25) == made)
        #expect(throws: LoginError.challengeExpired) { try verify(made.text, after: 119.5) }
    }

    @Test func `it is for one user`() {
        let made = challenges.make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(throws: LoginError.challengeInvalid) { try verify(made.text, user: "bo") }
    }

    @Test func `it is for one session key`() {
        let made = challenges.make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(throws: LoginError.challengeInvalid) {
            try verify(made.text, digest: LocalLogin.digest(ofSessionKey: [2]))
        }
    }

    @Test func `another process does not know it`() {
        let made = LoginChallenges().make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(throws: LoginError.challengeInvalid) { try verify(made.text) }
    }

    @Test func `user and session key cannot trade characters`() {
        let made = challenges.make(user: "ana", sessionKeyDigest: "b" + digest, now: now)
        #expect(throws: LoginError.challengeInvalid) { try verify(made.text, user: "anab", digest: digest) }
        #expect(throws: LoginError.challengeInvalid) { try verify(made.text, user: "ana b", digest: digest) }
    }

    @Test func `no character of it may change`() {
        let text = Array(challenges.make(user: "ana", sessionKeyDigest: digest, now: now).text.utf8)
        for index in text.indices {
            var changed = text
            changed[index] ^= 1
            #expect(throws: LoginError.challengeInvalid, "at \(index)") {
                try verify(String(decoding: changed, as: UTF8.self))
            }
        }
    }

    @Test(arguments: Form.allCases)
    func `another writing of it is refused, so that each has one text`(form: Form) {
        let made = challenges.make(user: "ana", sessionKeyDigest: digest, now: now)
        #expect(throws: LoginError.challengeInvalid) { try verify(form.applied(to: made.text)) }
    }

    @Test(arguments: ["", ".", "..", "...", "a.1.b", "a.99999999999999999999.AA==", String(repeating: ".", count: 100_000)])
    func `garbage is refused`(text: String) {
        #expect(throws: LoginError.challengeInvalid) { try verify(text) }
    }

    enum Form: CaseIterable {
        case plusSign, leadingZero, trailingSpace, trailingNewline, newlineInCode, missingPadding, fourthPart, cut

        func applied(to text: String) -> String {
            let parts = text.split(separator: ".").map(String.init)
            return switch self {
            case .plusSign: "\(parts[0]).+\(parts[1]).\(parts[2])"
            case .leadingZero: "\(parts[0]).0\(parts[1]).\(parts[2])"
            case .trailingSpace: text + " "
            case .trailingNewline: text + "\n"
            case .newlineInCode: "\(parts[0]).\(parts[1]).\(parts[2].prefix(8))\n\(parts[2].dropFirst(8))"
            case .missingPadding: String(text.prefix { $0 != "." }) + "." + parts[1] + "." + parts[2].filter { $0 != "=" }
            case .fourthPart: text + "."
            case .cut: String(text.dropLast(4))
            }
        }
    }
}
