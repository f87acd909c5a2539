// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SSHCertificates

/// `ssh-keygen -L` also verifies the CA's signature, so what it prints is what it accepted.
struct CertificateInteropTests {
    static let listedType: [SSHKeyType: String] = [
        .ed25519: "ED25519", .ecdsaP256: "ECDSA", .ecdsaP384: "ECDSA", .ecdsaP521: "ECDSA", .rsa: "RSA",
        .securityKeyEd25519: "ED25519-SK", .securityKeyECDSAP256: "ECDSA-SK",
    ]

    private func listing(_ certificate: SSHCertificate) throws -> String {
        try withTemporaryDirectory { directory in
            try directory.write(try certificate.authorizedKey() + "\n", to: "cert.pub")
            return try ForeignProgram.sshKeygen.text(["-L", "-f", "cert.pub"], in: directory)
        }
    }

    private func signed(_ contents: SSHCertificateContents, by ca: TestKey, _ algorithm: SSHSignatureAlgorithm) throws
        -> SSHCertificate
    {
        try contents.signed(with: try ca.signature(contents.toBeSigned(), algorithm))
    }

    @Test(arguments: try PublicKeyTests.files.get())
    func `ssh-keygen reads our user certificates as we mean them`(_ file: String) throws {
        let key = try SSHPublicKey(authorizedKey: try Fixture.text(file))
        let keyType = try #require(Self.listedType[key.type])
        for (ca, algorithm) in try SignatureTests.pairs() {
            let caKey = try ca.publicKey
            let caType = try #require(Self.listedType[caKey.type])
            let contents = try Sample.contents {
                $0.publicKey = key
                $0.signatureKey = caKey
                $0.criticalOptions = try SSHCriticalOptions(
                    forceCommand: "systemctl status nginx",
                    sourceAddresses: [try SSHAddressRange("10.0.0.0/8"), try SSHAddressRange("2001:db8::/32")],
                    verifyRequired: key.type.isSecurityKey)
                $0.extensions = try SSHExtensions(Set(SSHExtension.Standard.allCases))
            }
            let options = """
                                force-command systemctl status nginx
                                source-address 10.0.0.0/8,2001:db8::/32\(key.type.isSecurityKey ? "\n                verify-required" : "")
                """
            #expect(
                try listing(signed(contents, by: ca, algorithm)) == """
                    cert.pub:
                            Type: \(key.type.certificateName) user certificate
                            Public key: \(keyType)-CERT \(key.fingerprint)
                            Signing CA: \(caType) \(caKey.fingerprint) (using \(algorithm.rawValue))
                            Key ID: "ana@example.com/prod-web/oncall"
                            Serial: 42
                            Valid: from 2026-01-01T00:00:00 to 2026-01-01T01:00:00
                            Principals: 
                                    deploy@host:web1.example.com
                                    deploy@zone:prod-web
                            Critical Options: 
                    \(options)
                            Extensions: 
                                    no-touch-required
                                    permit-X11-forwarding
                                    permit-agent-forwarding
                                    permit-port-forwarding
                                    permit-pty
                                    permit-user-rc

                    """)
        }
    }

    @Test(arguments: try PublicKeyTests.files.get())
    func `ssh-keygen reads our host certificates as we mean them`(_ file: String) throws {
        let key = try SSHPublicKey(authorizedKey: try Fixture.text(file))
        let ca = try TestKey.all[0].publicKey
        let contents = try Sample.contents {
            $0.kind = .host
            $0.publicKey = key
            $0.serial = .max
            $0.principals = ["web1.example.com", "192.0.2.7"]
        }
        #expect(
            try listing(signed(contents, by: TestKey.all[0], .ed25519)) == """
                cert.pub:
                        Type: \(key.type.certificateName) host certificate
                        Public key: \(try #require(Self.listedType[key.type]))-CERT \(key.fingerprint)
                        Signing CA: ED25519 \(ca.fingerprint) (using ssh-ed25519)
                        Key ID: "ana@example.com/prod-web/oncall"
                        Serial: 18446744073709551615
                        Valid: from 2026-01-01T00:00:00 to 2026-01-01T01:00:00
                        Principals: 
                                192.0.2.7
                                web1.example.com
                        Critical Options: (none)
                        Extensions: (none)

                """)
    }
}
