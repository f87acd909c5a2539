// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

/// What the commands on a host share.
struct HostOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Put everything below this folder; for tests.", valueName: "folder"))
    var root: String?

    @Option(help: ArgumentHelp("The sshd of this host.", valueName: "program"))
    var sshd = "/usr/sbin/sshd"

    func paths() throws -> HostPaths {
        guard let root else { return HostPaths() }
        let path = root.hasPrefix("/") ? root : FileManager.default.currentDirectoryPath + "/" + root
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"'\\%#".utf8.contains($0) }) else {
            throw ClientError.host(.rootPath(path))
        }
        return HostPaths(root: path)
    }

    func daemon(_ paths: HostPaths) -> SSHDaemon {
        SSHDaemon(program: sshd, configuration: paths.sshdConfiguration)
    }
}

struct HostEnroll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Let this host join: a host certificate, logins by certificates, and revocations that sshd enforces.",
        discussion: """
            EXAMPLE:
              mayfly host enroll https://ca.example.com --fingerprint SHA256:… \\
                --token web1.token --role web-host --host web1.example.com --logins deploy
            """)

    @Argument(help: ArgumentHelp("The server.", valueName: "url"))
    var url: String

    @Option(help: "Fingerprint of the service CA, as `mayfly init` printed it.")
    var fingerprint: String

    @Option(help: ArgumentHelp("What `mayfly token create` wrote.", valueName: "file"))
    var token: String

    @Option(help: "The role the token is for.")
    var role: String

    @Option(help: "The name by which people reach this host; what the system says by default.")
    var host: String?

    @Option(parsing: .upToNextOption, help: "The zones this host is in; those of the policy by default.")
    var zones: [String] = []

    @Option(parsing: .upToNextOption, help: "The accounts that certificates may open.")
    var logins: [String]

    @Option(help: ArgumentHelp("The host key; that of Ed25519 by default.", valueName: "file"))
    var hostKey: String?

    @Flag(help: "Write a unit of systemd that keeps the host up to date.")
    var systemd = false

    @Flag(name: .customLong("no-reload"), help: "Leave it to you to make sshd read its new configuration.")
    var noReload = false

    @OptionGroup var options: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let paths = try options.paths()
        let sshd = options.daemon(paths)
        let enrolment = HostEnrolment(paths: paths, files: DurableFiles(), sshd: sshd)
        let outcome = try await enrolment.run(
            .init(
                address: try ServerAddress(url), fingerprint: fingerprint, tokenFile: token, role: role,
                name: host ?? ProcessInfo.processInfo.hostName.lowercased(), zones: zones.isEmpty ? nil : zones,
                logins: logins, hostKey: hostKey ?? paths.defaultHostKey,
                unitProgram: systemd ? try ServerUnit.thisProgram() : nil),
            at: { Date() })
        let isReloaded = noReload ? false : try await sshd.reload()
        try output.print(Result(outcome, isReloaded: isReloaded)) {
            TextTable([
                "host": outcome.state.name, "role": outcome.state.role, "zones": outcome.state.zones.joined(separator: ", "),
                "certificate until": outcome.certificate.validBefore.text,
                "revocation list": "\(outcome.revocationListVersion)",
            ]).text
        }
        for path in outcome.files { Console.note("wrote \(path)") }
        Console.note(
            isReloaded
                ? "sshd has read it; keep a session open until a new login has worked"
                : "sshd reads it when it is started or reloaded: `systemctl reload ssh`")
        if systemd {
            Console.note("hint: systemctl daemon-reload && systemctl enable --now \(HostPaths.unitName)")
        } else {
            Console.note("hint: keep it up to date with `mayfly host sync`")
        }
    }

    private struct Result: Encodable {
        let state: HostState
        let certificateSerial: String
        let certificateValidBefore: Date
        let revocationListVersion: UInt64
        let files: [String]
        let reloaded: Bool

        init(_ outcome: HostEnrolment.Outcome, isReloaded: Bool) {
            state = outcome.state
            certificateSerial = outcome.certificate.serial
            certificateValidBefore = outcome.certificate.validBefore
            revocationListVersion = outcome.revocationListVersion
            files = outcome.files
            reloaded = isReloaded
        }

        enum CodingKeys: String, CodingKey {
            case state, files, reloaded
            case certificateSerial = "certificate_serial"
            case certificateValidBefore = "certificate_valid_before"
            case revocationListVersion = "krl_version"
        }
    }
}
