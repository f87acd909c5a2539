// SPDX-License-Identifier: Apache-2.0

import Authentication
import Foundation
import Hummingbird
import Issuance
import NIOCore
import NIOFoundationEssentialsCompat
import ServiceAPI

/// One request after the middleware: its body within the limit, its sender authenticated and authorized where the
/// endpoint asks for it.
struct Call: Sendable {
    let body: ByteBuffer
    let query: [String: String]
    /// What stands for `{id}` in the path, as it was sent; empty where the path has none.
    let id: String
    /// IPv4 or IPv6 text of the peer.
    let address: String?
    let requestID: String
    /// Of a POST that had one.
    var idempotencyKey: IdempotencyKey?

    /// Whom limits count it for.
    var sender: String { RateLimiter.sender(at: address) }

    /// The request document.
    /// - Throws: `CallError.malformed` naming the member that does not fit.
    func decode<Document: RequestDocument>(_ type: Document.Type) throws(CallError) -> Document {
        try decode(type, from: Data(buffer: body))
    }

    /// A document within the request document.
    func decode<Document: RequestDocument>(_ type: Document.Type, from data: Data) throws(CallError) -> Document {
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            return try decoder.decode(Strict<Document>.self, from: data).document
        } catch let error as UnknownMember {
            throw .malformed("unknown member `\(error.name.prefix(100))`")
        } catch let error as DecodingError {
            throw .malformed(error.place)
        } catch {
            throw .malformed("the body is not valid JSON")
        }
    }

    /// One value of a body of type `application/x-www-form-urlencoded`; the others are passed over.
    func formValue(_ name: String) throws(CallError) -> String {
        let pairs = String(decoding: body.readableBytesView, as: UTF8.self).split(separator: "&")
        let values = pairs.filter { $0.hasPrefix(name + "=") }.map { $0.dropFirst(name.utf8.count + 1) }
        guard values.count == 1, let value = values.first.flatMap({ String($0).removingPercentEncoding }) else {
            throw .malformed("the body is no form with one `\(name)`")
        }
        return value
    }

    /// - Returns: false where it is not there.
    func flag(_ name: String) throws(CallError) -> Bool {
        switch query[name] {
        case "true": true
        case "false", nil: false
        default: throw .malformed("`\(name)` is `true` or `false`")
        }
    }

    func unsigned(_ name: String) throws(CallError) -> UInt64? {
        guard let text = query[name] else { return nil }
        guard let value = UInt64(text), Int64(exactly: value) != nil else {
            throw .malformed("`\(name)` is not a whole number")
        }
        return value
    }
}

/// A call whose sender is known, by a session or by a token.
struct ProvenCall: Sendable {
    let call: Call
    let caller: Caller
}

/// A call whose sender is known by a session.
struct AuthenticatedCall: Sendable {
    let call: Call
    let caller: Caller
    let session: SessionRecord
}

/// A call over a connection that was opened with a certificate of an issuing CA.
struct MachineCall: Sendable {
    let call: Call
    let certificate: MachineCertificate
}

/// What is wrong with a request before it says anything to the authority.
enum CallError: Error, Equatable {
    case malformed(String)
    case invalid(String)
    case tooLarge(limit: Int)
    case tooManyRequests
    /// What is asked for will be there soon.
    case notReady(String)
    case noSuchPath
    case methodNotAllowed([String])
}

extension DecodingError {
    /// What is wrong and where, in the words of the document rather than of the language.
    fileprivate var place: String {
        func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + [last].compactMap { $0 }).map { $0.intValue.map(String.init) ?? $0.stringValue }
                .joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, let context): return "`\(path(context, key))` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return context.codingPath.isEmpty ? "the body is not a JSON object" : "`\(path(context))` is of the wrong type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "the body is not valid JSON, or has a number that does not fit" : "`\(path(context))` is not valid"
        @unknown default: return "the body is not valid"
        }
    }
}
