// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import SystemPackage

/// What commands share that keep files of a TLS server up to date.
struct KeepingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Keep the revocation lists of root and issuing CA in this file, PEM.", valueName: "file"))
    var crlFile: String?

    @Flag(help: "One round, for a timer, instead of for as long as the machine runs.")
    var once = false

    @Option(help: ArgumentHelp("Log in with this key when the session has ended.", valueName: "file"))
    var sshKey: String?

    @Option(
        help: ArgumentHelp(
            "Log in with the token in this file when the session has ended; it is read each time.", valueName: "file")
    )
    var tokenFile: String?

    @Flag(help: "Print a unit of systemd that runs this very command, and do nothing.")
    var printUnit = false

    var isUsed: Bool { crlFile != nil || once || sshKey != nil || tokenFile != nil || printUnit }

    func validate() throws {
        guard sshKey == nil || tokenFile == nil else { throw ValidationError("log in with --ssh-key or with --token-file") }
    }

    /// - Parameter roots: PEM.
    func lists(under roots: String) -> RevocationListFile? {
        crlFile.map { RevocationListFile(path: Self.absolute($0), roots: roots) }
    }

    func session(_ state: ServerState) throws -> UnattendedSession {
        let now: @Sendable () -> Date = { Date() }
        guard sshKey != nil || tokenFile != nil else { return UnattendedSession(state, now: now, logIn: nil) }
        let home = try Home(environment: ProcessInfo.processInfo.environment)
        let login = try Client.Login(home: home, address: state.address, user: nil, fingerprint: nil)
        let (sshKey, tokenFile) = (sshKey, tokenFile)
        return UnattendedSession(state, now: now) {
            let proof: LoginProof =
                if let tokenFile {
                    .token(try LoginProof.token(inFile: tokenFile), provider: nil)
                } else {
                    .keys(try await LoginSigner.candidates(keyFile: sshKey, environment: [:]))
                }
            _ = try await login.run(proof, now: now(), confirm: { _ in nil })
        }
    }

    /// - Parameter folders: those it writes to, besides that of the lists.
    func run(_ sync: ServerSync, writing folders: [String]) async throws {
        if printUnit {
            let home = try Home(environment: ProcessInfo.processInfo.environment).path
            let lists = crlFile.map { [FilePath(Self.absolute($0)).removingLastComponent().string] } ?? []
            let unit = try ServerUnit(
                program: ServerUnit.thisProgram(), arguments: Array(CommandLine.arguments.dropFirst()), home: home,
                directory: FileManager.default.currentDirectoryPath, writable: [home] + folders.map(Self.absolute) + lists)
            return Console.write(unit.text)
        }
        let loop = SyncLoop(sync) { Console.note($0) }
        if once { try await loop.once() } else { try await loop.run() }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
