// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials

/// A unit with which systemd runs one command for as long as the machine runs; with `--once` it is for a timer.
struct ServerUnit {
    let text: String

    /// - Parameters:
    ///   - home: of the client's state.
    ///   - writable: folders; what the command reloads may write where it wants outside `/usr`, `/boot` and `/etc`.
    /// - Throws: for what cannot stand in a unit.
    init(program: String, arguments: [String], home: String, directory: String, writable: [String]) throws {
        let once = arguments.contains("--once")
        let words = try ([program] + arguments.filter { $0 != "--print-unit" }).map(Self.quoted).joined(separator: " ")
        let kind = once ? "Type=oneshot" : "Restart=always\nRestartSec=10"
        text = """
            # Printed by `mayfly … --print-unit`.
            [Unit]
            Description=mayfly: certificate and revocation lists of a TLS server
            Wants=network-online.target
            After=network-online.target time-sync.target

            [Service]
            ExecStart=\(words)
            \(kind)
            WorkingDirectory=\(try Self.path(directory))
            Environment=\(try Self.quoted("MAYFLY_HOME=" + home))
            ProtectSystem=full
            ReadWritePaths=\(try Set(writable).sorted().map(Self.quoted).joined(separator: " "))
            PrivateDevices=yes
            ProtectKernelTunables=yes
            ProtectKernelModules=yes
            ProtectControlGroups=yes
            MemoryDenyWriteExecute=yes
            UMask=0077
            \(once ? "" : "\n[Install]\nWantedBy=multi-user.target\n")
            """
    }

    /// This program, as a unit names it.
    static func thisProgram() throws -> String {
        try path(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    }

    private static func path(_ path: String) throws -> String {
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"'\\%$".utf8.contains($0) }) else {
            throw ValidationError("the path `\(path)` cannot stand in a unit")
        }
        return path
    }

    /// As systemd.service(5) wants one word.
    private static func quoted(_ word: String) throws -> String {
        guard word.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ValidationError("a word of the command has a control character, which cannot stand in a unit")
        }
        let text = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
            .replacing("$", with: "$$")
        return "\"\(text)\""
    }
}
