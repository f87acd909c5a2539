// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport

/// An OpenID provider in this process, on a port of 127.0.0.1. It does what the standards say, checks what its client sends,
/// and can be told to misbehave.
package final class FakeProvider: Sendable {
    package static let clientID = "mayfly"
    package static let clientSecret = "s3cr:et/ +%"

    package enum Answer: Sendable {
        case json(String, status: Int = 200)
        /// So many bytes of white space.
        case bytes(Int)
        case redirect(to: String)
        /// The connection stays open, and nothing comes.
        case silence
        /// The head of an answer, and then one byte now and then.
        case drip
    }

    package struct Call: Sendable {
        /// With the query.
        package let uri: String
        package var path: String { String(uri.prefix { $0 != "?" }) }
        package let form: [String: String]
        package let authorization: String?
    }

    struct Login: Sendable {
        let redirectURI: String
        let challenge: String
        let token: String
    }

    struct State: Sendable {
        var keys: [ProviderKey] = []
        /// What the person in the browser says yes to; nil: they do not answer.
        var person: Claims?
        /// In place of what stands at a path.
        var answers: [String: Answer] = [:]
        var calls: [Call] = []
        /// By authorization code.
        var logins: [String: Login] = [:]
        /// By device code; nil until the person has said yes.
        var devices: [String: String?] = [:]
        /// What it says when asked again; nil: it gives no refresh tokens of its own.
        var renewed: Claims?
        /// Whether each was shown already.
        var refreshTokens: [String: Bool] = [:]
        var givesNoRefreshTokens = false
    }

    let state = Mutex(State())
    package let issuer: String
    private let channel: any Channel
    private let connections: Connections

    /// - Parameter port: nil for any that is free.
    package init(keys: [ProviderKey] = [.p256()], port: Int? = nil) async throws {
        let handler = HandlerBox()
        let connections = Connections()
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeProviderHandler { handler.answer($0) })
                }
            }.bind(host: "127.0.0.1", port: try port ?? Loopback.freePort()).get()
        self.connections = connections
        issuer = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        state.withLock { $0.keys = keys }
        handler.provider.withLock { $0 = WeakProvider(self) }
    }

    deinit { channel.close(promise: nil) }

    /// Answers no more; the port is closed, and nobody else is given it.
    package func stop() async throws {
        try await channel.close()
        connections.closeAll()
    }

    /// The key that tokens are signed with.
    package var key: ProviderKey { state.withLock { $0.keys[0] } }

    /// Publishes these keys and signs with the first.
    package func rotate(to keys: [ProviderKey]) { state.withLock { $0.keys = keys } }

    package func answer(_ path: String, with answer: Answer?) { state.withLock { $0.answers[path] = answer } }

    package func calls(to path: String) -> [Call] { state.withLock { $0.calls.filter { $0.path == path } } }

    /// What a person's browser does with the address they log in at: they say yes, and are sent back.
    /// - Returns: the address of the redirect.
    package func approve(_ authorizationURL: String, _ claims: Claims, key: ProviderKey? = nil) throws -> String {
        let query = Self.query(authorizationURL)
        let token = try (key ?? self.key).token(claims.with("nonce", query["nonce"] ?? "").json)
        return approve(authorizationURL, token: token)
    }

    /// The same with a token made elsewhere.
    package func approve(_ authorizationURL: String, token: String) -> String {
        let query = Self.query(authorizationURL)
        let code = base64URL((0..<16).map { _ in UInt8.random(in: 0...255) })
        let redirect = query["redirect_uri"] ?? ""
        state.withLock {
            $0.logins[code] = Login(redirectURI: redirect, challenge: query["code_challenge"] ?? "", token: token)
        }
        return "\(redirect)?code=\(code)&state=\(query["state"] ?? "")"
    }

    /// The person says yes to every device that waits.
    package func approveDevices(_ claims: Claims) throws {
        let token = try key.token(claims.json)
        state.withLock { for code in $0.devices.keys { $0.devices[code] = token } }
    }

    package static func query(_ url: String) -> [String: String] {
        let items = URLComponents(string: url)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    /// From now on it gives refresh tokens, each good for one use, and says this to whoever brings one.
    package func renew(as claims: Claims?) { state.withLock { $0.renewed = claims } }

    /// How many there are that were not used or revoked.
    package var goodRefreshTokens: Int { state.withLock { $0.refreshTokens.values.filter { !$0 }.count } }

    /// Nor any other.
    package func giveNoRefreshTokens() { state.withLock { $0.givesNoRefreshTokens = true } }

    /// Whoever comes with a browser from now on says yes at once.
    package func approve(everybodyAs claims: Claims?) { state.withLock { $0.person = claims } }

    fileprivate func answer(_ call: Call) -> Answer {
        if call.path == "/authorize", let person = state.withLock({ $0.person }),
            let redirect = try? approve(issuer + call.uri, person)
        {
            return .redirect(to: redirect)
        }
        return state.withLock { state in
            state.calls.append(call)
            if let answer = state.answers[call.path] { return answer }
            switch call.path {
            case "/.well-known/openid-configuration": return .json(configuration)
            case "/keys": return .json(#"{"keys":[\#(state.keys.map(\.jwk).joined(separator: ","))]}"#)
            case "/token": return isClient(call) ? token(call, &state) : .error("invalid_client", status: 401)
            case "/revoke": return isClient(call) ? revoke(call, &state) : .error("invalid_client", status: 401)
            case "/device": return isClient(call) ? device(&state) : .error("invalid_client", status: 401)
            default: return .json("{}", status: 404)
            }
        }
    }

    package var configuration: String {
        """
        {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token",\
        "device_authorization_endpoint":"\(issuer)/device","userinfo_endpoint":"\(issuer)/userinfo","revocation_endpoint":"\(issuer)/revoke","jwks_uri":"\(issuer)/keys",\
        "response_types_supported":["code"],\
        "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}
        """
    }

    /// RFC 6749 §2.3.1: both parts encoded as in a form.
    private func isClient(_ call: Call) -> Bool {
        guard let authorization = call.authorization, authorization.hasPrefix("Basic "),
            let data = Data(base64Encoded: String(authorization.dropFirst(6)))
        else { return false }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":").map { $0.removingPercentEncoding }
        return parts == [Self.clientID, Self.clientSecret]
    }

    private func token(_ call: Call, _ state: inout State) -> Answer {
        switch call.form["grant_type"] {
        case "authorization_code":
            // RFC 6749 §4.1.2: a code works once.
            guard let login = state.logins.removeValue(forKey: call.form["code"] ?? "") else { return .error("invalid_grant") }
            let verifier = call.form["code_verifier"] ?? ""
            guard login.redirectURI == call.form["redirect_uri"], (43...128).contains(verifier.utf8.count),
                base64URL(Data(SHA256.hash(data: Data(verifier.utf8)))) == login.challenge
            else { return .error("invalid_grant") }
            return .tokens(login.token, refresh: newRefreshToken(&state))
        case "urn:ietf:params:oauth:grant-type:device_code":
            let code = call.form["device_code"] ?? ""
            guard let device = state.devices[code] else { return .error("expired_token") }
            guard let token = device else { return .error("authorization_pending") }
            state.devices[code] = nil
            return .tokens(token, refresh: newRefreshToken(&state))
        case "refresh_token":
            let shown = call.form["refresh_token"] ?? ""
            // RFC 9700 §4.14.2: one that comes twice was stolen from one of the two, so none of its family counts any more.
            if state.refreshTokens[shown] == true { state.refreshTokens = [:] }
            guard state.refreshTokens[shown] == false, let claims = state.renewed,
                let token = try? state.keys[0].token(claims.json)
            else { return .error("invalid_grant") }
            state.refreshTokens[shown] = true
            return .tokens(token, refresh: newRefreshToken(&state))
        default: return .error("unsupported_grant_type")
        }
    }

    /// RFC 7009 §2.2: a token it does not know is none of its, so revoked.
    private func revoke(_ call: Call, _ state: inout State) -> Answer {
        state.refreshTokens[call.form["token"] ?? ""] = nil
        return .bytes(0)
    }

    private func newRefreshToken(_ state: inout State) -> String? {
        if state.givesNoRefreshTokens { return nil }
        guard state.renewed != nil else { return "nor-this" }
        let token = "renewal-" + base64URL((0..<16).map { _ in UInt8.random(in: 0...255) })
        state.refreshTokens[token] = false
        return token
    }

    private func device(_ state: inout State) -> Answer {
        let code = base64URL((0..<16).map { _ in UInt8.random(in: 0...255) })
        state.devices.updateValue(nil, forKey: code)
        return .json(
            """
            {"device_code":"\(code)","user_code":"WDJB-MJHT","verification_uri":"\(issuer)/activate",\
            "verification_uri_complete":"\(issuer)/activate?user_code=WDJB-MJHT","expires_in":600,"interval":1}
            """)
    }
}

extension FakeProvider.Answer {
    static func error(_ code: String, status: Int = 400) -> Self {
        .json(#"{"error":"\#(code)","error_description":"no"}"#, status: status)
    }

    static func tokens(_ idToken: String, refresh: String?) -> Self {
        let refresh = refresh.map { #""refresh_token":"\#($0)","# } ?? ""
        return .json(#"{"access_token":"not-for-you","token_type":"Bearer",\#(refresh)"id_token":"\#(idToken)"}"#)
    }
}

private struct WeakProvider: Sendable {
    weak let provider: FakeProvider?
    init(_ provider: FakeProvider) { self.provider = provider }
}

/// What its clients keep open.
private final class Connections: Sendable {
    private let open = Mutex<[any Channel]>([])

    func add(_ channel: any Channel) { open.withLock { $0.append(channel) } }

    func closeAll() {
        for channel in open.withLock({ $0 }) { channel.close(promise: nil) }
    }
}

/// The channel must not keep the provider alive.
private final class HandlerBox: Sendable {
    let provider = Mutex<WeakProvider?>(nil)

    func answer(_ call: FakeProvider.Call) -> FakeProvider.Answer {
        provider.withLock { $0?.provider }?.answer(call) ?? .silence
    }
}
