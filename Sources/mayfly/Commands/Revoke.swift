// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End certificates before their time.",
        discussion: """
            Name one by its serial, or all that match every other option. Your own need no capability; sessions end at once. \
            Only a hold can be taken back, with --release.

            With --wait it says which hosts enforce it and which open sessions they ended, and exits with 1 if after --timeout \
            a host does not, or a session is still open.

            EXAMPLE:
              mayfly revoke --user ana@example.com --reason "laptop lost" \\
                --dry-run
            """)

    @Option(help: "Its serial, as `mayfly certificates` shows it.")
    var serial: String?

    @Option(help: "ssh, ssh-host, x509 or session.")
    var kind: CertificateKind?

    @Option(help: "All of this person.")
    var user: String?

    @Option(help: "All that open or name this host.")
    var host: String?

    @Option(help: "All of this role.")
    var role: String?

    @Option(help: "All that this rule allowed.")
    var rule: String?

    @Option(help: "All that were issued under this policy set, by its digest.")
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "All that came of this enrolment token; none of them is renewed any more.", valueName: "token-id"))
    var enrolment: String?

    @Option(
        help: ArgumentHelp("All that were issued at this time or later.", valueName: "time"), transform: RevocationTime.parse)
    var issuedFrom: Date?

    @Option(help: ArgumentHelp("All that were issued before this time.", valueName: "time"), transform: RevocationTime.parse)
    var issuedBefore: Date?

    @Option(
        help: """
            What happened, for the CRL: keyCompromise, affiliationChanged, superseded, cessationOfOperation, \
            certificateHold or privilegeWithdrawn.
            """)
    var cause: RevocationCauseName?

    @Option(help: "Why.")
    var reason: String

    @Flag(help: "Only say what would be revoked.")
    var dryRun = false

    @Flag(help: "Take back a hold; needs --serial.")
    var release = false

    @Flag(help: "Wait until every host enforces it.")
    var wait = false

    @Option(
        help: ArgumentHelp("How long to wait.", valueName: "duration"), transform: { try PolicyDuration.parse($0) })
    var timeout = Duration.seconds(30)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if wait, dryRun || release { throw ValidationError("there is nothing to wait for") }
        if release {
            guard serial != nil, cause == nil, !dryRun else {
                throw ValidationError("--release goes with --serial and --reason alone")
            }
        }
    }

    func run() async throws {
        if release { return try await takeBack() }
        var request = RevocationRequest(reason: reason)
        request.serial = serial
        request.kind = kind
        request.user = user
        request.host = host
        request.role = role
        request.rule = rule
        request.policy = policy
        request.enrolment = enrolment
        request.issuedFrom = issuedFrom
        request.issuedBefore = issuedBefore
        request.cause = cause
        request.dryRun = dryRun ? true : nil
        let (reply, progress) = try await server.connected { client, _ in
            let reply = try await client.revoke(request)
            return (reply, wait ? try await follow(reply, client) : nil)
        }
        if wait {
            try output.print(Waited(revocation: reply, progress)) {
                table(reply).text + (progress.map { $0.sessions.isEmpty ? "" : "\n" + $0.sessions.table.text } ?? "")
            }
        } else {
            try output.print(reply) { table(reply).text }
        }
        if reply.count > reply.certificates.count {
            Console.note("\(reply.count) in all; the first \(reply.certificates.count) are listed")
        }
        if reply.count == 0 { Console.note("nothing that is valid matches") }
        if reply.notEnforceable > 0 {
            let count = reply.count == 1 ? "it" : "\(reply.notEnforceable) of them"
            Console.note("not enforceable for \(count): the role has `no_rev_avail`; only the end of the certificate ends it")
        }
        if let end = reply.exposedUntil, !dryRun {
            Console.note("the lists name them now; what does not fetch a list accepts the last of them until \(end.text)")
        }
        guard wait else { return }
        guard let progress else {
            guard reply.count == 0 || reply.revocationListVersion == nil && reply.previousListVersion == nil else {
                throw ExitCode(1)
            }
            return
        }
        Console.note(progress.line)
        for remark in progress.remarks(exposedUntil: reply.exposedUntil) { Console.note(remark) }
        if !progress.isComplete || !progress.open.isEmpty { throw ExitCode(1) }
    }

    private func table(_ reply: RevocationReply) -> TextTable {
        TextTable(
            header: [dryRun ? "WOULD BE REVOKED" : "REVOKED", "SERIAL", "USER", "ROLE", "WOULD HAVE ENDED"],
            rows: reply.certificates.map { certificate in
                [
                    certificate.kind.rawValue, certificate.serial, certificate.user ?? "-",
                    certificate.role.isEmpty ? "-" : certificate.role, certificate.validBefore.text,
                ]
            })
    }

    /// - Returns: nil where no list for hosts names it, or nobody can tell how far that has come. It is revoked all the same.
    private func follow(_ reply: RevocationReply, _ client: APIClient) async throws -> EnforcementWatch.Progress? {
        guard let version = reply.revocationListVersion else {
            Console.note(
                reply.previousListVersion == nil
                    ? "no SSH certificate is among them, so that hosts have nothing to enforce"
                    : "the list that names them is not built yet; see `mayfly hosts --lists`")
            return nil
        }
        let watch = EnforcementWatch(client: client, version: version, previous: reply.previousListVersion)
        defer { Console.endProgress() }
        do {
            return try await watch.follow(for: timeout) { Console.progress($0.line) }
        } catch let error as ClientError {
            Console.endProgress()
            Console.note("they are revoked, but how far that has come cannot be seen: \(error)")
            return nil
        }
    }

    private struct Waited: Encodable {
        let revocation: RevocationReply
        let list: ListEnforcementSummary?
        let sessions: [HostSessionSummary]?
        /// Whether every host enforces it, and no session is left, or may be.
        let complete: Bool

        init(revocation: RevocationReply, _ progress: EnforcementWatch.Progress?) {
            self.revocation = revocation
            list = progress?.list
            sessions = progress?.sessions
            complete = progress.map { $0.isComplete && $0.open.isEmpty } ?? false
        }
    }

    private func takeBack() async throws {
        guard let serial else { return }
        let released = try await server.connected { client, _ in
            try await client.release(ReleaseRequest(serial: serial, kind: kind, reason: reason))
        }
        try output.print(released) {
            TextTable([
                "released": "\(released.kind.rawValue) \(released.serial)", "user": released.user, "role": released.role,
                "ends": released.validBefore.text,
            ]).text
        }
    }
}

/// RFC 3339.
private enum RevocationTime {
    static func parse(_ text: String) throws -> Date {
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError("`\(text)` is not a time such as 2026-11-23T10:00:00Z")
        }
        return date
    }
}

extension CertificateKind: ExpressibleByArgument {}
extension RevocationCauseName: ExpressibleByArgument {}
