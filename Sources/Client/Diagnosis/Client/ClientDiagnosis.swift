// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates
import ServiceAPI

/// Why `mayfly ssh` and plain `ssh` do or do not get in somewhere, as far as it can be seen from here: the session, the policy,
/// the certificates in hand, and settings of ssh that hide them.
package struct ClientDiagnosis: Sendable {
    private let destination: SSHDestination
    let arguments: [String]
    let target: String
    private let now: Date

    /// How far two clocks may be apart: certificates begin this long before they are issued.
    private static let clockTolerance: TimeInterval = 60

    /// - Parameters:
    ///   - target: as ssh takes it, `[USER@]HOST`.
    ///   - arguments: of ssh.
    package init(_ target: String, arguments: [String], now: Date) async throws {
        self.target = target
        self.arguments = arguments
        self.now = now
        destination = try await SSHDestination.resolve(target, arguments: arguments)
    }

    package var login: String { destination.login }
    package var host: String { destination.host }
}

extension ClientDiagnosis {
    /// What the server says: whether it knows us, and what it would give.
    package func serverChecks(
        _ state: () throws -> ServerState, role: String?, reason: String?, ticket: String?
    ) async -> [DiagnosisCheck] {
        let known: ServerState
        let session: Session
        do {
            known = try state()
            session = try known.session(now: now)
        } catch {
            return [failure("session", error)]
        }
        var checks: [DiagnosisCheck] = [
            .ok("session", "with `\(known.address.url)` until \(session.expiresAt.formatted(.iso8601))")
        ]
        let request: SSHCertificateRequest
        do {
            // The kind of key `mayfly ssh` makes; it is shown and thrown away.
            let key = try OpenSSHPrivateKey(generating: .ed25519).publicKey.authorizedKey()
            request = SSHCertificateRequest(
                role: role, publicKey: key, host: host, logins: [login], reason: reason, ticket: ticket)
            checks += try await APIClient.connected(
                to: known.address, serviceCA: try known.serviceCA(), session: session
            ) { client in
                let status = try await client.status()
                let clock = clock(status.time)
                do {
                    return [clock, preview(try await client.previewSSH(request))]
                } catch {
                    return [clock, failure("policy", error)]
                }
            }
        } catch {
            checks.append(failure("server", error))
        }
        return checks
    }

    private func clock(_ server: Date) -> DiagnosisCheck {
        let difference = Int(now.timeIntervalSince(server).rounded())
        guard abs(Double(difference)) <= Self.clockTolerance else {
            return .problem(
                "clock", "this clock and the server's are \(abs(difference)) seconds apart",
                mend: "set the one that is wrong: `timedatectl` shows whether it is synchronized")
        }
        return .ok("clock", "as the server's")
    }

    private func preview(_ preview: SSHCertificatePreview) -> DiagnosisCheck {
        var words = ["role `\(preview.role)` by rule `\(preview.rule)` gives \(Self.list(preview.principals))"]
        words.append("for \(preview.lifetime / 60) minutes")
        if let command = preview.forceCommand { words.append("with the command `\(command)` only") }
        if !preview.sourceAddresses.isEmpty { words.append("from \(Self.list(preview.sourceAddresses)) only") }
        if !preview.extensions.contains("permit-pty") { words.append("without a terminal") }
        return .ok("policy", words.joined(separator: ", "))
    }

    private func failure(_ check: String, _ error: any Error) -> DiagnosisCheck {
        let error = error as? ClientError
        return .problem(check, error?.description ?? "it cannot be told", mend: error?.hint)
    }

    private static func list(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
}

extension ClientDiagnosis {
    /// A certificate for this host and login, and where it is kept.
    package struct Held: Sendable {
        package let certificate: SSHCertificate
        let place: Place

        enum Place: Equatable {
            case cache(path: String)
            case agent
            case file(path: String)
        }
    }

    /// The certificates that are for this login here, or could be: those of zones are among them.
    package func held(_ state: ServerState?, role: String?, environment: [String: String]) async throws -> [Held] {
        var found: [Held] = []
        if let state {
            let path = SSHCredentialCache(state).files(for: destination, role: role).certificatePath
            if let certificate = certificate(inFile: path) {
                found.append(Held(certificate: certificate, place: .cache(path: path)))
            }
        }
        if let agent = try? SSHAgentConnection(environment: environment) {
            let identities = (try? await agent.identities()) ?? []
            found += identities.compactMap { try? SSHCertificate(parsing: $0.blob) }.map {
                Held(certificate: $0, place: .agent)
            }
        }
        for path in try await settings().lines("certificatefile") {
            let path = path.hasPrefix("~/") ? (environment["HOME"] ?? "~") + path.dropFirst(1) : path
            if let certificate = certificate(inFile: path) {
                found.append(Held(certificate: certificate, place: .file(path: path)))
            }
        }
        return found.filter(isForHere)
    }

    private func certificate(inFile path: String) -> SSHCertificate? {
        (try? AtomicFile.readText(path, limit: SSHLimits.certificateLine)).flatMap { try? SSHCertificate(authorizedKey: $0) }
    }

    private func isForHere(_ held: Held) -> Bool {
        held.certificate.contents.principals.names.contains {
            $0 == login || $0 == "\(login)@host:\(host)" || $0.hasPrefix("\(login)@zone:")
        }
    }

    func settings() async throws -> OpenSSHSettings {
        let output = try await ChildProgram.run("ssh", ["-G", "-T", target] + arguments, limit: 1 << 20)
        return OpenSSHSettings(parsing: output)
    }

    package func certificateChecks(_ held: [Held], authorities: [SSHPublicKey], address: String?) -> [DiagnosisCheck] {
        guard !held.isEmpty else {
            return [.ok("certificate", "there is none for `\(login)` on `\(host)` yet; `mayfly ssh` gets one")]
        }
        return held.flatMap { held in
            CertificateDiagnosis(held.certificate).checks(
                login: login, authorities: authorities, address: address, now: now, clock: "this computer's"
            ).map { check in
                // One that mayfly itself would replace is no obstacle.
                guard case .cache = held.place, check.check == "validity", check.outcome == .problem else {
                    return DiagnosisCheck(
                        check: check.check, outcome: check.outcome, finding: "\(held.place): \(check.finding)", mend: check.mend
                    )
                }
                return .ok("validity", "\(held.place): \(check.finding); `mayfly ssh` gets a new one")
            }
        }
    }
}

extension ClientDiagnosis.Held.Place: CustomStringConvertible {
    var description: String {
        switch self {
        case .cache: "kept by mayfly"
        case .agent: "in ssh-agent"
        case .file(let path): "in `\(path)`"
        }
    }
}
