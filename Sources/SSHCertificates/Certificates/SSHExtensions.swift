// SPDX-License-Identifier: Apache-2.0

/// A permission of a user certificate (draft-miller-ssh-cert). Servers ignore those they do not know.
package enum SSHExtension: Sendable, Hashable {
    case standard(Standard)
    /// One this program does not interpret. Names outside the draft end in `@` and a domain.
    case other(name: String, data: [UInt8])

    package enum Standard: String, Sendable, Hashable, CaseIterable {
        case permitX11Forwarding = "permit-X11-forwarding"
        case permitAgentForwarding = "permit-agent-forwarding"
        case permitPortForwarding = "permit-port-forwarding"
        case permitPTY = "permit-pty"
        case permitUserRC = "permit-user-rc"
        /// For security keys: signatures without touch are accepted.
        case noTouchRequired = "no-touch-required"
    }

    /// Ours: hosts of this CA end a session that is still open when its certificate expires. sshd itself ignores it, as it
    /// does every extension that it does not know.
    package static let endSessionAtExpiry = SSHExtension.other(name: "end-session-at-expiry@mayfly", data: [])

    package var name: String {
        switch self {
        case .standard(let standard): standard.rawValue
        case .other(let name, _): name
        }
    }

    fileprivate var data: [UInt8] {
        switch self {
        case .standard: []
        case .other(_, let data): data
        }
    }
}

/// The extensions of a certificate, ascending by the bytes of their names, each once.
package struct SSHExtensions: Sendable, Hashable {
    package let all: [SSHExtension]

    package static let none = SSHExtensions()

    private static let field = "extensions"

    private init() { all = [] }

    package init(_ standard: Set<SSHExtension.Standard>) throws(SSHCertificateError) {
        try self.init(standard.map { .standard($0) })
    }

    /// In any order.
    package init(_ extensions: some Sequence<SSHExtension>) throws(SSHCertificateError) {
        try self.init(ordered: extensions.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }

    private init(ordered extensions: [SSHExtension]) throws(SSHCertificateError) {
        try Ordering.check(extensions.map(\.name), field: Self.field)
        for case .other(let name, _) in extensions {
            guard (1...SSHLimits.name).contains(name.utf8.count),
                name.utf8.allSatisfy({ $0.isGraphicASCII && $0 != UInt8(ascii: ",") }),
                SSHExtension.Standard(rawValue: name) == nil
            else { throw .invalidExtension(name) }
        }
        guard extensions.count <= SSHLimits.extensionCount,
            extensions.reduce(0, { $0 + 8 + $1.name.utf8.count + $1.data.count }) <= SSHLimits.extensions
        else { throw .tooManyExtensions }
        all = extensions
    }

    init(reading list: ArraySlice<UInt8>) throws(SSHCertificateError) {
        var extensions: [SSHExtension] = []
        for option in try SSHOption.readAll(list, field: Self.field) {
            if let standard = SSHExtension.Standard(rawValue: option.name) {
                guard option.data.isEmpty else { throw .unexpectedValue(option.name) }
                extensions.append(.standard(standard))
            } else {
                extensions.append(.other(name: option.name, data: option.data))
            }
        }
        try self.init(ordered: extensions)
    }

    var options: [SSHOption] { all.map { SSHOption(name: $0.name, data: $0.data) } }
}
