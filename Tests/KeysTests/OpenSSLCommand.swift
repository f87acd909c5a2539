// SPDX-License-Identifier: Apache-2.0
import Foundation
import Keys
import Testing

/// A directory of its own for each test, removed with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, to name: String, mode: Int = 0o600) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file(name))
        return file(name)
    }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file(name)))) }

    /// A passphrase as a person would choose it, in a file that lasts as long as this directory.
    func passphraseFile(_ text: String = chosenPassphrase) throws -> String {
        try write("\(text)\n".utf8, to: "passphrase-\(UUID().uuidString)")
    }

    /// Runs a command here and returns what it printed; it must succeed.
    @discardableResult
    func run(_ command: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.currentDirectoryURL = URL(filePath: path)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command) \(arguments): \(text)")
        return text
    }

    /// Restricts what the openssl command wrote, since it leaves some files to the umask.
    func restrict(_ name: String) throws -> String {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file(name))
        return file(name)
    }
}

let chosenPassphrase = "correct horse battery staple"

func permissions(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

/// Why the key in `path` is refused, or nil.
func refusal(
    of path: String, passphraseFile: String, expecting: [UInt8]? = nil
) throws -> KeyError? {
    let passphrase = try Passphrase(readingFile: passphraseFile)
    do throws(KeyError) {
        _ = try KeyFile.load(path, passphrase: passphrase, expecting: expecting)
        return nil
    } catch {
        return error
    }
}

func randomMessage(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }
