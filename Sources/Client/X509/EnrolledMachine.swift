// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
package import ServiceAPI
import SwiftASN1
import X509

/// A machine that gets certificates without a session: the first by a token, each further one by the one before.
package struct EnrolledMachine: Sendable {
    private let state: ServerState
    private let folder: CredentialFolder
    private let tokenFile: String?
    private let now: @Sendable () -> Date

    /// - Parameter tokenFile: what `mayfly token create` wrote; it need not be there any more once it was used.
    package init(
        _ state: ServerState, folder: CredentialFolder, tokenFile: String?, now: @escaping @Sendable () -> Date
    ) {
        self.state = state
        self.folder = folder
        self.tokenFile = tokenFile
        self.now = now
    }

    /// The key is here before the token is used for it: whoever is killed in between asks again for the same key, and gets the
    /// same certificate.
    package func prepare(_ files: DurableFiles) throws {
        guard tokenFile != nil else { return }
        try folder.installKey(try Certificate.PrivateKey(P256.Signing.PrivateKey()).serializeAsPEM().pemString, files)
    }

    package func issue(_ request: X509CertificateRequest, _ files: DurableFiles) async throws -> IssuedCertificate {
        let refusal: ClientError
        do {
            return try await renewed(request)
        } catch let error as ClientError where error.asksForToken {
            refusal = error
        }
        guard let tokenFile, AtomicFile.exists(tokenFile) || !folder.hasChain else { throw refusal }
        do {
            return try await enrolled(request, tokenFile, files)
        } catch ClientError.problem(let problem) where problem.kind == .enrolmentRefused && folder.hasChain {
            // A token that was used long ago says nothing of why the certificate is renewed no more.
            throw refusal
        }
    }

    private func renewed(_ request: X509CertificateRequest) async throws -> IssuedCertificate {
        guard let leaf = folder.chain().first, try folder.isForKey(leaf) else {
            throw ClientError.serverFiles(.notEnrolled(folder: folder.directory))
        }
        guard now() <= leaf.notValidAfter else {
            throw ClientError.serverFiles(.certificateExpired(folder: folder.directory, at: leaf.notValidAfter))
        }
        let credential = try folder.credential()
        return try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: nil, machine: credential
        ) { client in
            try await client.renewMachine(
                MachineRenewalRequest(
                    role: request.role, csr: request.csr, lifetime: request.lifetime, reason: request.reason,
                    ticket: request.ticket))
        }
    }

    private func enrolled(
        _ request: X509CertificateRequest, _ tokenFile: String, _ files: DurableFiles
    ) async throws -> IssuedCertificate {
        let token = try EnrolmentTokenFile.read(tokenFile)
        let issued = try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: nil
        ) { client in
            try await client.enrolMachine(
                MachineEnrolmentRequest(
                    token: token, role: request.role, csr: request.csr, lifetime: request.lifetime, reason: request.reason,
                    ticket: request.ticket))
        }
        let id = SHA256.hash(data: Array(token.utf8)).prefix(8).hexadecimal
        try files.replace(folder.enrolmentRecord, with: Array((id + "\n").utf8))
        return issued
    }
}

/// What `mayfly token create --out` writes.
enum EnrolmentTokenFile {
    static func read(_ path: String) throws(ClientError) -> String {
        let text = try AtomicFile.readText(path, limit: 1024, isSecret: true)
        let token = text.hasSuffix("\n") ? String(text.dropLast()) : text
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .host(.token(path: path)) }
        return token
    }
}

extension ClientError {
    /// Whether only a token could help.
    fileprivate var asksForToken: Bool {
        switch self {
        case .problem(let problem): problem.kind == .enrolmentRefused
        case .serverFiles(.notEnrolled), .serverFiles(.certificateExpired), .tlsFailed: true
        default: false
        }
    }
}
