// SPDX-License-Identifier: Apache-2.0

/// A certificate (draft-miller-ssh-cert) whose signature was verified with the CA key it names. Whether that CA is trusted
/// and whether the certificate is valid now is for the caller to decide.
///
/// Strict: accepted is what this CA could have issued. OpenSSH permits more: an unknown critical option, serial 0, no
/// principals, endless validity, principals out of order or a security key as CA are refused here. Unknown extensions are
/// kept. The signature is verified over the received bytes.
package struct SSHCertificate: Sendable {
    /// The wire form.
    package let blob: [UInt8]
    package let contents: SSHCertificateContents
    package let signature: SSHSignature

    /// The type name in the blob and in the `.pub` line.
    package var typeName: String { contents.publicKey.type.certificateName }

    package init(parsing blob: [UInt8]) throws(SSHCertificateError) {
        guard blob.count <= SSHLimits.certificate else {
            throw .wire(.tooLong(field: "certificate", limit: SSHLimits.certificate))
        }
        var reader = SSHWireReader<SSHCertificateError>(blob)
        contents = try SSHCertificateContents(reading: &reader)
        let toBeSigned = blob.dropLast(reader.rest.count)
        let signature = Array(try reader.readString("signature", limit: SSHLimits.signature))
        try reader.finish(after: "signature")
        do throws(SSHSignatureError) {
            self.signature = try SSHSignature(parsing: signature)
            try contents.signatureKey.verify(self.signature, over: Array(toBeSigned))
        } catch { throw .signature(error) }
        self.blob = blob
    }

    fileprivate init(_ contents: SSHCertificateContents, _ signature: SSHSignature, blob: [UInt8]) {
        self.contents = contents
        self.signature = signature
        self.blob = blob
    }
}

extension SSHCertificateContents {
    /// The certificate with the CA's signature over `toBeSigned()`.
    ///
    /// Verifying costs more than signing. A signer that has checked its own signature may have it skipped here; the kind of
    /// signature is compared with the CA key in any case.
    /// - Throws: `signature`.
    package func signed(
        with signature: SSHSignature, verifying: Bool = true
    ) throws(SSHCertificateError) -> SSHCertificate {
        let toBeSigned = toBeSigned()
        do throws(SSHSignatureError) {
            guard signature.algorithm.keyType == signatureKey.type else {
                throw .keyMismatch(signature.algorithm, signatureKey.type)
            }
            if verifying { try signatureKey.verify(signature, over: toBeSigned) }
        } catch { throw .signature(error) }
        var writer = SSHWireWriter()
        writer.write(raw: toBeSigned)
        writer.write(string: signature.blob)
        return SSHCertificate(self, signature, blob: writer.bytes)
    }
}

extension SSHCertificate: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.blob == right.blob }
    package func hash(into hasher: inout Hasher) { hasher.combine(blob) }
}

extension SSHCertificate {
    /// From one line `type base64 comment`, as in a `-cert.pub` file; the comment is dropped.
    package init(authorizedKey text: String) throws(SSHCertificateError) {
        let line: PublicKeyLine
        do throws(SSHKeyError) { line = try PublicKeyLine(text, limit: SSHLimits.certificateLine) } catch {
            throw .line(error)
        }
        guard SSHKeyType(certificateName: line.typeName) != nil else { throw .notACertificate(line.typeName) }
        try self.init(parsing: line.blob)
        guard line.typeName == typeName else { throw .line(.typeMismatch(line: line.typeName, blob: typeName)) }
    }

    /// The line of a certificate that this CA made itself: of its wire form only the type name is read. Verifying it again
    /// would cost more than signing it did.
    /// - Throws: `wire`, `line`.
    package static func authorizedKey(ofIssued blob: [UInt8]) throws(SSHCertificateError) -> String {
        var reader = SSHWireReader<SSHCertificateError>(blob)
        let typeName = try reader.readText("certificate type", limit: SSHLimits.name)
        guard SSHKeyType(certificateName: typeName) != nil else { throw .notACertificate(typeName) }
        do throws(SSHKeyError) { return try PublicKeyLine.text(typeName: typeName, blob: blob, comment: "") } catch {
            throw .line(error)
        }
    }

    /// One line without line end.
    /// - Throws: `invalidComment`.
    package func authorizedKey(comment: String = "") throws(SSHKeyError) -> String {
        try PublicKeyLine.text(typeName: typeName, blob: blob, comment: comment)
    }
}
