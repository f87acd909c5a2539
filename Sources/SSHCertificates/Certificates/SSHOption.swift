// SPDX-License-Identifier: Apache-2.0

/// One entry of the lists of critical options and extensions: a name and the bytes of its value.
struct SSHOption: Sendable, Hashable {
    let name: String
    let data: [UInt8]

    static func readAll(_ list: ArraySlice<UInt8>, field: String) throws(SSHCertificateError) -> [SSHOption] {
        var reader = SSHWireReader<SSHCertificateError>(list)
        var options: [SSHOption] = []
        while !reader.isAtEnd {
            guard options.count < SSHLimits.extensionCount else { throw .tooManyExtensions }
            let name = try reader.readText("\(field): name", limit: SSHLimits.name)
            let data = try reader.readString("\(field): value", limit: SSHLimits.extensions)
            options.append(SSHOption(name: name, data: Array(data)))
        }
        try Ordering.check(options.map(\.name), field: field)
        return options
    }

    static func write(_ options: [SSHOption], to writer: inout SSHWireWriter) {
        for option in options {
            writer.write(string: option.name)
            writer.write(string: option.data)
        }
    }

    /// A value that is itself one string.
    static func text(_ name: String, _ value: String) -> SSHOption {
        var writer = SSHWireWriter()
        writer.write(string: value)
        return SSHOption(name: name, data: writer.bytes)
    }
}
