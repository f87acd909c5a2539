// SPDX-License-Identifier: Apache-2.0

import Client
import FoundationEssentials

/// An open session in JSON.
struct SessionDocument: Encodable {
    struct Certificate: Encodable {
        let serial: String
        let keyID: String
        let publicKey: String
        let expires: Date?
        let endsSessionAtExpiry: Bool?

        init(_ certificate: AuthenticatedCertificate) {
            serial = String(certificate.serial)
            keyID = certificate.keyID
            publicKey = certificate.keyFingerprint
            expires = certificate.expires
            endsSessionAtExpiry = certificate.endsSessionAtExpiry
        }
    }

    let process: Int32
    let login: String
    let address: String?
    let port: UInt16?
    let terminals: [String]
    let since: Date
    let certificates: [Certificate]
    let evidence: OpenSession.Evidence?
    let doubt: String?

    init(_ session: OpenSession) {
        process = session.process.number
        login = session.login
        address = session.peer?.address
        port = session.peer?.port
        terminals = session.terminals
        since = session.since
        certificates = session.certificates.map(Certificate.init)
        evidence = session.evidence
        doubt = session.doubt
    }
}
