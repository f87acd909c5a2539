// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

extension AuditEvent {
    /// Larger events are neither written nor read.
    package static let maximumBytes = 64 * 1024

    /// The bytes of the leaf: canonical JSON in UTF-8.
    package var canonicalBytes: [UInt8] {
        get throws(AuditEventError) {
            guard actor?.claims?.values.allSatisfy({ $0.nesting <= AuditClaim.deepestNesting }) ?? true else {
                throw .nestedTooDeep
            }
            var json = CanonicalJSONWriter()
            write(to: &json)
            guard json.bytes.count <= Self.maximumBytes else { throw .tooLong(json.bytes.count) }
            return json.bytes
        }
    }

    /// Reads a leaf. Takes only what `canonicalBytes` writes, so that one event has one leaf.
    package init(canonical bytes: [UInt8]) throws(AuditEventError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(bytes.count) }
        let data = Data(bytes)
        do {
            self = try JSONDecoder().decode(AuditEvent.self, from: data)
        } catch {
            let found = try? JSONDecoder().decode(FormatVersion.self, from: data).v
            guard let found, found != Self.currentVersion else { throw .notAnEvent }
            throw .unknownVersion(found)
        }
        guard version == Self.currentVersion else { throw .unknownVersion(version) }
        guard try canonicalBytes == bytes else { throw .notCanonical }
    }

    package static func isCanonical(_ bytes: [UInt8]) -> Bool {
        (try? AuditEvent(canonical: bytes)) != nil
    }

    private struct FormatVersion: Decodable {
        let v: Int
    }
}

package enum AuditEventError: Error, Equatable {
    case tooLong(Int)
    case nestedTooDeep
    case notAnEvent
    case unknownVersion(Int)
    case notCanonical
}

extension AuditEventError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let count): "the event has \(count) bytes, more than \(AuditEvent.maximumBytes)"
        case .nestedTooDeep: "a claim has lists nested more than \(AuditClaim.deepestNesting) deep"
        case .notAnEvent: "the entry of the log is not an event this version knows"
        case .unknownVersion(let version):
            "the event has format version \(version), this version reads \(AuditEvent.currentVersion)"
        case .notCanonical: "the event is not in canonical form, or has members this version does not know"
        }
    }
}

// What follows names the members in their canonical order. Tests hold it against `JSONEncoder` with sorted keys.

extension AuditEvent: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("access", access)
            $0.member("actor", actor)
            $0.member("certificate", certificate)
            $0.member("clock", clock)
            $0.member("decision", decision)
            $0.member("key", key)
            $0.member("message", message)
            $0.member("policy", policy)
            $0.member("policy_source", policySource)
            $0.member("request", request)
            $0.member("time", time)
            $0.member("type", type)
            $0.member("v", version)
        }
    }
}

extension AuditEvent.Actor: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("address", address)
            $0.member("authenticated_at", authenticatedAt)
            $0.member("claims", claims)
            $0.member("groups", groups)
            $0.member("login", login)
            $0.member("mfa", mfa)
            $0.member("provider", provider)
            $0.member("session", session)
            $0.member("user", user)
        }
    }
}

extension AuditEvent.Request: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("capability", capability)
            $0.member("cause", cause)
            $0.member("host", host)
            $0.member("id", id)
            $0.member("key_type", keyType)
            $0.member("kind", kind)
            $0.member("lifetime", lifetime)
            $0.member("logins", logins)
            $0.member("names", names)
            $0.member("public_key", publicKey)
            $0.member("reason", reason)
            $0.member("role", role)
            $0.member("route", route)
            $0.member("ticket", ticket)
        }
    }
}

extension AuditEvent.Decision: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("narrowed", narrowed)
            $0.member("reasons", reasons)
            $0.member("result", result)
            $0.member("rule", rule)
        }
    }
}

extension AuditEvent.Certificate: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("issuer", issuer)
            $0.member("key_id", keyID)
            $0.member("kind", kind)
            $0.member("names", names)
            $0.member("options", options)
            $0.member("principals", principals)
            $0.member("serial", serial)
            $0.member("sha256", digest)
            $0.member("valid_after", validAfter)
            $0.member("valid_before", validBefore)
        }
    }
}

extension AuditEvent.PolicySource: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("commit", commit)
            $0.member("signer", signer)
        }
    }
}

extension AuditEvent.Clock: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("from", from)
            $0.member("to", to)
        }
    }
}

extension AuditEvent.Key: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("fingerprint", fingerprint)
            $0.member("purpose", purpose)
        }
    }
}

extension AuditEvent.Kind: CanonicalJSON {}
extension AuditEvent.CertificateKind: CanonicalJSON {}
extension AuditEvent.Decision.Result: CanonicalJSON {}

extension AuditTime: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) { json.string(text) }
}

extension AuditClaim: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        switch self {
        case .absent: json.literal("null")
        case .bool(let flag): flag.write(to: &json)
        case .integer(let number): number.write(to: &json)
        case .string(let text): json.string(text)
        case .list(let members): members.write(to: &json)
        }
    }
}
