// SPDX-License-Identifier: Apache-2.0

/// The critical options of a user certificate (draft-miller-ssh-cert), each at most once; their order is fixed by
/// their names. A server that does not know one refuses the certificate, and so does this parser.
package struct SSHCriticalOptions: Sendable, Hashable {
    /// Runs instead of what the user asks for.
    package let forceCommand: String?
    /// Where the certificate may be used from; empty means anywhere.
    package let sourceAddresses: [SSHAddressRange]
    /// A security key must report PIN or biometry. Refused for other keys.
    package let verifyRequired: Bool

    package static let none = SSHCriticalOptions()

    private static let field = "critical options"

    private init() {
        forceCommand = nil
        sourceAddresses = []
        verifyRequired = false
    }

    package init(
        forceCommand: String? = nil, sourceAddresses: [SSHAddressRange] = [], verifyRequired: Bool = false
    ) throws(SSHCertificateError) {
        if let forceCommand {
            guard (1...SSHLimits.forceCommand).contains(forceCommand.utf8.count),
                !forceCommand.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { throw .invalidForceCommand }
        }
        guard sourceAddresses.count <= SSHLimits.sourceAddresses else { throw .tooManySourceAddresses }
        var seen: Set<[UInt8]> = []
        for range in sourceAddresses where !seen.insert(range.address + [UInt8(clamping: range.prefixLength)]).inserted {
            throw .duplicate(field: Name.sourceAddress.rawValue, name: range.description)
        }
        self.forceCommand = forceCommand
        self.sourceAddresses = sourceAddresses
        self.verifyRequired = verifyRequired
    }

    private enum Name: String {
        case forceCommand = "force-command"
        case sourceAddress = "source-address"
        case verifyRequired = "verify-required"
    }

    init(reading list: ArraySlice<UInt8>) throws(SSHCertificateError) {
        var forceCommand: String?
        var sourceAddresses: [SSHAddressRange] = []
        var verifyRequired = false
        for option in try SSHOption.readAll(list, field: Self.field) {
            switch Name(rawValue: option.name) {
            case .forceCommand:
                guard let text = String(validating: try Self.value(of: option), as: UTF8.self) else {
                    throw .invalidForceCommand
                }
                forceCommand = text
            case .sourceAddress:
                let text = String(decoding: try Self.value(of: option), as: UTF8.self)
                for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                    sourceAddresses.append(try SSHAddressRange(String(part)))
                }
            case .verifyRequired:
                guard option.data.isEmpty else { throw .unexpectedValue(option.name) }
                verifyRequired = true
            case nil:
                throw .unknownCriticalOption(option.name)
            }
        }
        try self.init(forceCommand: forceCommand, sourceAddresses: sourceAddresses, verifyRequired: verifyRequired)
    }

    private static func value(of option: SSHOption) throws(SSHCertificateError) -> ArraySlice<UInt8> {
        var reader = SSHWireReader<SSHCertificateError>(option.data)
        let value = try reader.readString(option.name, limit: SSHLimits.criticalOptions)
        try reader.finish(after: option.name)
        return value
    }

    /// In the order of their names.
    var options: [SSHOption] {
        var options: [SSHOption] = []
        if let forceCommand { options.append(.text(Name.forceCommand.rawValue, forceCommand)) }
        if !sourceAddresses.isEmpty {
            let list = sourceAddresses.map(\.description).joined(separator: ",")
            options.append(.text(Name.sourceAddress.rawValue, list))
        }
        if verifyRequired { options.append(SSHOption(name: Name.verifyRequired.rawValue, data: [])) }
        return options
    }
}
