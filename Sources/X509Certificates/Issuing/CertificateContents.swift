// SPDX-License-Identifier: Apache-2.0

/// Encodes `TBSCertificate` (RFC 5280 §4.1).
struct CertificateContents {
    let serial: SerialNumber
    let algorithm: X509SignatureAlgorithm
    /// `Name` of the issuer.
    let issuer: [UInt8]
    let validity: Validity
    /// `Name` of the subject.
    let subject: [UInt8]
    let publicKey: SubjectPublicKey
    /// Each an `Extension`.
    let extensions: [[UInt8]]

    var encoded: [UInt8] {
        element(
            .sequence, element(.explicit0, integerElement([2])),  // version 3
            serial.encoded, algorithm.encoded, issuer, validity.encoded, subject, publicKey.subjectPublicKeyInfo,
            element(.explicit3, element(.sequence, Array(extensions.joined()))))
    }
}

/// `Extension` elements, ready to be put together.
enum EncodedExtension {
    /// CA:FALSE, written by leaving the default out.
    static let endEntity = encode(19, critical: true, element(.sequence))

    /// Only digitalSignature, also for RSA: keyEncipherment would permit key exchange without forward secrecy, which TLS 1.3
    /// does not have and RFC 9325 §4.1 forbids before.
    static let endEntityKeyUsage = encode(15, critical: true, element(.bitString, [7, 0b1000_0000]))

    /// keyCertSign and cRLSign.
    static let authorityKeyUsage = encode(15, critical: true, element(.bitString, [1, 0b0000_0110]))

    static func authority(pathLength: Int) -> [UInt8] {
        encode(
            19, critical: true,
            element(.sequence, element(.boolean, [0xff]), integerElement([UInt8(truncatingIfNeeded: pathLength)])))
    }

    static func extendedKeyUsage(_ usage: Set<CertificateUsage>) -> [UInt8] {
        let purpose: [UInt8] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03]
        let server = usage.contains(.server) ? purpose + [1] : []
        let client = usage.contains(.client) ? purpose + [2] : []
        return encode(37, critical: false, element(.sequence, server, client))
    }

    /// Critical where the subject is empty (RFC 5280 §4.2.1.6).
    static func subjectAlternativeName(_ names: SubjectNames, critical: Bool) -> [UInt8] {
        encode(17, critical: critical, names.encoded)
    }

    static func subjectKeyIdentifier(_ key: SubjectPublicKey) -> [UInt8] {
        encode(14, critical: false, element(.octetString, key.keyIdentifier))
    }

    static func authorityKeyIdentifier(_ identifier: [UInt8]) -> [UInt8] {
        encode(35, critical: false, element(.sequence, element(.context0, identifier)))
    }

    /// - Parameter last: of 2.5.29.x.
    static func encode(_ last: UInt8, critical: Bool, _ value: [UInt8]) -> [UInt8] {
        encode(identifier: [0x06, 0x03, 0x55, 0x1d, last], critical: critical, value)
    }

    /// - Parameter identifier: the whole OBJECT IDENTIFIER.
    static func encode(identifier: [UInt8], critical: Bool, _ value: [UInt8]) -> [UInt8] {
        element(.sequence, identifier, critical ? element(.boolean, [0xff]) : [], element(.octetString, value))
    }
}
