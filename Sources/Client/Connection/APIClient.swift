// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServiceAPI

/// Calls to one server, over TLS 1.3 that trusts its service CA and nothing else, as whoever the session says.
package struct APIClient: Sendable {
    package let address: ServerAddress
    private let http: HTTPClient
    /// Of a workload without a session.
    private let token: String?

    private static let timeout = TimeAmount.seconds(60)
    private static let maximumReplyBytes = 16 << 20
    /// Before the second and the third attempt.
    private static let pauses: [Duration] = [.milliseconds(200), .seconds(1)]

    /// - Parameters:
    ///   - serviceCA: PEM.
    ///   - session: `nil` to call as nobody.
    ///   - token: of a workload, shown with calls that issue a certificate and no others; goes with no session.
    ///   - machine: what is to be renewed; goes with no session.
    package static func connected<Result>(
        to address: ServerAddress, serviceCA: String, session: Session?, token: String? = nil,
        machine: ClientCredential? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try tls(
                serviceCA: serviceCA,
                machine ?? session.map { ClientCredential(chain: $0.certificate, key: $0.key.pem) }),
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(30)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration
        ) { http in
            try await body(APIClient(address: address, http: http, token: token))
        }
    }

    private static func tls(serviceCA: String, _ credential: ClientCredential?) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.certificateVerification = .fullVerification
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(serviceCA.utf8)))
        if let credential {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(credential.chain.utf8)).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(credential.key.utf8), format: .pem))
        }
        return tls
    }

    func get<Reply: Decodable>(_ path: String, _ query: KeyValuePairs<String, String?> = [:]) async throws -> Reply {
        try Self.decode(try await send(.GET, path + Self.encode(query), body: nil, headers: [:]))
    }

    /// - Returns: nil for a success without content.
    func getIfAny<Reply: Decodable>(_ path: String, _ query: KeyValuePairs<String, String?>) async throws -> Reply? {
        let reply = try await send(.GET, path + Self.encode(query), body: nil, headers: [:])
        return reply.readableBytes == 0 ? nil : try Self.decode(reply)
    }

    func post<Reply: Decodable>(_ path: String, _ document: some Encodable) async throws -> Reply {
        try Self.decode(try await send(.POST, path, body: try Self.encode(document), headers: [:]))
    }

    /// Of a call whose success says nothing more.
    func submit(_ path: String, _ document: some Encodable) async throws {
        _ = try await send(.POST, path, body: try Self.encode(document), headers: [:])
    }

    func delete(_ path: String) async throws {
        _ = try await send(.DELETE, path, body: nil, headers: [:])
    }

    /// A call that may be repeated when its reply is lost: the server answers a key it has seen with what it issued then.
    func issue<Reply: Decodable>(_ path: String, _ document: some Encodable) async throws -> Reply {
        let body = try Self.encode(document)
        var headers: HTTPHeaders = [idempotencyKeyHeader: UUID().uuidString.lowercased()]
        if let token { headers.add(name: "authorization", value: "Bearer \(token)") }
        for pause in Self.pauses {
            do {
                return try Self.decode(try await send(.POST, path, body: body, headers: headers))
            } catch ClientError.unreachable {
                try await Task.sleep(for: pause)
            }
        }
        return try Self.decode(try await send(.POST, path, body: body, headers: headers))
    }

    /// What the server takes the time to be, in whole seconds; nil when it does not say.
    package func serverTime() async throws -> Date? {
        do {
            let response = try await http.execute(HTTPClientRequest(url: address.url + Paths.health), timeout: Self.timeout)
            _ = try await response.body.collect(upTo: Self.maximumReplyBytes)
            return response.headers.first(name: "date").flatMap(HTTPDate.parse)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw ClientError(error, server: address)
        }
    }

    private func send(_ method: HTTPMethod, _ path: String, body: ByteBuffer?, headers: HTTPHeaders) async throws -> ByteBuffer
    {
        var request = HTTPClientRequest(url: address.url + path)
        request.method = method
        request.headers = headers
        request.headers.add(name: "accept", value: "application/json, application/problem+json")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        let status: HTTPResponseStatus
        let reply: ByteBuffer
        do {
            let response = try await http.execute(request, timeout: Self.timeout)
            status = response.status
            reply = try await response.body.collect(upTo: Self.maximumReplyBytes)
        } catch is NIOTooManyBytesError {
            throw ClientError.unexpectedReply("it has more than \(Self.maximumReplyBytes) bytes")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw ClientError(error, server: address)
        }
        guard (200..<300).contains(status.code) else {
            guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(reply.readableBytesView)) else {
                throw ClientError.unexpectedReply("status \(status.code)")
            }
            throw ClientError.problem(problem)
        }
        return reply
    }

    private static func encode(_ document: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return ByteBuffer(bytes: try encoder.encode(document))
    }

    private static func decode<Reply: Decodable>(_ bytes: ByteBuffer) throws(ClientError) -> Reply {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(Reply.self, from: Data(bytes.readableBytesView))
        } catch {
            throw .unexpectedReply("it is not the document that belongs here")
        }
    }

    /// RFC 3986 §3.4; everything but unreserved characters is escaped.
    private static func encode(_ query: KeyValuePairs<String, String?>) -> String {
        let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        let pairs = query.compactMap { key, value in
            value.map { value in
                key + "="
                    + value.utf8.map { byte in
                        if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
                        return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                    }.joined()
            }
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}

/// What a connection is opened with.
package struct ClientCredential: Sendable {
    /// PEM, the leaf first.
    let chain: String
    /// PEM.
    let key: String
}
