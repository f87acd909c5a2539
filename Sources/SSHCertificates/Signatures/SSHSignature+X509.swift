// SPDX-License-Identifier: Apache-2.0

extension SSHSignature {
    /// From a signature as X.509 encodes it: 64 bytes for Ed25519, the DER of `ECDSA-Sig-Value` (RFC 5480 appendix A), the
    /// plain number for RSASSA-PKCS1-v1_5.
    /// - Throws: `malformed`, also for the algorithms of security keys, which X.509 does not have.
    package init(x509Encoded signature: [UInt8], algorithm: SSHSignatureAlgorithm) throws(SSHSignatureError) {
        guard !algorithm.keyType.isSecurityKey, signature.count <= SSHLimits.signature else { throw .malformed(algorithm) }
        guard let curve = algorithm.curve else {
            try self.init(algorithm, content: signature)
            return
        }
        guard let (r, s) = Self.integers(ofECDSASignature: signature, maximumBytes: curve.coordinateBytes) else {
            throw .malformed(algorithm)
        }
        var writer = SSHWireWriter()
        writer.write(magnitude: r)
        writer.write(magnitude: s)
        try self.init(algorithm, content: writer.bytes)
    }

    /// Strict DER of SEQUENCE { r INTEGER, s INTEGER }, both positive and minimal, as magnitudes.
    private static func integers(
        ofECDSASignature der: [UInt8], maximumBytes: Int
    ) -> (r: ArraySlice<UInt8>, s: ArraySlice<UInt8>)? {
        var outer = der[...]
        guard var content = element(0x30, &outer), outer.isEmpty,
            let r = element(0x02, &content), let s = element(0x02, &content), content.isEmpty,
            let r = magnitude(r), let s = magnitude(s), r.count <= maximumBytes, s.count <= maximumBytes
        else { return nil }
        return (r, s)
    }

    private static func magnitude(_ integer: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let first = integer.first, first & 0x80 == 0 else { return nil }
        guard first == 0 else { return integer }
        let rest = integer.dropFirst()
        guard let second = rest.first, second & 0x80 != 0 else { return nil }
        return rest
    }

    /// Takes one element with this tag and a length below 256, which every ECDSA signature has.
    private static func element(_ tag: UInt8, _ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.popFirst() == tag, var length = bytes.popFirst() else { return nil }
        if length == 0x81 {
            guard let long = bytes.popFirst(), long >= 0x80 else { return nil }
            length = long
        } else if length >= 0x80 {
            return nil
        }
        guard bytes.count >= Int(length) else { return nil }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return bytes.prefix(Int(length))
    }
}
