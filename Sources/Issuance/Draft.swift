// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Policies
import SSHCertificates
import X509Certificates

/// Step 7 of the cycle: what the certificate will say, built from the decision and nothing else.
struct Draft: Sendable {
    private let contents: Contents
    private let host: String?
    private let validity: (after: Date, before: Date)

    private enum Contents: Sendable {
        case ssh(SSHCertificateContents, SSHAuthority)
        case x509(CertificateProfile, X509Authority)
    }

    private static let longestWithoutRevocation = Duration.seconds(15 * 60)

    /// The final bytes, linted.
    func approved() throws -> ApprovedIssuance {
        switch contents {
        case .ssh(let contents, let authority): try ApprovedIssuance(contents, by: authority)
        case .x509(let profile, let authority): try ApprovedIssuance(profile, by: authority)
        }
    }

    var keyID: String? {
        if case .ssh(let contents, _) = contents { contents.keyID } else { nil }
    }

    /// Critical options and extensions for the log.
    var options: [String: String]? {
        guard case .ssh(let contents, _) = contents, contents.kind == .user else { return nil }
        var options: [String: String] = [:]
        if let command = contents.criticalOptions.forceCommand { options["force-command"] = command }
        let addresses = contents.criticalOptions.sourceAddresses
        if !addresses.isEmpty { options["source-address"] = addresses.map(\.description).joined(separator: ",") }
        if contents.criticalOptions.verifyRequired { options["verify-required"] = "" }
        for granted in contents.extensions.all { options[granted.name] = "" }
        return options
    }

    func record(
        of certificate: [UInt8], _ permit: Permit, grant: String?, _ caller: Caller, _ moment: Moment
    ) -> CertificateRecord {
        let (kind, issuer, serial, names, publicKey): (CertificateRecord.Kind, String, String, [String], String) =
            switch contents {
            case .ssh(let contents, let authority):
                (
                    contents.kind == .user ? .ssh : .sshHost, authority.issuer, String(contents.serial),
                    contents.principals.names, contents.publicKey.fingerprint
                )
            case .x509(let profile, let authority):
                (
                    .x509, authority.issuer, profile.serial.hexadecimal, profile.describedNames,
                    profile.publicKey.fingerprint
                )
            }
        return CertificateRecord(
            kind: kind, issuer: issuer, serial: serial, provider: caller.identity.provider, user: caller.identity.user,
            role: permit.role, rule: permit.rule.id, host: host, names: names, publicKey: publicKey,
            validAfter: validity.after, validBefore: validity.before, issuedAt: moment.now, policy: moment.policies.digest,
            certificate: certificate, grant: grant)
    }
}

extension Draft {
    /// An SSH user certificate.
    init(
        _ permit: SSHPermit, key: SSHPublicKey, host: HostName?, keyID: String, limits: Limits, at now: Date,
        by authority: SSHAuthority
    ) async throws {
        validity = limits.validity(at: now)
        self.host = host?.text
        contents = .ssh(
            try SSHCertificateContents(
                nonce: randomBytes(SSHCertificateContents.nonceBytes), publicKey: key,
                serial: try await authority.serials.next(), kind: .user, keyID: keyID,
                principals: SSHPrincipals(permit.principals), validity: SSHValidity(validity),
                criticalOptions: SSHCriticalOptions(
                    forceCommand: permit.forceCommand,
                    sourceAddresses: permit.sourceAddresses.map { try SSHAddressRange($0.description) },
                    verifyRequired: permit.verifyRequired),
                extensions: SSHExtensions(permit.certificateExtensions), signatureKey: authority.publicKey), authority)
    }

    /// An SSH host certificate.
    init(
        _ permit: SSHHostPermit, key: SSHPublicKey, keyID: String, limits: Limits, at now: Date, by authority: SSHAuthority
    ) async throws {
        validity = limits.validity(at: now)
        host = permit.hosts.first?.text
        contents = .ssh(
            try SSHCertificateContents(
                nonce: randomBytes(SSHCertificateContents.nonceBytes), publicKey: key,
                serial: try await authority.serials.next(), kind: .host, keyID: keyID,
                principals: SSHPrincipals(permit.hosts.map(\.text)), validity: SSHValidity(validity),
                signatureKey: authority.publicKey), authority)
    }

    /// An X.509 certificate. Of the request it takes the public key alone; the names are the policy's.
    init(
        _ permit: X509Permit, csr: CertificateSigningRequest, limits: Limits, at now: Date, by workloads: WorkloadAuthority
    ) throws {
        let authority = workloads.authority
        // The policy did not load if it could come to this.
        guard !permit.saysNoRevocation || limits.lifetime <= Self.longestWithoutRevocation else {
            throw AuthorityError.lintFailed("a certificate that cannot be revoked would last longer than 15 minutes")
        }
        validity = limits.validity(at: now, under: authority.certificate)
        host = nil
        let serial = try SerialNumber(randomBits: randomBytes(SerialNumber.byteCount))
        contents = .x509(
            try CertificateProfile(
                serial: serial, notBefore: validity.after,
                notAfter: validity.before.addingTimeInterval(-1), commonName: permit.commonName,
                organizations: permit.organizations,
                names: SubjectNames(permit.names),
                usage: Set(permit.usage.map { $0 == .client ? CertificateUsage.client : .server }),
                publicKey: csr.publicKey,
                statusSource: permit.saysNoRevocation ? .notAvailable : workloads.status.source(for: serial)),
            authority)
    }
}

extension SSHPermit {
    fileprivate var certificateExtensions: [SSHCertificates.SSHExtension] {
        extensions.compactMap(SSHExtension.Standard.init(rawValue:)).map { .standard($0) }
            + (endsSessionAtExpiry ? [.endSessionAtExpiry] : [])
    }
}

extension SSHValidity {
    fileprivate init(_ validity: (after: Date, before: Date)) throws {
        try self.init(
            validAfter: UInt64(max(0, validity.after.timeIntervalSince1970)),
            validBefore: UInt64(max(0, validity.before.timeIntervalSince1970)))
    }
}

extension KeyType {
    init(_ type: SSHKeyType) {
        self =
            switch type {
            case .ed25519: .ed25519
            case .ecdsaP256: .ecdsaP256
            case .ecdsaP384: .ecdsaP384
            case .ecdsaP521: .ecdsaP521
            case .rsa: .rsa
            case .securityKeyEd25519: .skEd25519
            case .securityKeyECDSAP256: .skECDSA
            }
    }

    init(_ kind: SubjectPublicKey.Kind) {
        self =
            switch kind {
            case .ed25519: .ed25519
            case .ecdsaP256: .ecdsaP256
            case .ecdsaP384: .ecdsaP384
            case .ecdsaP521: .ecdsaP521
            case .rsa: .rsa
            }
    }
}
