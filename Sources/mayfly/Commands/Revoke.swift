// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End certificates before their time.",
        discussion: """
            Name one by its serial, or all that match every other option. Your own need no capability; sessions end at once. \
            Only a hold can be taken back, with --release.

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

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
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
        request.issuedFrom = issuedFrom
        request.issuedBefore = issuedBefore
        request.cause = cause
        request.dryRun = dryRun ? true : nil
        let reply = try await server.connected { client, _ in try await client.revoke(request) }
        try output.print(reply) {
            TextTable(
                header: [dryRun ? "WOULD BE REVOKED" : "REVOKED", "SERIAL", "USER", "ROLE", "WOULD HAVE ENDED"],
                rows: reply.certificates.map { certificate in
                    [
                        certificate.kind.rawValue, certificate.serial, certificate.user ?? "-",
                        certificate.role.isEmpty ? "-" : certificate.role, certificate.validBefore.text,
                    ]
                }
            ).text
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
