// SPDX-License-Identifier: Apache-2.0

extension SSHCertificateContents {
    /// The bytes the CA signs: all of the certificate but the signature.
    package func toBeSigned() -> [UInt8] {
        var writer = SSHWireWriter()
        writer.write(string: publicKey.type.certificateName)
        writer.write(string: nonce)
        publicKey.material.write(to: &writer)
        writer.write(uint64: serial)
        writer.write(uint32: kind.rawValue)
        writer.write(string: keyID)
        writer.writeString { principals.write(to: &$0) }
        writer.write(uint64: validity.validAfter)
        writer.write(uint64: validity.validBefore)
        writer.writeString { SSHOption.write(criticalOptions.options, to: &$0) }
        writer.writeString { SSHOption.write(extensions.options, to: &$0) }
        writer.write(string: [])
        writer.write(string: signatureKey.blob)
        return writer.bytes
    }

    /// Reads to-be-signed bytes back, so that what is about to be signed can be compared with what was decided.
    package init(parsingToBeSigned bytes: [UInt8]) throws(SSHCertificateError) {
        guard bytes.count <= SSHLimits.certificate else {
            throw .wire(.tooLong(field: "certificate", limit: SSHLimits.certificate))
        }
        var reader = SSHWireReader<SSHCertificateError>(bytes)
        try self.init(reading: &reader)
        try reader.finish(after: "signature key")
    }

    init(reading reader: inout SSHWireReader<SSHCertificateError>) throws(SSHCertificateError) {
        let name = try reader.readText("certificate type", limit: SSHLimits.name)
        guard let type = SSHKeyType(certificateName: name) else { throw .notACertificate(name) }
        let nonce = Array(try reader.readString("nonce", limit: SSHLimits.name))
        let publicKey = try reader.read(wrapping: SSHCertificateError.publicKey) {
            (reader: inout SSHWireReader<SSHKeyError>) throws(SSHKeyError) in
            SSHPublicKey(try SSHKeyMaterial(type, from: &reader))
        }
        let serial = try reader.readUInt64("serial")
        let rawKind = try reader.readUInt32("kind")
        guard let kind = Kind(rawValue: rawKind) else { throw .unknownKind(rawKind) }
        let keyID = try reader.readText("key id", limit: SSHLimits.keyID)
        let principals = try SSHPrincipals(
            reading: try reader.readString("valid principals", limit: SSHLimits.principalList))
        let validAfter = try reader.readUInt64("valid after")
        let validBefore = try reader.readUInt64("valid before")
        let criticalOptions = try SSHCriticalOptions(
            reading: try reader.readString("critical options", limit: SSHLimits.criticalOptions))
        let extensions = try SSHExtensions(reading: try reader.readString("extensions", limit: SSHLimits.extensions))
        guard try reader.readString("reserved", limit: SSHLimits.name).isEmpty else { throw .reservedNotEmpty }
        let signatureKey = Array(try reader.readString("signature key", limit: SSHLimits.keyBlob))
        try self.init(
            nonce: nonce, publicKey: publicKey, serial: serial, kind: kind, keyID: keyID, principals: principals,
            validity: try SSHValidity(validAfter: validAfter, validBefore: validBefore),
            criticalOptions: criticalOptions, extensions: extensions, signatureKey: try Self.caKey(signatureKey))
    }

    private static func caKey(_ blob: [UInt8]) throws(SSHCertificateError) -> SSHPublicKey {
        do throws(SSHKeyError) { return try SSHPublicKey(parsing: blob) } catch { throw .signatureKey(error) }
    }
}
