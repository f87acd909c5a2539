// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that has the last word, run in a directory with UTC as its time zone.
struct ForeignProgram {
    let path: String

    static let sshKeygen = ForeignProgram(path: "/usr/bin/ssh-keygen")
    static let sshAgent = ForeignProgram(path: "/usr/bin/ssh-agent")

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Its standard output.
    /// - Throws: `Failure` with all its output if it exits with anything but 0.
    func run(_ arguments: [String], in directory: URL, input: [UInt8] = []) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = ["TZ": "UTC", "LC_ALL": "C", "HOME": directory.path, "PATH": "/usr/bin:/bin"]
        // Files, not pipes: another test's child may inherit the end of a pipe and keep it open.
        let name = UUID().uuidString
        let files = ["input", "output", "errors"].map { directory.appending(path: "\($0)-\(name)") }
        try directory.write(input, to: files[0].lastPathComponent)
        try directory.write([], to: files[1].lastPathComponent)
        try directory.write([], to: files[2].lastPathComponent)
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let output = try Data(contentsOf: files[1])
        guard process.terminationStatus == 0 else {
            let errors = try String(contentsOf: files[2], encoding: .utf8)
            throw Failure(
                description:
                    "\(path) \(arguments): \(process.terminationStatus) \(String(decoding: output, as: UTF8.self)) \(errors)")
        }
        return Array(output)
    }

    func text(_ arguments: [String], in directory: URL, input: [UInt8] = []) throws -> String {
        String(decoding: try run(arguments, in: directory, input: input), as: UTF8.self)
    }
}
