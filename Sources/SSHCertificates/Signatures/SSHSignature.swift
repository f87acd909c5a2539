// SPDX-License-Identifier: Apache-2.0

/// A signature in SSH form: algorithm name, then what the algorithm says (RFC 4253 §6.6). Well-formed, not verified.
package struct SSHSignature: Sendable {
    package let algorithm: SSHSignatureAlgorithm
    /// The wire form, algorithm name included.
    package let blob: [UInt8]
    let value: Value

    enum Value: Sendable, Hashable {
        /// 64 bytes.
        case ed25519([UInt8])
        /// r and s, each padded to the size of the curve's coordinates.
        case ecdsa([UInt8])
        case rsa([UInt8])
        indirect case securityKey(Value, flags: UInt8, counter: UInt32)
    }

    package init(parsing blob: [UInt8]) throws(SSHSignatureError) {
        guard blob.count <= SSHLimits.signature else {
            throw .wire(.tooLong(field: "signature", limit: SSHLimits.signature))
        }
        var reader = SSHWireReader<SSHSignatureError>(blob)
        let name = try reader.readText("signature algorithm", limit: SSHLimits.name)
        guard name != SSHKeyType.rsa.rawValue else { throw .sha1 }
        guard let algorithm = SSHSignatureAlgorithm(rawValue: name) else { throw .unknownAlgorithm(name) }
        value = try Self.readValue(algorithm, &reader)
        try reader.finish(after: "signature")
        self.algorithm = algorithm
        self.blob = blob
    }

    init(_ algorithm: SSHSignatureAlgorithm, content: [UInt8]) throws(SSHSignatureError) {
        var writer = SSHWireWriter()
        writer.write(string: algorithm.rawValue)
        writer.write(string: content)
        try self.init(parsing: writer.bytes)
    }

    private static func readValue(
        _ algorithm: SSHSignatureAlgorithm, _ reader: inout SSHWireReader<SSHSignatureError>
    ) throws(SSHSignatureError) -> Value {
        let content = try reader.readString("signature content", limit: SSHLimits.signature)
        switch algorithm {
        case .ed25519:
            return .ed25519(try ed25519(content, algorithm))
        case .ecdsaP256:
            return .ecdsa(try rs(content, .p256, algorithm))
        case .ecdsaP384:
            return .ecdsa(try rs(content, .p384, algorithm))
        case .ecdsaP521:
            return .ecdsa(try rs(content, .p521, algorithm))
        case .rsaSHA256, .rsaSHA512:
            let possible = (SSHLimits.rsaBits.lowerBound + 7) / 8...(SSHLimits.rsaBits.upperBound + 7) / 8
            guard possible.contains(content.count) else { throw .malformed(algorithm) }
            return .rsa(Array(content))
        case .securityKeyEd25519, .securityKeyECDSAP256:
            let inner: Value =
                algorithm == .securityKeyEd25519
                ? .ed25519(try ed25519(content, algorithm)) : .ecdsa(try rs(content, .p256, algorithm))
            let flags = try reader.readUInt8("security key flags")
            return .securityKey(inner, flags: flags, counter: try reader.readUInt32("security key counter"))
        }
    }

    private static func ed25519(
        _ content: ArraySlice<UInt8>, _ algorithm: SSHSignatureAlgorithm
    ) throws(SSHSignatureError) -> [UInt8] {
        guard content.count == 64 else { throw .malformed(algorithm) }
        return Array(content)
    }

    /// RFC 5656 §3.1.2: mpint r, mpint s.
    private static func rs(
        _ content: ArraySlice<UInt8>, _ curve: SSHCurve, _ algorithm: SSHSignatureAlgorithm
    ) throws(SSHSignatureError) -> [UInt8] {
        var reader = SSHWireReader<SSHSignatureError>(content)
        let r = try reader.readMagnitude("ECDSA r", limit: curve.coordinateBytes)
        let s = try reader.readMagnitude("ECDSA s", limit: curve.coordinateBytes)
        try reader.finish(after: "ECDSA s")
        guard !r.isEmpty, !s.isEmpty else { throw .malformed(algorithm) }
        func padded(_ number: ArraySlice<UInt8>) -> [UInt8] {
            Array(repeating: 0, count: curve.coordinateBytes - number.count) + number
        }
        return padded(r) + padded(s)
    }
}

extension SSHSignature: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.blob == right.blob }
    package func hash(into hasher: inout Hasher) { hasher.combine(blob) }
}
