// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ServiceAPI
import SystemPackage
import X509Certificates

/// The file of revocation lists that a TLS server checks its clients by: one of each CA between a client and the root, as
/// nginx, HAProxy and PostgreSQL want it.
package struct RevocationListFile: Sendable {
    package let path: String
    /// PEM of the root certificates that were confirmed when this machine got to know the server.
    private let roots: String

    /// Two lists of half a million entries, in PEM.
    package static let maximumBytes = 96 << 20
    /// A root, and the issuing CAs of a few rotations.
    private static let mostLists = 16
    /// By how much our clock may be behind that of the server.
    private static let tolerance: Double = 300  // seconds

    /// - Parameter path: absolute.
    package init(path: String, roots: String) {
        self.path = path
        self.roots = roots
    }

    package var reloadRecord: String {
        let path = FilePath(path)
        return path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").reloaded").string
    }

    /// As `RevocationListsDocument.version`; nil where there is no file, or none that a server could use.
    func version() -> String? { installed().map(Self.version) }

    private func installed() -> [RevocationList]? {
        guard let text = try? AtomicFile.readText(path, limit: Self.maximumBytes),
            let lists = try? RevocationList.all(inPEM: text, limit: Self.mostLists), !lists.isEmpty
        else { return nil }
        return lists
    }

    private static func version(_ lists: [RevocationList]) -> String {
        lists.map(\.number.hexadecimal).joined(separator: "-")
    }

    /// Installs lists that a CA of ours signed, that are valid now, and that lack nothing that was here.
    /// - Parameter issuing: PEM of the issuing CAs, as the server says now.
    /// - Returns: when the first of them ends; nil where they are those that are here.
    /// - Throws: `ServerFilesError.revocationLists`.
    func install(
        _ document: RevocationListsDocument, issuing: String, _ files: DurableFiles, at now: Date
    ) async throws -> Date? {
        let text = document.issuing + (document.root ?? "")
        let lists = try Self.lists(text)
        let authorities = try authorities(issuing)
        for list in lists {
            guard authorities.contains(where: { list.isSigned(by: $0) }) else {
                throw refusal("no CA under the root that this machine knows signed one of them")
            }
            guard list.base == nil, list.distributionPoint == nil else { throw refusal("one of them is not complete") }
            guard list.thisUpdate <= now.addingTimeInterval(Self.tolerance) else {
                throw refusal("one of them is of the future, by the clock of this machine")
            }
            guard now < list.nextUpdate else { throw refusal("one of them ended at \(list.nextUpdate.formatted(.iso8601))") }
        }
        guard Set(lists.map(\.issuer)).count == lists.count else { throw refusal("two of them are of one CA") }

        let directory = try DirectoryLock(FilePath(path).removingLastComponent().string)
        let bytes = Array(text.utf8)
        if let installed = installed() {
            if try AtomicFile.read(path, limit: Self.maximumBytes) == bytes { return nil }
            for old in installed {
                guard let new = lists.first(where: { $0.issuer == old.issuer }) else {
                    // A CA that is gone has no list that could be kept: it would refuse everybody once it ended.
                    guard authorities.contains(where: { old.isSigned(by: $0) }) else { continue }
                    throw refusal("there is none of a CA that had one")
                }
                guard old.number <= new.number else {
                    throw refusal("number \(new.number.hexadecimal) is lower than \(old.number.hexadecimal)")
                }
            }
        }
        let staged = try files.stage(bytes, for: path)
        do {
            try await Self.checkByOpenSSL(staged, count: lists.count)
        } catch {
            try? files.removeStaged(path)
            throw error
        }
        try files.install(path)
        _ = consume directory
        return lists.map(\.nextUpdate).min()
    }

    private static func lists(_ text: String) throws(ClientError) -> [RevocationList] {
        guard text.utf8.count <= maximumBytes else { throw .serverFiles(.revocationLists("they are too large")) }
        do throws(RevocationListSyntaxError) {
            let lists = try RevocationList.all(inPEM: text, limit: mostLists)
            // Without a list a server lets nobody in; an empty file it may take for no check at all.
            guard !lists.isEmpty else { throw .malformed }
            return lists
        } catch {
            throw .serverFiles(.revocationLists(error.description))
        }
    }

    /// The roots that are known here, and what they issued.
    private func authorities(_ issuing: String) throws(ClientError) -> [IssuerCertificate] {
        let roots = try Self.certificates(roots)
        return roots + (try Self.certificates(issuing)).filter { issuing in roots.contains { issuing.isIssued(by: $0) } }
    }

    private static func certificates(_ text: String) throws(ClientError) -> [IssuerCertificate] {
        let end = "-----END CERTIFICATE-----\n"
        do throws(IssuerCertificateError) {
            var found: [IssuerCertificate] = []
            var rest = text.hasSuffix("\n") ? text[...] : (text + "\n")[...]
            while let last = rest.firstRange(of: end)?.upperBound, found.count < mostLists {
                found.append(try IssuerCertificate(pem: String(rest[..<last])))
                rest = rest[last...]
            }
            return found
        } catch {
            throw .serverFiles(.revocationLists(error.description))
        }
    }

    private func refusal(_ reason: String) -> ClientError { .serverFiles(.revocationLists(reason)) }

    /// The library of the servers has the last word, where its program is installed.
    private static func checkByOpenSSL(_ path: String, count: Int) async throws {
        let answer: (output: [UInt8], status: Int32)
        do {
            answer = try await ChildProgram.answer("openssl", ["storeutl", "-noout", "-crls", path])
        } catch ClientError.programMissing {
            return
        }
        guard answer.status == 0, String(decoding: answer.output, as: UTF8.self).contains("Total found: \(count)\n") else {
            throw ClientError.serverFiles(.revocationLists("openssl cannot read them"))
        }
    }
}
