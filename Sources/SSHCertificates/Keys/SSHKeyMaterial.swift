// SPDX-License-Identifier: Apache-2.0

/// The fields of a public key after its type name, checked. Key blobs and certificates share them.
enum SSHKeyMaterial: Sendable, Hashable {
    case ed25519([UInt8])
    case ecdsa(SSHCurve, point: [UInt8])
    /// Magnitudes without leading zeros.
    case rsa(exponent: [UInt8], modulus: [UInt8])
    case securityKeyEd25519([UInt8], application: String)
    case securityKeyECDSAP256(point: [UInt8], application: String)

    var type: SSHKeyType {
        switch self {
        case .ed25519: .ed25519
        case .ecdsa(.p256, _): .ecdsaP256
        case .ecdsa(.p384, _): .ecdsaP384
        case .ecdsa(.p521, _): .ecdsaP521
        case .rsa: .rsa
        case .securityKeyEd25519: .securityKeyEd25519
        case .securityKeyECDSAP256: .securityKeyECDSAP256
        }
    }

    init(_ type: SSHKeyType, from reader: inout SSHWireReader<SSHKeyError>) throws(SSHKeyError) {
        switch type {
        case .ed25519:
            self = .ed25519(try Self.readEd25519(type, &reader))
        case .ecdsaP256:
            self = .ecdsa(.p256, point: try Self.readPoint(of: .p256, type, &reader))
        case .ecdsaP384:
            self = .ecdsa(.p384, point: try Self.readPoint(of: .p384, type, &reader))
        case .ecdsaP521:
            self = .ecdsa(.p521, point: try Self.readPoint(of: .p521, type, &reader))
        case .rsa:
            let exponent = try reader.readMagnitude("RSA exponent", limit: SSHLimits.keyBlob)
            let modulus = try reader.readMagnitude("RSA modulus", limit: SSHLimits.keyBlob)
            self = try Self.checkedRSA(exponent: Array(exponent), modulus: Array(modulus))
        case .securityKeyEd25519:
            let point = try Self.readEd25519(type, &reader)
            self = .securityKeyEd25519(point, application: try Self.readApplication(&reader))
        case .securityKeyECDSAP256:
            let point = try Self.readPoint(of: .p256, type, &reader)
            self = .securityKeyECDSAP256(point: point, application: try Self.readApplication(&reader))
        }
    }

    static func checkedRSA(exponent: [UInt8], modulus: [UInt8]) throws(SSHKeyError) -> Self {
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard bits >= SSHLimits.rsaBits.lowerBound else { throw .rsaTooWeak(bits: bits) }
        guard bits <= SSHLimits.rsaBits.upperBound else { throw .rsaTooLarge(bits: bits) }
        guard let last = modulus.last, last & 1 == 1 else { throw .rsaInvalidModulus }
        guard exponent.count <= 4 else { throw .rsaInvalidExponent }
        let value = exponent.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard value >= 65537, value & 1 == 1 else { throw .rsaInvalidExponent }
        return .rsa(exponent: exponent, modulus: modulus)
    }

    private static func readEd25519(
        _ type: SSHKeyType, _ reader: inout SSHWireReader<SSHKeyError>
    ) throws(SSHKeyError) -> [UInt8] {
        let point = Array(try reader.readString("Ed25519 point", limit: Ed25519Point.byteCount))
        guard Ed25519Point.isUsable(point) else { throw .invalidPoint(type) }
        return point
    }

    private static func readPoint(
        of curve: SSHCurve, _ type: SSHKeyType, _ reader: inout SSHWireReader<SSHKeyError>
    ) throws(SSHKeyError) -> [UInt8] {
        let name = try reader.readText("curve name", limit: SSHLimits.name)
        guard name == curve.rawValue else { throw .curveMismatch(type, curve: name) }
        let point = Array(try reader.readString("curve point", limit: curve.pointBytes))
        guard curve.contains(point) else { throw .invalidPoint(type) }
        return point
    }

    /// PROTOCOL.u2f: by default `ssh:`.
    private static func readApplication(
        _ reader: inout SSHWireReader<SSHKeyError>
    ) throws(SSHKeyError) -> String {
        let application = try reader.readText("security key application", limit: SSHLimits.name)
        guard !application.isEmpty else { throw .emptyApplication }
        return application
    }

    func write(to writer: inout SSHWireWriter) {
        switch self {
        case .ed25519(let point):
            writer.write(string: point)
        case .ecdsa(let curve, let point):
            writer.write(string: curve.rawValue)
            writer.write(string: point)
        case .rsa(let exponent, let modulus):
            writer.write(magnitude: exponent)
            writer.write(magnitude: modulus)
        case .securityKeyEd25519(let point, let application):
            writer.write(string: point)
            writer.write(string: application)
        case .securityKeyECDSAP256(let point, let application):
            writer.write(string: SSHCurve.p256.rawValue)
            writer.write(string: point)
            writer.write(string: application)
        }
    }
}
