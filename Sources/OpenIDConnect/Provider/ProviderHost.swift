// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The host of a provider's address, and where that is as far as its text says. Names are not looked up.
struct ProviderHost: Hashable, Sendable {
    /// In lower case, without brackets and without the dot that may end a name.
    let text: String
    let place: Place

    enum Place: String, Sendable {
        case thisMachine = "to this machine"
        /// Where clouds keep the credentials of their machines.
        case link = "to the link of this machine"
        case privateNetwork = "into a private network"
        case elsewhere
    }

    /// - Parameter authority: RFC 3986 §3.2; nothing but host and port, and an IPv4 address in no other form than dotted decimal.
    init?(authority: Substring) {
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]"),
                let address = Self.canonical(version6: String(authority[..<end].dropFirst()))
            else { return nil }
            (text, place) = (address, Self.place(ofVersion6: address))
            rest = authority[end...].dropFirst()
        } else {
            let host = authority.prefix { $0 != ":" }
            let name = (host.hasSuffix(".") ? host.dropLast() : host).lowercased()
            guard let place = Self.place(ofName: name) else { return nil }
            (text, self.place) = (name, place)
            rest = authority[host.endIndex...]
        }
        guard rest.isEmpty || Self.isPort(rest) else { return nil }
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        return text.first == ":" && digits.utf8.allSatisfy(isDigit) && UInt16(digits).map { $0 > 0 } == true
    }

    private static func place(ofName name: String) -> Place? {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, let last = labels.last,
            labels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) })
        else { return nil }
        // `127.1`, `0x7f.1` and `2130706433` are addresses too for whoever connects.
        if last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x") { return place(ofVersion4: labels) }
        return last == "localhost" ? .thisMachine : .elsewhere
    }

    private static func place(ofVersion4 labels: [Substring]) -> Place? {
        let bytes = labels.compactMap { label in UInt8(label).flatMap { String($0) == label ? $0 : nil } }
        guard labels.count == 4, bytes.count == 4 else { return nil }
        return switch (bytes[0], bytes[1]) {
        case (0, _), (127, _): .thisMachine
        case (169, 254): .link
        case (10, _), (172, 16...31), (192, 168), (100, 64...127): .privateNetwork
        default: .elsewhere
        }
    }

    /// As RFC 5952 has it, with dotted decimal at the end of an IPv4-mapped address.
    private static func canonical(version6 text: String) -> String? {
        text.contains(":") ? (try? SocketAddress(ipAddress: text, port: 0))?.ipAddress : nil
    }

    private static func place(ofVersion6 address: String) -> Place {
        if address == "::" || address == "::1" { return .thisMachine }
        let mapped = "::ffff:"
        if address.hasPrefix(mapped), address.contains(".") {
            return place(ofVersion4: address.dropFirst(mapped.count).split(separator: ".")) ?? .thisMachine
        }
        return switch UInt16(address.prefix { $0 != ":" }, radix: 16) {
        case .some(0xFE80...0xFEBF): .link
        // 6to4, which has an IPv4 address in it.
        case .some(0x2002): .privateNetwork
        case .some(0x2000...0x3FFF): .elsewhere
        default: .privateNetwork
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }
}
