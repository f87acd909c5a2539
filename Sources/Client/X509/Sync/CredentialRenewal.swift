// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import ServiceAPI
import SwiftASN1
import X509

/// Keeps the certificate of a key in a folder valid. The policy decides about each anew.
package struct CredentialRenewal: Sendable {
    private let folder: CredentialFolder
    private let names: [CertificateRequest.Name]
    /// PEM, where the request was made elsewhere.
    private let request: String?
    /// All but the CSR.
    private let asking: X509CertificateRequest
    /// PEM of the root that was confirmed when this machine got to know the server.
    private let root: String

    /// - Parameter asking: what is asked for each time; its CSR is made here, unless `request` is that.
    package init(
        _ folder: CredentialFolder, names: [CertificateRequest.Name], request: String? = nil,
        asking: X509CertificateRequest, root: String
    ) {
        self.folder = folder
        self.names = names
        self.request = request
        self.asking = asking
        self.root = root
    }

    /// When there is something to do: in the past where nothing usable is there, or we were interrupted.
    func dueTime() throws -> Date {
        guard let leaf = try usable(), try !folder.lacks() else { return .distantPast }
        return leaf.renewalTime
    }

    /// - Parameter issue: calls the server.
    /// - Returns: when the new certificate ends; nil where the files only had to be completed.
    func renew(
        _ files: DurableFiles, at now: Date, issue: (X509CertificateRequest) async throws -> IssuedCertificate
    ) async throws -> Date? {
        if let leaf = try usable(), now < leaf.renewalTime {
            try folder.complete(files)
            return nil
        }
        let credential =
            if let request {
                X509Credential(folder: folder, request: request)
            } else {
                try X509Credential(folder: folder, asking: CertificateRequest(names: names))
            }
        var asking = asking
        asking.csr = credential.request
        let issued = try await issue(asking)
        let leaf = try checked(issued, at: now)
        _ = try credential.write(issued, files)
        return leaf.notValidAfter
    }

    private func installed() -> Certificate? { folder.chain().first }

    /// For the key that is here, and with the names that are wanted.
    private func usable() throws(ClientError) -> Certificate? {
        guard let leaf = installed(), has(leaf, names) else { return nil }
        if request != nil { return leaf }
        return try folder.isForKey(leaf) ? leaf : nil
    }

    private func has(_ leaf: Certificate, _ names: [CertificateRequest.Name]) -> Bool {
        guard !names.isEmpty else { return true }
        let found = (try? leaf.extensions.subjectAlternativeNames).map(Array.init) ?? []
        return names.allSatisfy { found.contains($0.general) }
    }

    /// What the server sent: valid now, with the names that were asked for, and under the root that we know.
    private func checked(_ issued: IssuedCertificate, at now: Date) throws(ClientError) -> Certificate {
        func refusal(_ reason: String) -> ClientError { .serverFiles(.certificate(reason)) }
        let chain = CredentialFolder.certificates(issued.certificate) + CredentialFolder.certificates(issued.chain ?? "")
        let roots = CredentialFolder.certificates(root)
        guard let leaf = chain.first, chain.count <= 5 else { throw refusal("it is damaged") }
        guard has(leaf, names) else { throw refusal("it has not the names that were asked for") }
        guard now < leaf.notValidAfter, leaf.notValidBefore <= now else {
            throw refusal("by the clock of this machine it is not valid")
        }
        guard leaf != installed() else { throw refusal("it is the one that is here") }
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            guard certificate.isIssued(by: issuer) else { throw refusal("its chain is broken") }
        }
        guard let last = chain.last, roots.contains(where: { last.isIssued(by: $0) }) else {
            throw refusal("it is not under the root that this machine knows")
        }
        return leaf
    }
}

extension Certificate {
    fileprivate func isIssued(by other: Certificate) -> Bool {
        issuer == other.subject && other.publicKey.isValidSignature(signature, for: self)
    }

    fileprivate var renewalTime: Date {
        var serializer = DER.Serializer()
        try? serialize(into: &serializer)
        return Client.renewalTime(from: notValidBefore, to: notValidAfter, of: serializer.serializedBytes)
    }
}
