// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SSHCertificates

/// How an enrolled host stands, from its own files.
package struct HostFacts: Encodable, Sendable {
    package let state: HostState
    package let certificateValidBefore: Date
    package let renewsAt: Date
    /// nil: there is no list that sshd could use.
    package let revocationListVersion: UInt64?
    package let userCAKeys: [String]
    package let problems: [String]
    /// The first of the problems, to end with.
    package let problem: HostError?

    enum CodingKeys: String, CodingKey {
        case state, problems
        case certificateValidBefore = "certificate_valid_before"
        case renewsAt = "renews_at"
        case revocationListVersion = "krl_version"
        case userCAKeys = "user_ca_keys"
    }

    package init(_ paths: HostPaths, sshd: SSHDaemon, at now: Date) async throws {
        state = try HostState(paths)
        let line = try AtomicFile.readText(paths.hostCertificate, limit: 65_536)
        guard let certificate = try? SSHCertificate(authorizedKey: line) else {
            throw ClientError.damaged(path: paths.hostCertificate)
        }
        certificateValidBefore = Date(timeIntervalSince1970: Double(certificate.contents.validity.validBefore))
        renewsAt = certificate.renewalTime
        revocationListVersion = PublishedRevocationList.version(inFile: paths.revocationList)
        userCAKeys = try TrustedAuthorities.keys(try AtomicFile.readText(paths.userCA, limit: 65_536)).map(\.fingerprint)

        var found: [HostError] = []
        let installation = HostInstallation(paths: paths, files: DurableFiles(), sshd: sshd)
        if let drift = try await installation.drift() { found.append(drift) }
        if revocationListVersion == nil { found.append(.revocationListLost(path: paths.revocationList)) }
        if now >= certificateValidBefore { found.append(.certificateExpired) }
        if try HostKey(path: state.hostKey).publicKey != certificate.contents.publicKey {
            found.append(.certificate("it is for another key"))
        }
        problems = found.map(\.description)
        problem = found.first
    }
}
