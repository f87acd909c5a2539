// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Issuance
import X509Certificates

struct CACRL: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crl", abstract: "Sign the revocation list of the root again, with the root key.",
        discussion: """
            Speaks to no server. What the list named before it names again. A running server takes a newer `public/root.crl` \
            by itself.

            EXAMPLE:
              mayfly ca crl --dir ca
            """)

    @Option(help: ArgumentHelp("The certificate of an issuing CA to be revoked; may be repeated.", valueName: "file"))
    var revoke: [String] = []

    @Option(help: ArgumentHelp("Where to write it; public/root.crl of the directory by default.", valueName: "file"))
    var out: String?

    @OptionGroup var root: RootOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let certificate = try root.certificate
        let now = SystemClock().wholeSeconds
        let path = root.directory.publicFile(.rootList)
        let previous = try previous(path, certificate)
        var entries = try RevokedEntries(previous?.revoked ?? [])
        var added: [RevokedCertificate] = []
        for file in revoke {
            guard let issuing = try? IssuerCertificate(pem: try Files.read(file)), issuing.isIssued(by: certificate),
                let serial = issuing.serial, issuing.der != certificate.der
            else { throw ServerError.invalidOption("`\(file)` is no certificate of an issuing CA of this root") }
            if entries[serial] == nil, !added.contains(where: { $0.serial == serial }) {
                added.append(try RevokedCertificate(serial: serial, revokedAt: now, reason: .authorityCompromise))
            }
        }
        try entries.update(adding: added)
        let list = try await CACertificates.rootList(
            certificate, signer: try root.key, revoked: entries, after: previous?.number, now: now)
        try Files.write(list.pem, to: out ?? path)
        let made = try RevocationList(pem: list.pem)
        let result = Result(file: out ?? path, revoked: entries.count, endsAt: made.nextUpdate)
        try output.print(result) { "\(result.file) names \(result.revoked) and ends at \(result.endsAt.text)\n" }
    }

    /// - Throws: when it is damaged: to begin anew would forget what it revoked.
    private func previous(_ path: String, _ root: IssuerCertificate) throws -> RevocationList? {
        guard Files.exists(path) else { return nil }
        guard let list = try? RevocationList(pem: try Files.read(path)), list.isSigned(by: root) else {
            throw ServerError.publicFileDamaged(path)
        }
        return list
    }

    private struct Result: Encodable {
        let file: String
        let revoked: Int
        let endsAt: Date
    }
}
