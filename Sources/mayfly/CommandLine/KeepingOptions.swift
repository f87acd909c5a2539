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

    @Flag(help: "Print a unit of systemd that runs this very command, and do nothing.")
    var printUnit = false

    var isUsed: Bool { crlFile != nil || once || printUnit }

    /// - Parameter roots: PEM.
    func lists(under roots: String) -> RevocationListFile? {
        crlFile.map { RevocationListFile(path: Self.absolute($0), roots: roots) }
    }

    /// - Parameter folders: those it writes to, besides that of the lists.
    func run(_ sync: ServerSync, writing folders: [String]) async throws {
        if printUnit { return try writeUnit(writing: folders) }
        let loop = SyncLoop(sync) { Console.note($0) }
        if once { try await loop.once() } else { try await loop.run() }
    }

    /// - Parameter folders: those it writes to, besides that of the lists.
    func writeUnit(writing folders: [String]) throws {
        let home = try Home(environment: ProcessInfo.processInfo.environment).path
        let lists = crlFile.map { [FilePath(Self.absolute($0)).removingLastComponent().string] } ?? []
        let unit = try ServerUnit(
            program: ServerUnit.thisProgram(), arguments: Array(CommandLine.arguments.dropFirst()), home: home,
            directory: FileManager.default.currentDirectoryPath, writable: [home] + folders.map(Self.absolute) + lists)
        Console.write(unit.text)
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
