// SPDX-License-Identifier: Apache-2.0

@testable import X509Certificates

/// Signing requests that no tool would make, with a self-signature that is valid.
struct RequestBuilder {
    var key: TestKey = .p256
    var signer: TestKey = .p256
    var version: [UInt8] = [0]
    /// Attributes of the subject: last byte of 2.5.4.x, string tag, contents.
    var subject: [(UInt8, UInt8, [UInt8])] = []
    /// Contents of the [0] SET OF Attribute.
    var attributes: [DERTree] = []
    /// Elements after the attributes.
    var more: [DERTree] = []

    static func extensions(_ extensions: DERTree...) -> DERTree {
        DERTree(
            0x30,
            of: [
                DERTree(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e]),
                DERTree(0x31, of: [DERTree(0x30, of: extensions)]),
            ])
    }

    /// - Parameter last: of 2.5.29.x.
    static func field(_ last: UInt8, critical: [UInt8]? = nil, _ value: DERTree) -> DERTree {
        let flag = critical.map { [DERTree(0x01, $0)] } ?? []
        return DERTree(0x30, of: [DERTree(0x06, [0x55, 0x1d, last])] + flag + [DERTree(0x04, value.bytes)])
    }

    /// A request for alternative names: context-specific tag and contents each.
    static func names(_ names: (UInt8, [UInt8])...) -> RequestBuilder {
        var builder = RequestBuilder()
        builder.attributes = [extensions(field(17, DERTree(0x30, of: names.map { DERTree(0x80 | $0.0, $0.1) })))]
        return builder
    }

    static func commonName(_ contents: [UInt8], tag: UInt8 = 0x0c) -> RequestBuilder {
        var builder = RequestBuilder()
        builder.subject = [(3, tag, contents)]
        return builder
    }

    func der() throws -> [UInt8] {
        let name = subject.map { type, tag, contents in
            DERTree(0x31, of: [DERTree(0x30, of: [DERTree(0x06, [0x55, 0x04, type]), DERTree(tag, contents)])])
        }
        let information = DERTree(
            0x30,
            of: [
                DERTree(0x02, version), DERTree(0x30, of: name), DERTree(key.subjectPublicKeyInfo),
                DERTree(0xa0, of: attributes),
            ] + more)
        let algorithm = X509SignatureAlgorithm(issuerKey: try signer.publicKey.kind).encoded
        let signature = try signer.sign(information.bytes)
        return DERTree(0x30, of: [information, DERTree(algorithm), DERTree(0x03, [0] + signature)]).bytes
    }
}
