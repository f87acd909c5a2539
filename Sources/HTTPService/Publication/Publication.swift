// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Issuance
import NIOCore
import ServiceAPI
package import X509Certificates

/// What everybody may fetch without saying who they are: revocation lists, and the keys and certificates of the CAs.
package struct Publication: Sendable {
    package let lists: PublishedLists
    package let responder: StatusResponder
    let root: RootAuthority
    let authorities: PublishedAuthorities

    package init(
        lists: PublishedLists, responder: StatusResponder, root: RootAuthority, authorities: PublishedAuthorities
    ) {
        self.lists = lists
        self.responder = responder
        self.root = root
        self.authorities = authorities
    }

    /// The addresses that stand in certificates, below that of the publication.
    package enum Path {
        /// - Parameter name: of the list.
        package static func list(_ name: String) -> String { "/crl/\(name).crl" }
        package static let ocsp = "/ocsp"

        /// - Parameter name: of the list that it is a part of.
        package static func list(_ name: String, _ shard: ListShard) -> String { "/crl/\(name)/\(shard.name).crl" }
    }

    /// - Returns: nil where nothing is published under that path.
    /// - Throws: `CallError.notReady`.
    func document(at path: String) throws -> PublishedDocument? {
        switch path {
        case "/crl/root.crl":
            return rootList.map { PublishedDocument($0.der, "application/pkix-crl", changedAt: $0.thisUpdate) }
        case "/crl/bundle.pem": return try text(list().pem + (rootList?.pem ?? ""), list())
        case "/ssh/revoked.krl":
            return try PublishedDocument(keys().krl, "application/octet-stream", changedAt: keys().madeAt)
        case "/ssh/revoked.krl.sig": return try text(keys().signature, changedAt: keys().madeAt)
        case "/ca/root.pem": return text(authorities.current.root)
        case "/ca/issuing.pem": return text(authorities.current.issuing)
        case "/ca/ssh_user_ca.pub": return text(authorities.current.sshUserCA + "\n")
        case "/ca/ssh_host_ca.pub": return text(authorities.current.sshHostCA + "\n")
        default: return path.hasPrefix("/crl/issuing") ? try issuerDocument(at: path) : nil
        }
    }

    private func issuerDocument(at path: String) throws -> PublishedDocument? {
        let lists = try list()
        for own in lists.all {
            switch path {
            case Path.list(own.name): return document(own.full, "application/pkix-crl", lists)
            case "/crl/\(own.name).pem": return text(own.full.pem, lists)
            case "/crl/\(own.name)-delta.crl": return own.delta.map { document($0, "application/pkix-crl", lists) }
            default:
                guard let shard = own.shards.indices.first(where: { path == Path.list(own.name, ListShard.allCases[$0]) })
                else { continue }
                return document(own.shards[shard], "application/pkix-crl", lists)
            }
        }
        return nil
    }

    /// Of the lists that servers install together: the number of each. It differs from that of every other set.
    func version(of lists: CertificateLists) -> String {
        let numbers = lists.installed.map { _ in lists.number } + (rootList.map { [$0.number] } ?? [])
        return numbers.map(\.hexadecimal).joined(separator: "-")
    }

    /// Made by `init`, or later by whoever has the root key.
    package var rootList: RevocationList? { root.list }

    private func list() throws -> CertificateLists {
        guard let list = lists.certificates else { throw CallError.notReady("the CRL is not built yet") }
        return list
    }

    private func keys() throws -> RevokedKeys {
        guard let keys = lists.keys else { throw CallError.notReady("the KRL is not built yet") }
        return keys
    }

    private func document(_ list: SignedRevocationList, _ type: String, _ lists: CertificateLists) -> PublishedDocument {
        PublishedDocument(list.der, type, changedAt: lists.thisUpdate, endsAt: lists.nextUpdate)
    }

    private func text(_ text: String, _ lists: CertificateLists) -> PublishedDocument {
        PublishedDocument(Array(text.utf8), "text/plain", changedAt: lists.thisUpdate, endsAt: lists.nextUpdate)
    }

    private func text(_ text: String, changedAt: Date? = nil) -> PublishedDocument {
        PublishedDocument(Array(text.utf8), "text/plain", changedAt: changedAt)
    }
}

struct PublishedDocument: Sendable {
    let bytes: [UInt8]
    let contentType: String
    let changedAt: Date?
    /// Of a list: it must not be believed after this.
    let endsAt: Date?

    init(_ bytes: [UInt8], _ contentType: String, changedAt: Date?, endsAt: Date? = nil) {
        self.bytes = bytes
        self.contentType = contentType
        self.changedAt = changedAt
        self.endsAt = endsAt
    }
}
