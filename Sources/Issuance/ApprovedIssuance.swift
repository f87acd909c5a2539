// SPDX-License-Identifier: Apache-2.0

import SSHCertificates
import X509Certificates

/// A certificate that was decided, built, and found by the linter to say exactly what was decided. It can be signed
/// once; what is not signed is dropped. No certificate is signed in another way.
struct ApprovedIssuance: ~Copyable {
    private let toBeSigned: [UInt8]
    private let signer: any Signer
    private let algorithm: SignatureAlgorithm
    /// Joins bytes and signature.
    private let assemble: @Sendable ([UInt8]) throws -> [UInt8]

    /// An SSH certificate. The final bytes are parsed again: they must say what `contents` says, and nothing more.
    init(_ contents: SSHCertificateContents, by authority: SSHAuthority) throws {
        let toBeSigned = contents.toBeSigned()
        guard try SSHCertificateContents(parsingToBeSigned: toBeSigned) == contents,
            contents.signatureKey == authority.publicKey
        else { throw AuthorityError.lintFailed("the bytes to be signed do not say what was decided") }
        let preferred = authority.preferredAlgorithm
        self.toBeSigned = toBeSigned
        signer = authority.signer
        algorithm = preferred
        assemble = { signature in
            let signature = try SSHSignature(x509Encoded: signature, algorithm: preferred.ssh)
            // A fault while signing with RSA could give the key away, so such a signature is checked before it leaves. For
            // the others verifying would cost more than signing, and the signer checked its key at load.
            return try contents.signed(with: signature, verifying: contents.signatureKey.type == .rsa).blob
        }
    }

    /// An end-entity certificate.
    init(_ profile: CertificateProfile, by authority: X509Authority) throws {
        let unsigned = try UnsignedCertificate.endEntity(profile, issuer: authority.certificate)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: authority.certificate)
        self.init(unsigned, signer: authority.signer)
    }

    /// The certificate of a key that answers for the status of certificates.
    init(_ profile: ResponderProfile, by authority: X509Authority) throws {
        let unsigned = try UnsignedCertificate.ocspResponder(profile, issuer: authority.certificate)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: authority.certificate)
        self.init(unsigned, signer: authority.signer)
    }

    /// A CA certificate; `issuer` nil where it is its own.
    init(_ profile: AuthorityProfile, issuer: IssuerCertificate?, signer: any Signer) throws {
        let unsigned = try issuer.map { try UnsignedCertificate.intermediate(profile, issuer: $0) } ?? .root(profile)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: issuer)
        self.init(unsigned, signer: signer)
    }

    private init(_ unsigned: UnsignedCertificate, signer: any Signer) {
        toBeSigned = unsigned.toBeSigned
        self.signer = signer
        algorithm = SignatureAlgorithm(unsigned.signatureAlgorithm)
        assemble = { try unsigned.signed($0).der }
    }

    /// The certificate: the wire form of SSH, or DER.
    consuming func sign() async throws -> [UInt8] {
        let assemble = assemble
        return try assemble(try await signer.sign(toBeSigned, with: algorithm))
    }
}

extension SSHAuthority {
    /// RSA keys list SHA-256 first, for X.509; OpenSSH prefers SHA-512 (RFC 8332).
    var preferredAlgorithm: SignatureAlgorithm {
        signer.algorithms.contains(.rsaSHA512) ? .rsaSHA512 : signer.algorithms[0]
    }
}

extension SignatureAlgorithm {
    var ssh: SSHSignatureAlgorithm {
        switch self {
        case .ed25519: .ed25519
        case .ecdsaSHA256: .ecdsaP256
        case .ecdsaSHA384: .ecdsaP384
        case .ecdsaSHA512: .ecdsaP521
        case .rsaSHA256: .rsaSHA256
        case .rsaSHA512: .rsaSHA512
        }
    }

    /// CAs of ours sign with SHA-256 where the key is RSA; SHA-384 is known from requests only.
    init(_ algorithm: X509SignatureAlgorithm) {
        self =
            switch algorithm {
            case .ed25519: .ed25519
            case .ecdsaSHA256: .ecdsaSHA256
            case .ecdsaSHA384: .ecdsaSHA384
            case .ecdsaSHA512: .ecdsaSHA512
            case .rsaSHA256, .rsaSHA384: .rsaSHA256
            case .rsaSHA512: .rsaSHA512
            }
    }
}
