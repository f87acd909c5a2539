// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Policies
import X509Certificates

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a CA: keys, configuration, first administrator.",
        discussion: """
            Keys that exist are never overwritten.

            EXAMPLE:
              mayfly init --dir ca --name Example --host ca.example.com
            """)

    @Option(help: ArgumentHelp("The CA directory.", valueName: "directory"))
    var dir = "ca"

    @Option(help: "Name of this installation; stands in its CA certificates.")
    var name: String?

    @Option(help: "A name or address clients use for the server; may be repeated.")
    var host: [String] = []

    @Option(help: ArgumentHelp("Where to listen, such as 127.0.0.1:8443.", valueName: "address"))
    var listen: String?

    @Option(help: ArgumentHelp("The policy files, seen from the CA directory.", valueName: "directory"))
    var policies: String?

    @Option(help: ArgumentHelp("The first administrator, in group admins; you by default.", valueName: "user"))
    var admin: String?

    @Option(help: ArgumentHelp("Their login on servers; yours by default.", valueName: "login"))
    var adminLogin: String?

    @Option(help: ArgumentHelp("Their SSH public key; ~/.ssh/*.pub by default, else a new one.", valueName: "file"))
    var adminKey: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = CADirectory(path: dir)
        guard !directory.isInitialized else { throw ServerError.alreadyInitialized(dir) }
        let configuration = try configuration(in: directory)
        let person = try LocalPerson(name: admin, login: adminLogin)
        let keys = try AdministratorKeys(file: adminKey, directory: directory)
        try await Initialization(
            directory: directory, configuration: configuration,
            administrator: .init(name: person.name, login: person.login, keys: keys.lines)
        ).run()
        let service = try IssuerCertificate(pem: try Files.read(directory.publicFile(.service)))
        let result = Result(
            directory: dir, fingerprint: service.fingerprint, administrator: person.name, administratorKey: keys.madeKey)
        try output.print(result) { "service CA \(result.fingerprint)\n" }
        Console.note("made a CA in `\(dir)` with administrator `\(person.name)`")
        if let made = keys.madeKey { Console.note("you had no SSH key, so the administrator logs in with `\(made)`") }
        Console.note(
            "the keys are encrypted with `\(directory.resolve(configuration.passphraseFile))`, which protects them only when it lies elsewhere: see docs/operations.md"
        )
    }

    /// What `mayfly.yaml` says where there is one; otherwise it is written from the options.
    private func configuration(in directory: CADirectory) throws -> Configuration {
        if FileManager.default.fileExists(atPath: directory.configuration) {
            guard name == nil, host.isEmpty, listen == nil, policies == nil else {
                throw ServerError.invalidOption("`\(directory.configuration)` exists; change it there instead of by options")
            }
            return try Configuration(reading: directory)
        }
        var configuration = Configuration()
        if let name { configuration.name = name }
        if !host.isEmpty { configuration.hosts = host }
        if let policies { configuration.policies = policies }
        if let listen {
            guard let address = ListenAddress(listen) else {
                throw ServerError.invalidOption("`\(listen)` is not an address to listen on; expected `127.0.0.1:8443`")
            }
            configuration.listen = address
        }
        try Files.createDirectory(directory.path, mode: 0o755)
        try Files.write(configuration.template, to: directory.configuration)
        return try Configuration(reading: directory)
    }

    private struct Result: Encodable {
        let directory: String
        let fingerprint: String
        let administrator: String
        let administratorKey: String?
    }
}
