// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Policies
import PolicyImport

struct PolicyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write policies from the configuration of another CA.",
        discussion: """
            The policies give no more than the source; what could not be carried \
            over is reported. They go to --out, the report to standard output.

            Exit status 1: nothing was written, for nothing could be carried over \
            or there is such a file already.

            EXAMPLE:
              mayfly policy import step-ca ca.json --out imported
            """)

    enum Source: String, ExpressibleByArgument, CaseIterable {
        case stepCA = "step-ca"
        case vaultSSH = "vault-ssh"
        case vaultPKI = "vault-pki"
        case opkssh
    }

    @Argument(help: "step-ca, vault-ssh, vault-pki (also OpenBao) or opkssh.")
    var source: Source

    @Argument(help: ArgumentHelp("ca.json, roles as Vault prints them, or auth_id.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("The providers file of opkssh, for its lifetimes.", valueName: "file"))
    var providers: String?

    @Option(help: "The name of the role, where a file of Vault holds one alone.")
    var roleName: String?

    @Option(help: ArgumentHelp("A zone for the accounts; without it they become plain principals.", valueName: "name"))
    var zone: String?

    @Option(parsing: .upToNextOption, help: "The hosts of the zone.")
    var hosts: [String] = []

    @Option(help: ArgumentHelp("Where the policy files go.", valueName: "directory"))
    var out: String

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (zone == nil) == hosts.isEmpty else { throw ValidationError("--zone and --hosts belong together") }
        guard zone == nil || source != .vaultPKI else { throw ValidationError("--zone is for SSH accounts, not for vault-pki") }
        guard providers == nil || source == .opkssh else { throw ValidationError("--providers is for opkssh") }
        guard roleName == nil || source == .vaultSSH || source == .vaultPKI else {
            throw ValidationError("--role-name is for vault-ssh and vault-pki")
        }
    }

    func run() throws {
        let imported = try self.imported()
        let paths = imported.files.map { "\(out)/\($0.name)" }
        if let path = paths.first(where: Files.exists) { throw PolicyImportError.exists(path) }
        if !paths.isEmpty { try Files.createDirectory(out, mode: 0o755) }
        for (policy, path) in zip(imported.files, paths) {
            try Files.write(String(decoding: policy.bytes, as: UTF8.self), to: path)
            Console.note("wrote \(path)")
        }
        // Also where nothing was written: it says why.
        try output.print(imported) { imported.description + "\n" }
        guard !paths.isEmpty else {
            Console.note("error: nothing in `\(file)` could be carried over")
            throw ExitCode(1)
        }
    }

    private func imported() throws -> Imported {
        var options = ImportOptions(source: URL(filePath: file).lastPathComponent)
        options.zone = try zone.map { name in
            do { return try ImportZone(name: name, hosts: hosts) } catch { throw ValidationError("\(error)") }
        }
        // Alone first, so that a complaint names the file that is wrong.
        let providers = try providers.map { path in
            try Self.reading(path) { bytes in
                _ = try PolicyImporter.opkssh(authID: [], providers: bytes, options: options)
                return bytes
            }
        }
        return try Self.reading(file) { bytes in
            switch source {
            case .stepCA: try PolicyImporter.stepCA(bytes, options: options)
            case .vaultSSH: try PolicyImporter.vaultSSH(bytes, roleName: roleName, options: options)
            case .vaultPKI: try PolicyImporter.vaultPKI(bytes, roleName: roleName, options: options)
            case .opkssh: try PolicyImporter.opkssh(authID: bytes, providers: providers, options: options)
            }
        }
    }

    private static func reading<Result>(_ path: String, _ body: ([UInt8]) throws -> Result) throws -> Result {
        do {
            return try body(read(path))
        } catch let error as ImportError {
            throw PolicyImportError.unusable(path, error)
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw ServerError.unreadable(path) }
        return Array(data)
    }
}

/// Why nothing was imported.
enum PolicyImportError: ExplainedError, Equatable {
    case exists(String)
    case unusable(String, ImportError)

    var description: String {
        switch self {
        case .exists(let path): "`\(path)` exists already"
        case .unusable(let path, let error): "`\(path)`: \(error)"
        }
    }

    var hint: String? {
        switch self {
        case .exists: "choose another directory with `--out`; policies are never overwritten"
        case .unusable(_, .namelessRole): "say it with `--role-name`"
        case .unusable: nil
        }
    }

    var file: String? {
        switch self {
        case .exists(let path), .unusable(let path, _): path
        }
    }
}
