// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
// This module has no clock, and the library's initialiser that takes the time is SPI.
@_spi(FixedExpiryValidationTime) import X509

package import struct FoundationEssentials.Date

/// Path validation (RFC 5280 §6) by swift-certificates: what a relying party would say. For start-up checks and tests.
package enum CertificateChain {
    /// Whether `certificate` is valid under `root` for that usage at that time.
    ///
    /// - Parameter issuers: certificates that may stand between the two.
    package static func verify(
        _ certificate: [UInt8], issuers: [[UInt8]], root: [UInt8], usage: CertificateUsage, at time: Date
    ) async throws(CertificateChainError) {
        let leaf = try parse(certificate)
        var intermediates: [Certificate] = []
        for issuer in issuers { intermediates.append(try parse(issuer)) }
        var verifier = Verifier(rootCertificates: CertificateStore([try parse(root)])) {
            RFC5280Policy(fixedExpiryValidationTime: time)
            UsagePolicy(usage: usage)
        }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates))
        if case .couldNotValidate(let failures) = result {
            throw .notValid(reasons: failures.map { $0.policyFailureReason.description })
        }
    }

    private static func parse(_ der: [UInt8]) throws(CertificateChainError) -> Certificate {
        do {
            return try Certificate(derEncoded: der)
        } catch {
            throw .malformed
        }
    }
}

package enum CertificateChainError: Error, Hashable, CustomStringConvertible {
    case malformed
    /// Without reasons: no path leads to the root.
    case notValid(reasons: [String])

    package var description: String {
        switch self {
        case .malformed: "a certificate of the chain is malformed"
        case .notValid(let reasons) where reasons.isEmpty: "no chain of issuers leads to the root"
        case .notValid(let reasons): "the certificate is not valid: \(reasons.joined(separator: "; "))"
        }
    }
}

/// Requires the extended key usage, which RFC 5280 leaves to the application, of the leaf.
private struct UsagePolicy: VerifierPolicy {
    let usage: CertificateUsage
    /// Alternative names are critical where the subject is empty; which of them is expected is for the application to say.
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.keyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        let purpose: ExtendedKeyUsage.Usage = usage == .server ? .serverAuth : .clientAuth
        guard let purposes = try? chain.leaf.extensions.extendedKeyUsage, purposes.contains(purpose) else {
            return .failsToMeetPolicy(reason: "the certificate is not for a TLS \(usage.rawValue)")
        }
        guard let keyUsage = try? chain.leaf.extensions.keyUsage, keyUsage.digitalSignature else {
            return .failsToMeetPolicy(reason: "the certificate's key may not sign")
        }
        for issuer in chain.dropFirst() {
            guard let keyUsage = try? issuer.extensions.keyUsage, keyUsage.keyCertSign else {
                return .failsToMeetPolicy(reason: "a CA's key may not sign certificates")
            }
        }
        return .meetsPolicy
    }
}
