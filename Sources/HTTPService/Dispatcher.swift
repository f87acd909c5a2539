// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Issuance
import Logging
import NIOCore
import Policies
import ServiceAPI

import struct Crypto.SHA256

/// Every request takes this one path: limits, authentication, authorization, the endpoint, the reply.
struct Dispatcher: HTTPResponder {
    typealias Context = BasicRequestContext

    private let endpoints: [String: [HTTPRequest.Method: Endpoint]]
    private let authenticator: SessionAuthenticator
    private let tokens: TokenAuthenticator
    private let authority: Authority
    private let limits: ServiceLimits
    private let clock: any WallClock
    /// A person who mistypes a role a few times a minute is served; a loop is not.
    private let denials = RateLimiter(rate: 1, burst: 60)

    init(
        endpoints: [Endpoint], authenticator: SessionAuthenticator, tokens: TokenAuthenticator, authority: Authority,
        limits: ServiceLimits, clock: any WallClock
    ) {
        self.clock = clock
        self.endpoints = endpoints.reduce(into: [:]) { $0[$1.path, default: [:]][$1.method] = $1 }
        self.authenticator = authenticator
        self.tokens = tokens
        self.authority = authority
        self.limits = limits
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let id = UUID().uuidString.lowercased()
        var logger = context.logger
        logger[metadataKey: "request.id"] = .string(id)
        do {
            let reply = try await answer(request, id: id)
            logger.info("request", metadata: Self.facts(of: request, status: reply.status.code))
            return Response(status: reply.status, headers: reply.allHeaders, body: .init(byteBuffer: reply.body))
        } catch {
            let problem = Problem(error, requestID: id)
            var facts = Self.facts(of: request, status: problem.status)
            if problem.kind == .internalError { facts["error"] = .string(String(reflecting: error)) }
            logger.log(level: problem.kind == .internalError ? .error : .info, "request", metadata: facts)
            return Response(problem, allow: error as? CallError)
        }
    }

    private func answer(_ request: Request, id: String) async throws -> Reply {
        guard let (methods, place) = endpoints(at: request.uri.path) else { throw CallError.noSuchPath }
        guard let endpoint = methods[request.method] else {
            throw CallError.methodNotAllowed(methods.keys.map(\.rawValue).sorted())
        }
        let body = try await body(of: request)
        let peer = ConnectionPeer.current
        let call = Call(
            body: body, query: try query(of: request, endpoint), id: place, address: peer?.address, requestID: id,
            idempotencyKey: try idempotencyKey(of: request, body: body))
        switch endpoint.answer {
        case .anyone(let answer):
            return try await answer(call)
        case .sessionOrToken(let answer):
            let proven = try await proven(call, request, peer)
            return try await answering(proven.caller, call) {
                do {
                    return try await answer(proven)
                } catch CommitRefusal.challengeAlreadyUsed {
                    throw AuthenticationError.token(.usedBefore(proven.caller.identity.provider))
                }
            }
        case .machine(let answer):
            guard case .machine(let certificate) = peer?.certificate else { throw AuthenticationError.noMachine }
            return try await answer(MachineCall(call: call, certificate: certificate))
        case .session(let answer):
            let authenticated = try await authenticated(call, peer)
            return try await answering(authenticated.caller, call) { try await answer(authenticated) }
        case .capability(let capability, let answer):
            let authenticated = try await authenticated(call, peer)
            return try await answering(authenticated.caller, call) {
                try await authority.requireCapability(capability, of: authenticated.caller)
                return try await answer(authenticated)
            }
        }
    }

    /// What is served at a path, and the part of it that stands for `{id}`.
    private func endpoints(at path: String) -> ([HTTPRequest.Method: Endpoint], id: String)? {
        if let methods = endpoints[path], !path.contains("{") { return (methods, "") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for place in parts.indices where !parts[place].isEmpty {
            var template = parts
            template[place] = "{id}"
            if let methods = endpoints[template.joined(separator: "/")] { return (methods, String(parts[place])) }
        }
        return nil
    }

    /// Each refusal is an event of the log, so nobody may cause them without end.
    private func answering(_ caller: Caller, _ call: Call, _ answer: () async throws -> Reply) async throws -> Reply {
        // A job can have as many tokens as it likes, and yet comes from one place.
        let name = caller.identity.user ?? caller.session.map { "session \($0)" } ?? "at \(call.sender)"
        let sender = "\(caller.identity.provider)/\(name)"
        guard denials.hasToken(for: sender, at: clock.now) else { throw CallError.tooManyRequests }
        do {
            return try await answer()
        } catch let error as DeniedError {
            _ = denials.permits(sender, at: clock.now)
            throw error
        }
    }

    private func query(of request: Request, _ endpoint: Endpoint) throws -> [String: String] {
        var query: [String: String] = [:]
        for (key, value) in request.uri.queryParameters {
            guard endpoint.query.contains(String(key)) else {
                throw CallError.malformed("unknown query parameter `\(key.prefix(100))`")
            }
            guard query.updateValue(String(value), forKey: String(key)) == nil else {
                throw CallError.malformed("query parameter `\(key)` stands twice")
            }
        }
        return query
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: limits.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            throw CallError.tooLarge(limit: limits.maximumBodyBytes)
        }
    }

    private func authenticated(_ call: Call, _ peer: ConnectionPeer?) async throws -> AuthenticatedCall {
        if case .machine = peer?.certificate { throw AuthenticationError.unknownSession }
        let (identity, session) = try await authenticator.authenticated(peer?.session, address: peer?.address)
        let authenticator = authenticator
        let caller = Caller(
            identity: identity, session: session.serial, requestID: call.requestID,
            idempotencyKey: call.idempotencyKey,
            keys: authenticator.keys(of: session), isStillKnown: { authenticator.stillKnows(session) })
        return AuthenticatedCall(call: call, caller: caller, session: session)
    }

    private func proven(_ call: Call, _ request: Request, _ peer: ConnectionPeer?) async throws -> ProvenCall {
        guard let authorization = request.headers[.authorization] else {
            return ProvenCall(call: call, caller: try await authenticated(call, peer).caller)
        }
        switch peer?.certificate {
        case .session: throw CallError.malformed("it has both a session certificate and a token")
        case .machine: throw CallError.malformed("it has both the certificate of a machine and a token")
        case nil: return ProvenCall(call: call, caller: try await tokens.authenticated(authorization, call))
        }
    }

    private func idempotencyKey(of request: Request, body: ByteBuffer) throws -> IdempotencyKey? {
        guard request.method == .post, let name = HTTPField.Name(idempotencyKeyHeader), let key = request.headers[name]
        else { return nil }
        guard IdempotencyKey.isValid(key) else {
            throw CallError.invalid("`\(idempotencyKeyHeader)` must be 1 to 255 printable ASCII characters")
        }
        var digest = SHA256()
        digest.update(data: Data("\(request.method.rawValue) \(request.uri.path)\n".utf8))
        digest.update(data: Data(body.readableBytesView))
        return IdempotencyKey(key: key, requestDigest: Array(digest.finalize()))
    }

    private static func facts(of request: Request, status: Int) -> Logger.Metadata {
        [
            "method": .string(request.method.rawValue), "path": .string(request.uri.path), "status": .stringConvertible(status),
            "peer": .string(ConnectionPeer.current?.address ?? ""),
        ]
    }
}

package struct ServiceLimits: Sendable {
    package var maximumBodyBytes: Int
    package var requestSeconds: Int64

    /// A request is at most a CSR of 64 KiB in PEM with what surrounds it; half a minute is enough for the slowest line.
    package static let standard = ServiceLimits(maximumBodyBytes: 256 * 1024, requestSeconds: 30)

    package init(maximumBodyBytes: Int, requestSeconds: Int64) {
        self.maximumBodyBytes = maximumBodyBytes
        self.requestSeconds = requestSeconds
    }
}

extension Reply {
    var allHeaders: HTTPFields {
        guard !contentType.isEmpty else { return headers }
        return headers + [.contentType: contentType, .cacheControl: "no-store"]
    }
}

extension Response {
    init(_ problem: Problem, allow: CallError?) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let body = (try? encoder.encode(problem)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if case .methodNotAllowed(let methods) = allow { headers[.allow] = methods.joined(separator: ", ") }
        if problem.kind == .tooManyRequests { headers[.retryAfter] = "1" }
        self.init(
            status: .init(code: problem.status, reasonPhrase: problem.title), headers: headers, body: .init(byteBuffer: body))
    }
}
