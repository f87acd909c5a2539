// SPDX-License-Identifier: Apache-2.0

package import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
package import NIOSSL

/// Calls to a provider: limited in bytes and in time, and never redirected, so that it cannot send us anywhere.
package struct ProviderConnection: Sendable {
    private let http: HTTPClient
    private let tls: TLSConfiguration?
    private let deadline: Duration

    /// Metadata and key sets of real providers have 2 to 8 KiB.
    static let maximumBytes = 64 * 1024

    /// - Parameters:
    ///   - http: made with `configuration`.
    ///   - tls: nil for the authorities this machine trusts.
    ///   - deadline: for a whole call; a person waits for it.
    package init(http: HTTPClient, tls: TLSConfiguration? = nil, deadline: Duration = .seconds(10)) {
        self.http = http
        self.tls = tls
        self.deadline = deadline
    }

    package static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    func get(
        _ url: ProviderURL, _ document: ProviderError.Document, authorization: String? = nil
    ) async throws(ProviderError) -> [String: JSONValue] {
        var request = HTTPClientRequest(url: url.text)
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        let (status, body) = try await send(request, document)
        guard status == 200 else { throw .status(document, status) }
        return try Self.object(body, document)
    }

    /// - Returns: the document of a success, or of an error as RFC 6749 §5.2 has it.
    func post(
        _ url: ProviderURL, form: [(String, String)], authorization: String?, _ document: ProviderError.Document
    ) async throws(ProviderError) -> [String: JSONValue] {
        let (status, body) = try await send(Self.request(url, form, authorization), document)
        guard status == 200 || Self.isRefusal(status) else { throw .status(document, status) }
        let reply = try Self.object(body, document)
        if let code = reply["error"]?.string { throw .refused(Self.printable(code)) }
        guard status == 200 else { throw .status(document, status) }
        return reply
    }

    /// For an endpoint whose success says nothing more (RFC 7009 §2.2).
    func tell(
        _ url: ProviderURL, form: [(String, String)], authorization: String?, _ document: ProviderError.Document
    ) async throws(ProviderError) {
        let (status, body) = try await send(Self.request(url, form, authorization), document)
        if (200..<300).contains(status) { return }
        if Self.isRefusal(status), let code = try Self.object(body, document)["error"]?.string {
            throw .refused(Self.printable(code))
        }
        throw .status(document, status)
    }

    private static func request(_ url: ProviderURL, _ form: [(String, String)], _ authorization: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(string: FormEncoding.encode(form)))
        return request
    }

    /// Whether an error document may come with it (RFC 6749 §5.2).
    private static func isRefusal(_ status: Int) -> Bool { status == 400 || status == 401 || status == 403 }

    private func send(
        _ request: HTTPClientRequest, _ document: ProviderError.Document
    ) async throws(ProviderError) -> (Int, [UInt8]) {
        var request = request
        request.tlsConfiguration = tls
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "mayfly")
        let (status, body): (Int, [UInt8]?)
        do {
            (status, body) = try await within(deadline) { [http, request] in
                let response = try await http.execute(request, timeout: .seconds(60))
                // Not read to its end: what is too large is not even received.
                do {
                    return (
                        Int(response.status.code),
                        Array(try await response.body.collect(upTo: Self.maximumBytes).readableBytesView)
                    )
                } catch is NIOTooManyBytesError {
                    return (Int(response.status.code), nil)
                }
            }
        } catch is DeadlineExceeded {
            throw .tooSlow(document)
        } catch let error as HTTPClientError where error == .readTimeout || error == .connectTimeout {
            throw .tooSlow(document)
        } catch {
            throw .unreachable(document)
        }
        guard !(300..<400).contains(status) else { throw .redirected(document) }
        guard let body else { throw .tooLarge(document, limit: Self.maximumBytes) }
        return (status, body)
    }

    private static func object(
        _ bytes: [UInt8], _ document: ProviderError.Document
    ) throws(ProviderError) -> [String: JSONValue] {
        do {
            return try JSONReader.object(bytes)
        } catch {
            throw .documentInvalid(document, "it is not a JSON object")
        }
    }

    /// RFC 6749 §5.2 allows only these in an error code; it ends up on terminals and in logs.
    private static func printable(_ code: String) -> String {
        String(code.prefix(64).filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    }
}

private struct DeadlineExceeded: Error {}

/// What `body` returns, if it does so in time; a peer that sends one byte now and then does not hold us.
private func within<Result: Sendable>(
    _ deadline: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: deadline)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
