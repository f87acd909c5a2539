// SPDX-License-Identifier: Apache-2.0

/// The names a certificate is valid for: at least one, ascending by bytes, each once.
///
/// Never empty, because to OpenSSH an empty list means any name. Each is 1 to 255 printable ASCII bytes without space and
/// comma. User principals are compared by sshd as they are, so `deploy@zone:web` and `*` are plain text there.
package struct SSHPrincipals: Sendable, Hashable {
    package let names: [String]

    private static let field = "valid principals"

    /// In any order.
    package init(_ names: some Sequence<String>) throws(SSHCertificateError) {
        try self.init(ordered: names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    private init(ordered names: [String]) throws(SSHCertificateError) {
        guard !names.isEmpty else { throw .noPrincipals }
        guard names.count <= SSHLimits.principals else { throw .tooManyPrincipals }
        for name in names {
            guard (1...SSHLimits.principal).contains(name.utf8.count),
                name.utf8.allSatisfy({ $0.isGraphicASCII && $0 != UInt8(ascii: ",") })
            else { throw .invalidPrincipal(name) }
        }
        try Ordering.check(names, field: Self.field)
        guard names.reduce(0, { $0 + 4 + $1.utf8.count }) <= SSHLimits.principalList else { throw .principalsTooLong }
        self.names = names
    }

    init(reading list: ArraySlice<UInt8>) throws(SSHCertificateError) {
        var reader = SSHWireReader<SSHCertificateError>(list)
        var names: [String] = []
        while !reader.isAtEnd {
            guard names.count < SSHLimits.principals else { throw .tooManyPrincipals }
            names.append(try reader.readText("principal", limit: SSHLimits.principal))
        }
        try self.init(ordered: names)
    }

    func write(to writer: inout SSHWireWriter) {
        for name in names { writer.write(string: name) }
    }

    /// - Throws: `invalidHostName` unless all are what a host certificate may name.
    func requireHostNames() throws(SSHCertificateError) {
        for name in names where !HostName.isValid(name) { throw .invalidHostName(name) }
    }
}

/// Lists of names in certificates are ascending by bytes, so each name stands there once.
enum Ordering {
    static func check(_ names: [String], field: String) throws(SSHCertificateError) {
        for (name, next) in zip(names, names.dropFirst()) where !name.utf8.lexicographicallyPrecedes(next.utf8) {
            throw name == next ? .duplicate(field: field, name: next) : .notOrdered(field: field, name: next)
        }
    }
}
