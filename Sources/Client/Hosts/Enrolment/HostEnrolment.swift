// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SSHCertificates
package import ServiceAPI

/// A host joins: everything is fetched and checked first, then installed.
package struct HostEnrolment: Sendable {
    package struct Options: Sendable {
        package var address: ServerAddress
        package var fingerprint: String
        package var tokenFile: String
        package var role: String
        package var name: String
        /// nil: those of the policy.
        package var zones: [String]?
        package var logins: [String]
        package var hostKey: String
        /// The program that the unit of systemd runs; nil: no unit.
        package var unitProgram: String?

        package init(
            address: ServerAddress, fingerprint: String, tokenFile: String, role: String, name: String, zones: [String]?,
            logins: [String], hostKey: String, unitProgram: String?
        ) {
            self.address = address
            self.fingerprint = fingerprint
            self.tokenFile = tokenFile
            self.role = role
            self.name = name
            self.zones = zones
            self.logins = logins
            self.hostKey = hostKey
            self.unitProgram = unitProgram
        }
    }

    package struct Outcome: Sendable {
        package let state: HostState
        package let certificate: IssuedCertificate
        package let revocationListVersion: UInt64
        package let files: [String]
    }

    private let paths: HostPaths
    private let files: DurableFiles
    private let installation: HostInstallation

    package init(paths: HostPaths, files: DurableFiles, sshd: SSHDaemon) {
        self.paths = paths
        self.files = files
        installation = HostInstallation(paths: paths, files: files, sshd: sshd)
    }

    package func run(_ options: Options, at now: @escaping @Sendable () -> Date) async throws -> Outcome {
        try ServiceCA.checkFingerprint(options.fingerprint)
        let token = try EnrolmentTokenFile.read(options.tokenFile)
        let key = try HostKey(path: options.hostKey)
        try await installation.check(hostKey: options.hostKey)
        let service = try await ServiceCA.presented(by: options.address, fingerprint: options.fingerprint)
        return try await APIClient.connected(to: options.address, serviceCA: service.pem, session: nil) { client in
            let authorities = try TrustedAuthorities(try await client.authorities())
            guard let document = try await client.revocationList(after: nil, wait: 0) else {
                throw ClientError.host(.revocationList("there is none"))
            }
            let list = try PublishedRevocationList(document, signedBy: authorities.userCAs)
            // What this host could not be given, it finds out before the token is used.
            _ = try configuration(options, zones: options.zones ?? [], authorities)

            let act = HostMessage.Act.enrolment(
                token: HostKey.digest(Array(token.utf8)), role: options.role, host: options.name)
            let reply = try await client.enrolHost(
                HostEnrolmentRequest(
                    token: token, role: options.role, host: options.name, publicKey: try key.publicKey.authorizedKey(),
                    proof: try await key.proof(of: act, service: service.fingerprint, at: now())))
            let certificate = try SSHCertificate(
                forHost: options.name, issued: reply.issued.certificate, key: key.publicKey, by: authorities, at: now())

            let state = HostState(
                url: options.address.url, fingerprint: service.fingerprint, name: options.name, role: options.role,
                zones: options.zones ?? reply.zones, logins: Set(options.logins).sorted(), hostKey: options.hostKey)
            var contents = try configuration(options, zones: state.zones, authorities)
            contents += [
                .init(path: paths.serviceCA, contents: Array(service.pem.utf8)),
                .init(path: paths.hostCertificate, contents: try Self.line(of: certificate)),
                .init(path: paths.revocationList, contents: list.bytes),
            ]
            if let program = options.unitProgram {
                contents.append(.init(path: paths.unit, contents: Array(HostUnit.text(program: program, paths).utf8)))
            }
            contents.append(.init(path: paths.state, contents: state.bytes))
            try await installation.install(contents)
            // The host has joined whether or not this arrives; `sync` says it again.
            try? await HostSync(paths: paths, files: files, state: state, client: client, now: { now() }).report(problem: nil)
            return Outcome(
                state: state, certificate: reply.issued, revocationListVersion: list.version,
                files: contents.map(\.path) + [paths.dropIn])
        }
    }

    static func line(of certificate: SSHCertificate) throws -> [UInt8] {
        Array((try certificate.authorizedKey(comment: "mayfly") + "\n").utf8)
    }

    /// The user CA and the principals of each login.
    private func configuration(
        _ options: Options, zones: [String], _ authorities: TrustedAuthorities
    ) throws(ClientError) -> [HostInstallation.File] {
        do throws(HostConfigurationError) {
            let configuration = try HostConfiguration(
                zones: zones, logins: options.logins, hostName: options.name, directory: paths.directory,
                userCA: authorities.userCAText, hostKey: nil)
            return configuration.files.filter { $0.path != configuration.configurationPath }
                .map { .init(path: $0.path, contents: Array($0.contents.utf8)) }
        } catch {
            throw .hostConfiguration(error)
        }
    }
}

/// The unit with which systemd keeps a host up to date.
package enum HostUnit {
    package static func text(program: String, _ paths: HostPaths) -> String {
        """
        # Written by `mayfly host enroll --systemd`; `mayfly host leave` takes it away.
        [Unit]
        Description=mayfly: host certificate, CA keys and revocation list of sshd
        Wants=network-online.target
        After=network-online.target time-sync.target

        [Service]
        ExecStart=\(program) host sync\(paths.root.isEmpty ? "" : " --root \(paths.root)")
        Restart=always
        RestartSec=10
        NoNewPrivileges=yes
        ProtectSystem=strict
        ReadWritePaths=\(paths.ssh)
        ProtectHome=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectKernelTunables=yes
        ProtectKernelModules=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        MemoryDenyWriteExecute=yes
        UMask=0022

        [Install]
        WantedBy=multi-user.target

        """
    }
}
