// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// An account of this host, from whatever directory the system asks (getent(1)).
struct HostAccount: Sendable {
    let name: String
    let user: uid_t
    let home: String
    let shell: String
    let groups: Set<gid_t>
    let groupNames: [String]
    /// `nil` where only root may know.
    let shadow: Shadow?

    struct Shadow: Sendable {
        /// As `passwd -l` does it.
        let isLocked: Bool
        /// shadow(5): days since 1970-01-01.
        let expires: Int?
    }

    static func named(_ name: String) async throws -> HostAccount? {
        guard !name.hasPrefix("-"), let entry = try await entry("passwd", name), entry.count >= 7, let user = uid_t(entry[2])
        else { return nil }
        let shadow = try await Self.entry("shadow", name)
        return HostAccount(
            name: name, user: user, home: entry[5], shell: entry[6].isEmpty ? "/bin/sh" : entry[6],
            groups: Set(try await words("id", ["-G", name]).compactMap { gid_t($0) }),
            groupNames: try await words("id", ["-Gn", name]),
            shadow: shadow.map {
                Shadow(isLocked: $0.count > 1 && $0[1].hasPrefix("!"), expires: $0.count > 7 ? Int($0[7]) : nil)
            })
    }

    private static func entry(_ database: String, _ name: String) async throws -> [String]? {
        let answer = try await ChildProgram.answer("getent", [database, name])
        guard answer.status == 0 else { return nil }
        return String(decoding: answer.output, as: UTF8.self).split(separator: "\n").first?
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }

    private static func words(_ program: String, _ arguments: [String]) async throws -> [String] {
        let answer = try await ChildProgram.answer(program, arguments)
        guard answer.status == 0 else { return [] }
        return String(decoding: answer.output, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
