// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// What a KRL revokes, as `ssh-keygen` lists it.
package struct ListedRevocations: SSHRevocations {
    /// Of one CA, or of any where `authority` is nil.
    private struct Section {
        let authority: String?
        var serials: [ClosedRange<UInt64>] = []
        var keyIDs: Set<String> = []
    }

    private var sections: [Section] = []
    private var keys: Set<String> = []

    /// - Throws: `ClientError.programFailed` for what is no KRL (an empty file is none), `damaged` for what it revokes in a way
    ///   that is not understood here, such as by SHA-1.
    package init(krl path: String) async throws {
        let output = try await ChildProgram.run("ssh-keygen", ["-Q", "-l", "-f", path], limit: 1 << 26)
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            if let match = line.wholeMatch(of: /# CA key \S+ (\S+)/) {
                sections.append(Section(authority: String(match.1)))
            } else if line.hasPrefix("# Wildcard CA") {
                sections.append(Section(authority: nil))
            } else if let match = line.wholeMatch(of: /serial: ([0-9]+)(?:-([0-9]+))?/), let low = UInt64(match.1),
                let high = match.2.map({ UInt64($0) }) ?? low, low <= high, !sections.isEmpty
            {
                sections[sections.count - 1].serials.append(low...high)
            } else if line.hasPrefix("id: "), !sections.isEmpty {
                sections[sections.count - 1].keyIDs.insert(String(line.dropFirst("id: ".count)))
            } else if let match = line.wholeMatch(of: /hash: (SHA256:\S+).*/) {
                keys.insert(String(match.1))
            } else if !line.hasPrefix("#") {
                throw ClientError.damaged(path: path)
            }
        }
    }

    package func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool {
        keys.contains(certificate.keyFingerprint)
            || sections.contains { section in
                (section.authority.map { $0 == certificate.authority.fingerprint } ?? true)
                    && (section.keyIDs.contains(certificate.keyID)
                        || section.serials.contains { $0.contains(certificate.serial) })
            }
    }
}
