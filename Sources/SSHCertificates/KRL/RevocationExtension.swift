// SPDX-License-Identifier: Apache-2.0

/// An extension of a key revocation list or of a certificate section. None is known, so none may be critical.
package struct RevocationExtension: Sendable, Hashable {
    package let name: String
    package let contents: [UInt8]

    package init(name: String, contents: [UInt8]) {
        self.name = name
        self.contents = contents
    }

    func check() throws(KeyRevocationListError) {
        try KeyRevocationList.checkText(name, "extension name", limit: SSHLimits.name)
    }

    init(from reader: inout SSHWireReader<KeyRevocationListError>) throws(KeyRevocationListError) {
        name = try reader.readUTF8("extension name", limit: SSHLimits.name)
        switch try reader.readUInt8("critical") {
        case 0: break
        case 1: throw .unknownCriticalExtension(name)
        default: throw .invalidBoolean(field: "critical")
        }
        contents = Array(try reader.readString("extension", limit: SSHLimits.revocationList))
    }

    func write(to writer: inout SSHWireWriter) {
        writer.write(string: name)
        writer.write(uint8: 0)
        writer.write(string: contents)
    }
}

extension SSHWireReader<KeyRevocationListError> {
    mutating func readUTF8(_ field: String, limit: Int) throws(KeyRevocationListError) -> String {
        guard let text = String(validating: try readString(field, limit: limit), as: UTF8.self) else {
            throw .invalidText(field: field)
        }
        return text
    }
}
