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
            The policies give no more than the source; what could not be carried over is reported. They go to --out, the report to
            standard output.

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
    }

    func run() throws {
        let imported = try self.imported()
        try output.print(imported) { imported.description + "\n" }
        if !imported.files.isEmpty { try Files.createDirectory(out, mode: 0o755) }
        for policy in imported.files {
            let path = "\(out)/\(policy.name)"
            guard !FileManager.default.fileExists(atPath: path) else { throw ServerError.unwritable(path) }
            try Files.write(String(decoding: policy.bytes, as: UTF8.self), to: path)
            Console.note("wrote \(path)")
        }
    }

    private func imported() throws -> Imported {
        let bytes = try Self.read(file)
        var options = ImportOptions(source: URL(filePath: file).lastPathComponent)
        options.zone = try zone.map { try ImportZone(name: $0, hosts: hosts) }
        return switch source {
        case .stepCA: try PolicyImporter.stepCA(bytes, options: options)
        case .vaultSSH: try PolicyImporter.vaultSSH(bytes, roleName: roleName, options: options)
        case .vaultPKI: try PolicyImporter.vaultPKI(bytes, roleName: roleName, options: options)
        case .opkssh: try PolicyImporter.opkssh(authID: bytes, providers: try providers.map(Self.read), options: options)
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw ServerError.unreadable(path) }
        return Array(data)
    }
}
