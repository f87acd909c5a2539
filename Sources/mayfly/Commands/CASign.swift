// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Crypto
import FoundationEssentials
import Issuance
import X509Certificates

struct CASign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Make the certificate of an issuing CA with the root key, where that is.",
        discussion: """
            Speaks to no server. The root signs whatever key it is given here: compare what came with what was sent.

            EXAMPLE:
              mayfly ca sign issuing.pub --dir ca > issuing.pem
            """)

    @Argument(help: ArgumentHelp("What `mayfly ca request` printed.", valueName: "file"))
    var request: String

    @OptionGroup var root: RootOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let key = try? SubjectPublicKey(pem: try Files.read(request)) else {
            throw ServerError.invalidOption("`\(request)` holds no public key in PEM; `mayfly ca request` prints one")
        }
        let digest = SHA256.hash(data: key.subjectPublicKeyInfo).prefix(4)
        let certificate = try await CACertificates.issuing(
            commonName: "\(try root.name) issuing CA " + digest.hexadecimal,
            publicKey: key, under: try root.certificate, signer: try root.key, now: SystemClock().wholeSeconds,
            lifetime: Initialization.issuingLifetime)
        let result = Result(certificate: certificate.pem, name: certificate.commonName, endsAt: certificate.notAfter)
        try output.print(result) { result.certificate }
        Console.note("made `\(result.name)` for key \(certificate.keyFingerprint), until \(result.endsAt.text)")
    }

    private struct Result: Encodable {
        let certificate: String
        let name: String
        let endsAt: Date
    }
}
