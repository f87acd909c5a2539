// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import ServiceAPI
import SwiftASN1
import Synchronization
import TestSupport
import Testing
import X509

@testable import Client

/// Logins that wait for the person, and for a server that is not there for a while.
struct ProviderSessionsTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    /// What the client did while it waited.
    private final class Record: Sendable {
        let pauses = Mutex<[Duration]>([])
        let secondsLeft = Mutex<[Int]>([])
    }

    private func logIn(
        hasBrowser: Bool = false, interval: Int = 5, expiresAt: Date = Date() + 600, polls: [TestServer.Answer] = [],
        _ record: Record
    ) async throws -> SessionReply {
        let key = SessionKey()
        let authority = authority
        let server = try await TestServer(tls: try authority.tls(try authority.leaf())) { call, before in
            switch call.uri {
            case Paths.loginProviders:
                Self.json(
                    LoginProviderList(providers: [
                        LoginProvider(name: "corp", type: .people, deviceFlow: true, redirectPort: nil, available: true)
                    ]))
            case Paths.loginDevices:
                Self.json(
                    Device(
                        device: "x", userCode: "A-B", verificationURI: "https://idp.example.com/", verificationURIComplete: nil,
                        interval: interval, expiresAt: expiresAt))
            case Paths.loginAuthorizations:
                Self.json(
                    Authorization(authorizationURL: "https://idp.example.com/", state: "s", expiresAt: expiresAt))
            case Paths.deviceSessions where before - 2 < polls.count: polls[before - 2]
            default: (try? Self.json(Self.session(authority, call))) ?? .none
            }
        }
        let prompt = ProviderPrompt(
            hasBrowser: hasBrowser,
            open: { _, port in
                // A browser that comes back once the person was told that they are waited for.
                Task {
                    while record.secondsLeft.withLock({ $0.isEmpty }) { await Task.yield() }
                    _ = try await run(
                        "curl", ["-q", "--silent", "--noproxy", "*", "http://127.0.0.1:\(port)/callback?code=x&state=s"])
                }
            }, show: { _ in },
            wait: { left in record.secondsLeft.withLock { $0.append(left) } })
        return try await APIClient.connected(to: server.address, serviceCA: try authority.pem, session: nil) { client in
            try await ProviderSessions(
                client: client, key: key,
                pause: { pause in
                    record.pauses.withLock { $0.append(pause) }
                    while record.secondsLeft.withLock({ $0.isEmpty }) { await Task.yield() }
                }
            ).open("corp", prompt)
        }
    }

    private static func session(_ authority: TestAuthority, _ call: TestServer.Call) throws -> SessionReply {
        struct Request: Decodable { let csr: String }
        let request = try JSONDecoder().decode(Request.self, from: Data(call.body))
        let key = try CertificateSigningRequest(pemEncoded: request.csr).publicKey
        return SessionReply(
            certificate: try authority.certificate(for: key).serializeAsPEM().pemString + "\n", expiresAt: Date() + 3600,
            identity: WhoAmI(provider: "corp", user: "ana", login: nil, groups: [], sessionExpiresAt: nil))
    }

    private static func json(_ document: some Encodable, status: HTTPResponseStatus = .ok) -> TestServer.Answer {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return .json(String(decoding: (try? encoder.encode(document)) ?? Data(), as: UTF8.self), status: status)
    }

    private static func problem(_ kind: Problem.Kind, _ status: HTTPResponseStatus) -> TestServer.Answer {
        json(Problem(type: kind, status: Int(status.code), title: "no", detail: kind.rawValue), status: status)
    }

    @Test func `what will pass is waited out, longer each time, and the login goes on`() async throws {
        let pending = Self.problem(.loginPending, .badRequest)
        let record = Record()
        let reply = try await logIn(
            polls: [
                pending, Self.problem(.tooManyRequests, .tooManyRequests), Self.problem(.unavailable, .serviceUnavailable),
                .none,
                Self.problem(.unavailable, .serviceUnavailable), .none, pending, Self.problem(.slowDown, .badRequest), .none,
            ], record)
        #expect(reply.identity.user == "ana")
        #expect(
            record.pauses.withLock { $0 } == [5, 5, 10, 20, 40, 60, 60, 5, 10, 20].map { .seconds($0) })
    }

    @Test(arguments: [true, false])
    func `the person is told how long the login waits for them`(hasBrowser: Bool) async throws {
        let record = Record()
        _ = try await logIn(hasBrowser: hasBrowser, record)
        #expect(try #require(record.secondsLeft.withLock { $0.first }) <= 600)
    }

    @Test func `a last word ends it`() async throws {
        for kind in [Problem.Kind.loginFailed, .notAuthenticated, .invalidValue, .internalError] {
            let error = await #expect(throws: ClientError.self) {
                _ = try await logIn(polls: [Self.problem(kind, .unauthorized)], Record())
            }
            #expect(error == .problem(Problem(type: kind, status: 401, title: "no", detail: kind.rawValue)))
        }
    }

    @Test func `a code that has expired is polled with no more`() async throws {
        let record = Record()
        await #expect(throws: ClientError.loginTimedOut) {
            _ = try await logIn(expiresAt: Date() - 1, record)
        }
        #expect(record.pauses.withLock { $0 }.isEmpty)
    }
}
