// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

/// Whether a name of a source can stand in a policy as it is. Whatever can is literal there: none holds a brace, so none
/// turns into a template.
enum SourceName {
    /// A principal of a scheme of one's own, and none that mayfly gives a meaning.
    static func isPrincipal(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && isMadeOf(text, lettersDigitsAnd: "._@:/+=-")
            && !["@zone:", "@host:"].contains { mark in text.indices.contains { text[$0...].hasPrefix(mark) } }
    }

    static func isHost(_ text: String) -> Bool { (try? HostName(text)) != nil }

    static func isDNSName(_ text: String) -> Bool {
        guard let host = try? HostName(text) else { return false }
        return host.address == nil
    }

    /// A DNS name with at least one `*`, which stands for a part of a label.
    static func isHostPattern(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "*")) && (try? HostPattern(text)) != nil
    }

    static func isHostOrPattern(_ text: String) -> Bool { isHost(text) || isHostPattern(text) }

    /// A name the pattern matches.
    static func example(ofPattern pattern: String) -> String {
        String(pattern.map { $0 == "*" ? "x" : $0 })
    }

    static func isEmail(_ text: String) -> Bool { (try? X509Names(emails: [text])) != nil }

    static func isURI(_ text: String) -> Bool { (try? X509Names(uris: [text])) != nil }

    static func isSPIFFE(_ text: String) -> Bool { text.hasPrefix("spiffe:") }

    /// A user or a group, as an identity provider writes it.
    static func isDirectoryName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.isPlainlyVisible && text.trimmed == text
            && !text.utf8.contains(UInt8(ascii: "*"))
    }

    /// An attribute of a subject.
    static func isOrganization(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.trimmed == text && isMadeOf(text, lettersDigitsAnd: " @._:'()-")
    }

    static func isClaimName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.isPlainlyVisible && text.trimmed == text
    }

    private static func isMadeOf(_ text: String, lettersDigitsAnd others: StaticString) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || others.description.unicodeScalars.contains(scalar))
        }
    }
}

extension IPAddress {
    /// The network of a text such as `10.0.0.0/8` in the form policies want, or of an address alone. nil: neither, or with
    /// bits after the prefix, which OpenSSH refuses as well.
    static func networkText(_ text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)), parts.count <= 2 else { return nil }
        let width = address.bytes.count * 8
        // An IPv4-mapped network would count its prefix from another start.
        guard parts.count == 2 else { return "\(address)/\(width)" }
        guard first.contains(":") == (width == 128), let prefix = Int(parts[1]), String(prefix) == parts[1],
            (0...width).contains(prefix), address.bits(after: prefix).allSatisfy({ $0 == 0 })
        else { return nil }
        return "\(address)/\(prefix)"
    }

    /// The address of a text that names one alone, with or without a prefix of its whole length.
    static func single(_ text: String) -> IPAddress? {
        guard let network = networkText(text), let slash = network.firstIndex(of: "/"),
            let address = IPAddress(String(network[..<slash])),
            network[slash...].dropFirst() == "\(address.bytes.count * 8)"
        else { return nil }
        return address
    }

    private func bits(after prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = Swift.min(Swift.max(prefix - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xFF >> bits)
        }
    }
}
