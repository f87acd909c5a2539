// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// What may stand in each place of a certificate, byte by byte. Lists of what is allowed, not of what is dangerous.
enum Names {
    /// Ids of rules and names of roles and zones: they appear in key ids and principals, so no `/`, `@` or `:`.
    static func isIdentifier(_ text: String) -> Bool {
        guard text.utf8.count <= 64, let first = text.utf8.first else { return false }
        return (ASCII.isLower(first) || ASCII.isDigit(first))
            && text.utf8.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0) }
    }

    /// `[a-z_][a-z0-9_.-]*`, at most 32 bytes (useradd(8)).
    static func isLogin(_ text: String) -> Bool {
        guard text.utf8.count <= 32, let first = text.utf8.first else { return false }
        return (ASCII.isLower(first) || first == UInt8(ascii: "_"))
            && text.utf8.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0) }
    }

    /// A principal of a scheme of one's own. Neither a list nor a pattern, and never one of ours.
    static func isPlainPrincipal(_ text: String) -> Bool {
        text.utf8.count <= 256 && text.consists(ofLettersDigitsAnd: "._@:/+=-")
            && !contains("@zone:", in: text) && !contains("@host:", in: text)
    }

    static func isDNSName(_ text: String) -> Bool {
        guard let host = try? HostName(text) else { return false }
        return host.address == nil
    }

    /// Dot-atom `@` DNS name (RFC 5321 §4.1.2) without quoting or comments.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].utf8.count <= 64, isDNSName(parts[1])
        else { return false }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { String($0).consists(ofLettersDigitsAnd: "_+-") }
    }

    /// A subject's common name or organization: at most 64 characters (RFC 5280 appendix A, ub-common-name and
    /// ub-organization-name), and nothing that has a meaning in any text form of a distinguished name.
    static func isSubjectPart(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: " ") && text.utf8.last != UInt8(ascii: " ")
            && text.consists(ofLettersDigitsAnd: " @._:'()-")
    }

    /// An absolute URI without percent-encoding, query or fragment; a SPIFFE ID when it begins so.
    static func isURI(_ text: String) -> Bool {
        if isSPIFFE(text) { return isSPIFFEID(text) }
        guard text.utf8.count <= 2048, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = text.utf8[..<colon]
        let rest = String(text[text.utf8.index(after: colon)...])
        guard let first = scheme.first, ASCII.isLower(first),
            scheme.allSatisfy({ ASCII.isLower($0) || ASCII.isDigit($0) || "+-.".utf8.contains($0) }),
            rest.consists(ofLettersDigitsAnd: "-._~:/@"), rest.utf8.first != UInt8(ascii: "@")
        else { return false }
        guard rest.hasPrefix("//") else { return true }
        return segments(rest.dropFirst(2)).allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    static func isSPIFFE(_ text: String) -> Bool { text.hasPrefix("spiffe:") }

    /// `spiffe://trust-domain/path`: SPIFFE ID §2, with a path, for a certificate names one workload.
    private static func isSPIFFEID(_ text: String) -> Bool {
        guard text.utf8.count <= 2048, text.hasPrefix("spiffe://") else { return false }
        let parts = segments(text.dropFirst("spiffe://".count))
        guard parts.count >= 2, let trustDomain = parts.first, (1...255).contains(trustDomain.utf8.count),
            trustDomain.utf8.allSatisfy({ ASCII.isLower($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0) })
        else { return false }
        return parts.dropFirst().allSatisfy { $0 != "." && $0 != ".." && $0.consists(ofLettersDigitsAnd: "-_.") }
    }

    private static func segments(_ text: Substring) -> [String] {
        text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }

    private static func contains(_ part: String, in text: String) -> Bool {
        Wildcard("*\(part)*").matches(text)
    }

    /// Users and groups are written as the identity provider writes them.
    static func isDirectoryName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.isPlainlyVisible && !text.hasPrefix(" ") && !text.hasSuffix(" ")
            && !text.utf8.contains(UInt8(ascii: "*"))
    }
}
