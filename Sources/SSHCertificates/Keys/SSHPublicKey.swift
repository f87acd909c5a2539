// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// A plain public key (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, PROTOCOL.u2f) of sufficient strength. Never a certificate.
package struct SSHPublicKey: Sendable {
    /// The wire form, type name included. There is only one for a key: other forms are refused.
    package let blob: [UInt8]
    let material: SSHKeyMaterial

    package var type: SSHKeyType { material.type }

    package init(parsing blob: [UInt8]) throws(SSHKeyError) {
        guard blob.count <= SSHLimits.keyBlob else { throw .wire(.tooLong(field: "key", limit: SSHLimits.keyBlob)) }
        var reader = SSHWireReader<SSHKeyError>(blob)
        let type = try SSHKeyType(name: try reader.readText("key type", limit: SSHLimits.name))
        material = try SSHKeyMaterial(type, from: &reader)
        try reader.finish(after: "key")
        self.blob = blob
    }

    init(_ material: SSHKeyMaterial) {
        var writer = SSHWireWriter()
        writer.write(string: material.type.rawValue)
        material.write(to: &writer)
        self.material = material
        blob = writer.bytes
    }

    /// As `ssh-keygen -l` prints it: `SHA256:` and unpadded base64.
    package var fingerprint: String { Self.fingerprint(of: SHA256.hash(data: blob)) }

    /// - Parameter digest: SHA-256 of a key's blob.
    static func fingerprint(of digest: some Sequence<UInt8>) -> String { "SHA256:" + StrictBase64.encodeUnpadded(digest) }
}

extension SSHPublicKey: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.blob == right.blob }
    package func hash(into hasher: inout Hasher) { hasher.combine(blob) }
}

extension SSHPublicKey: CustomStringConvertible {
    package var description: String { "\(type.rawValue) \(fingerprint)" }
}
