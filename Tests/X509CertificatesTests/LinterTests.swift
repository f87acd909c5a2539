// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// A linter that cannot fail is worth nothing: each thing that a certificate could say otherwise is tried.
struct LinterTests {
    /// Places in `TBSCertificate`.
    private enum Field {
        static let version = 0, serial = 1, algorithm = 2, issuer = 3, validity = 4, subject = 5, key = 6, extensions = 7
    }

    /// Places in the extensions of an end entity, in the order in which they are built.
    private enum Extension {
        static let basicConstraints = 0, keyUsage = 1, extendedKeyUsage = 2, alternativeName = 3
        static let subjectKeyIdentifier = 4, authorityKeyIdentifier = 5
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: LintError
        let apply: @Sendable (inout DERTree) throws -> Void

        init(_ description: String, _ error: LintError, _ apply: @escaping @Sendable (inout DERTree) throws -> Void) {
            testDescription = description
            self.error = error
            self.apply = apply
        }

        /// Changes the value of an extension.
        static func value(
            _ place: Int, _ description: String, _ field: CertificateField, _ apply: @escaping @Sendable (inout DERTree) -> Void
        ) -> Change {
            Change(description, .differs(field)) { tree in
                let last = tree[Field.extensions, 0, place].children.count - 1
                var value = DERTree(tree[Field.extensions, 0, place, last].contents)
                apply(&value)
                tree[Field.extensions, 0, place, last].contents = value.bytes
            }
        }

        static func list(
            _ description: String, _ error: LintError, _ apply: @escaping @Sendable (inout [DERTree]) -> Void
        ) -> Change {
            Change(description, error) { apply(&$0[Field.extensions, 0].children) }
        }
    }

    private static let root = Result { try TestAuthority.root(key: .p256, pathLength: 0) }
    private static let profile = Result { try CertificateProfile.sample() }

    private func builtTree() throws -> DERTree {
        DERTree(try UnsignedCertificate.endEntity(Self.profile.get(), issuer: Self.root.get().certificate).toBeSigned)
    }

    private func lint(_ bytes: [UInt8]) throws {
        try CertificateLinter.check(bytes, says: Self.profile.get(), issuer: Self.root.get().certificate)
    }

    @Test func `what was built passes, and is what the tree writes`() throws {
        let unsigned = try UnsignedCertificate.endEntity(Self.profile.get(), issuer: Self.root.get().certificate)
        #expect(DERTree(unsigned.toBeSigned).bytes == unsigned.toBeSigned)
        try lint(unsigned.toBeSigned)
    }

    static let fields: [Change] = [
        Change("version 1", .syntax(.version)) { $0.children.remove(at: 0) },
        Change("version 2", .syntax(.version)) { $0[Field.version, 0].contents = [1] },
        Change("version 4", .syntax(.version)) { $0[Field.version, 0].contents = [3] },
        Change("version 3 in two bytes", .syntax(.version)) { $0[Field.version, 0].contents = [0, 2] },
        Change("another serial number", .differs(.serialNumber)) { $0[Field.serial].contents[5] ^= 1 },
        Change("serial number 0", .differs(.serialNumber)) { $0[Field.serial].contents = [0] },
        Change("a shorter serial number", .differs(.serialNumber)) { $0[Field.serial].contents.removeLast() },
        Change("a longer serial number", .differs(.serialNumber)) { $0[Field.serial].contents.insert(1, at: 0) },
        Change("a negative serial number", .malformed) { $0[Field.serial].contents = [0x80] + Array(repeating: 1, count: 15) },
        Change("a serial number that is not minimal", .malformed) {
            $0[Field.serial].contents = [0, 0] + $0[Field.serial].contents
        },
        Change("another signature algorithm", .differs(.signatureAlgorithm)) {
            $0[Field.algorithm] = DERTree(X509SignatureAlgorithm.ecdsaSHA384.encoded)
        },
        Change("parameters in the signature algorithm", .differs(.signatureAlgorithm)) {
            $0[Field.algorithm].children.append(.null)
        },
        Change("another issuer", .differs(.issuer)) { $0[Field.issuer, 0, 0, 1].contents[0] ^= 1 },
        Change("no issuer", .differs(.issuer)) { $0[Field.issuer].children = [] },
        Change("the issuer in another kind of string", .differs(.issuer)) { $0[Field.issuer, 0, 0, 1].tag = 0x13 },
        Change("an earlier begin", .differs(.notBefore)) {
            $0[Field.validity, 0] = DERTree(try #require(CertificateTime(TestTime.after(-61))).encoded)
        },
        Change("a later end", .differs(.notAfter)) {
            $0[Field.validity, 1] = DERTree(try #require(CertificateTime(TestTime.after(3601))).encoded)
        },
        Change("the begin as GeneralizedTime", .syntax(.time)) {
            $0[Field.validity, 0] = DERTree(0x18, Array("20".utf8) + $0[Field.validity, 0].contents)
        },
        Change("the end without its seconds", .syntax(.time)) { $0[Field.validity, 1].contents.removeSubrange(10..<12) },
        Change("the end in another zone", .syntax(.time)) {
            $0[Field.validity, 1].contents = $0[Field.validity, 1].contents.dropLast() + Array("+0100".utf8)
        },
        Change("the end with a fraction", .syntax(.time)) {
            $0[Field.validity, 1] = DERTree(
                0x18, Array("20".utf8) + $0[Field.validity, 1].contents.dropLast() + Array(".5Z".utf8))
        },
        Change("a third time", .malformed) { $0[Field.validity].children.append($0[Field.validity, 0]) },
        Change("another subject", .differs(.subject)) { $0[Field.subject, 0, 0, 1].contents[0] ^= 1 },
        Change("no subject", .differs(.subject)) { $0[Field.subject].children = [] },
        Change("the subject in another kind of string", .differs(.subject)) { $0[Field.subject, 0, 0, 1].tag = 0x13 },
        Change("the subject as another attribute", .differs(.subject)) { $0[Field.subject, 0, 0, 0].contents[2] = 10 },
        Change("a second common name", .differs(.subject)) { $0[Field.subject].children.append($0[Field.subject, 0]) },
        Change("a second attribute in the same set", .differs(.subject)) {
            $0[Field.subject, 0].children.append($0[Field.subject, 0, 0])
        },
        Change("an organisation", .differs(.subject)) {
            $0[Field.subject].children.insert(
                DERTree(0x31, of: [DERTree(0x30, of: [DERTree(0x06, [0x55, 0x04, 10]), DERTree(0x0c, [0x61])])]), at: 0)
        },
        Change("another key", .differs(.publicKey)) { $0[Field.key] = DERTree(TestKey.newP256().subjectPublicKeyInfo) },
        Change("a key of another kind", .differs(.publicKey)) { $0[Field.key] = DERTree(TestKey.ed25519.subjectPublicKeyInfo) },
        Change("an issuer unique identifier", .syntax(.uniqueIdentifier)) {
            $0.children.insert(DERTree(0x81, [0, 1]), at: Field.extensions)
        },
        Change("a subject unique identifier", .syntax(.uniqueIdentifier)) {
            $0.children.insert(DERTree(0x82, [0, 1]), at: Field.extensions)
        },
        Change("no extensions at all", .malformed) { $0.children.removeLast() },
        Change("an empty list of extensions", .malformed) { $0[Field.extensions, 0].children = [] },
        Change("two lists of extensions", .malformed) { $0[Field.extensions].children.append($0[Field.extensions, 0]) },
        Change("something after the extensions", .malformed) { $0.children.append(.null) },
        Change("two fields in the other order", .malformed) { $0.children.swapAt(Field.issuer, Field.validity) },
        Change("issuer and subject in the other order", .differs(.subject)) { $0.children.swapAt(Field.issuer, Field.subject) },
    ]

    static let extensionLists: [Change] = [
        .list("no basic constraints", .missing(.basicConstraints)) { $0.remove(at: Extension.basicConstraints) },
        .list("no key usage", .missing(.keyUsage)) { $0.remove(at: Extension.keyUsage) },
        .list("no extended key usage", .missing(.extendedKeyUsage)) { $0.remove(at: Extension.extendedKeyUsage) },
        .list("no alternative names", .missing(.subjectAlternativeName)) { $0.remove(at: Extension.alternativeName) },
        .list("no subject key identifier", .missing(.subjectKeyIdentifier)) { $0.remove(at: Extension.subjectKeyIdentifier) },
        .list("no authority key identifier", .missing(.authorityKeyIdentifier)) {
            $0.remove(at: Extension.authorityKeyIdentifier)
        },
        .list("key usage twice", .syntax(.duplicateExtension("2.5.29.15"))) { $0.append($0[Extension.keyUsage]) },
        .list("alternative names twice", .syntax(.duplicateExtension("2.5.29.17"))) {
            $0.append($0[Extension.alternativeName])
        },
        .list("name constraints", .unexpectedExtension("2.5.29.30")) {
            $0.append(RequestBuilder.field(30, .emptySequence))
        },
        .list("an unknown critical extension", .unexpectedExtension("2.5.29.99")) {
            $0.insert(RequestBuilder.field(99, critical: [0xff], .null), at: 0)
        },
        .list("an extension under another identifier", .unexpectedExtension("2.5.29.18")) {
            $0[Extension.alternativeName].children[0].contents[2] = 18
        },
        .list("basic constraints not critical", .criticality(.basicConstraints)) {
            $0[Extension.basicConstraints].children.remove(at: 1)
        },
        .list("key usage not critical", .criticality(.keyUsage)) { $0[Extension.keyUsage].children.remove(at: 1) },
        .list("critical extended key usage", .criticality(.extendedKeyUsage)) {
            $0[Extension.extendedKeyUsage].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("critical alternative names beside a subject", .criticality(.subjectAlternativeName)) {
            $0[Extension.alternativeName].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("a critical subject key identifier", .criticality(.subjectKeyIdentifier)) {
            $0[Extension.subjectKeyIdentifier].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("a critical authority key identifier", .criticality(.authorityKeyIdentifier)) {
            $0[Extension.authorityKeyIdentifier].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("critical written as FALSE", .malformed) {
            $0[Extension.extendedKeyUsage].children.insert(DERTree(0x01, [0x00]), at: 1)
        },
        .list("critical that is neither", .malformed) { $0[Extension.keyUsage].children[1].contents = [1] },
        .list("something after a value", .malformed) { $0[Extension.keyUsage].children.append(.null) },
        .list("something after the bytes of a value", .differs(.keyUsage)) {
            $0[Extension.keyUsage].children[2].contents += [0x05, 0x00]
        },
        .list("an empty value", .differs(.subjectKeyIdentifier)) {
            $0[Extension.subjectKeyIdentifier].children[1].contents = []
        },
    ]

    static let values: [Change] = [
        .value(Extension.basicConstraints, "a CA", .basicConstraints) { $0.children = [DERTree(0x01, [0xff])] },
        .value(Extension.basicConstraints, "a CA in BER", .basicConstraints) { $0.children = [DERTree(0x01, [0x01])] },
        .value(Extension.basicConstraints, "FALSE written out", .basicConstraints) { $0.children = [DERTree(0x01, [0x00])] },
        .value(Extension.basicConstraints, "a path length", .basicConstraints) { $0.children = [DERTree(0x02, [0])] },
        .value(Extension.keyUsage, "certificate signing", .keyUsage) { $0.contents = [2, 0b1000_0100] },
        .value(Extension.keyUsage, "key encipherment", .keyUsage) { $0.contents = [5, 0b1010_0000] },
        .value(Extension.keyUsage, "no key usage", .keyUsage) { $0.contents = [0] },
        .value(Extension.keyUsage, "unused bits miscounted", .keyUsage) { $0.contents = [6, 0b1000_0000] },
        .value(Extension.keyUsage, "nine bits", .keyUsage) { $0.contents = [7, 0b1000_0000, 0b1000_0000] },
        .value(Extension.extendedKeyUsage, "no server", .extendedKeyUsage) { $0.children.remove(at: 0) },
        .value(Extension.extendedKeyUsage, "no client", .extendedKeyUsage) { $0.children.remove(at: 1) },
        .value(Extension.extendedKeyUsage, "the server twice", .extendedKeyUsage) { $0.children.append($0.children[0]) },
        .value(Extension.extendedKeyUsage, "code signing", .extendedKeyUsage) { $0.children[1].contents[7] = 3 },
        .value(Extension.extendedKeyUsage, "any usage", .extendedKeyUsage) {
            $0.children.append(DERTree(0x06, [0x55, 0x1d, 0x25, 0]))
        },
        .value(Extension.extendedKeyUsage, "nothing", .extendedKeyUsage) { $0.children = [] },
        .value(Extension.alternativeName, "another name", .subjectAlternativeName) { $0.children[0].contents[0] ^= 2 },
        .value(Extension.alternativeName, "one name more", .subjectAlternativeName) {
            $0.children.append(DERTree(0x82, [0x61]))
        },
        .value(Extension.alternativeName, "one name less", .subjectAlternativeName) { $0.children.removeLast() },
        .value(Extension.alternativeName, "one name twice", .subjectAlternativeName) { $0.children.append($0.children[0]) },
        .value(Extension.alternativeName, "another order", .subjectAlternativeName) { $0.children.swapAt(0, 1) },
        .value(Extension.alternativeName, "another order of kinds", .subjectAlternativeName) { $0.children.swapAt(1, 2) },
        .value(Extension.alternativeName, "another kind of name", .subjectAlternativeName) { $0.children[0].tag = 0x86 },
        .value(Extension.alternativeName, "a wildcard", .subjectAlternativeName) {
            $0.children[0].contents = Array("*.example.com".utf8)
        },
        .value(Extension.alternativeName, "a NUL", .subjectAlternativeName) { $0.children[0].contents += [0] },
        .value(Extension.alternativeName, "an address with a mask", .subjectAlternativeName) {
            $0.children[2].contents += [255, 255, 255, 0]
        },
        .value(Extension.alternativeName, "a directory name", .subjectAlternativeName) {
            $0.children.append(DERTree(0xa4, of: [.emptySequence]))
        },
        .value(Extension.alternativeName, "no names", .subjectAlternativeName) { $0.children = [] },
        .value(Extension.subjectKeyIdentifier, "another key identifier", .subjectKeyIdentifier) { $0.contents[0] ^= 1 },
        .value(Extension.subjectKeyIdentifier, "a shorter key identifier", .subjectKeyIdentifier) { $0.contents.removeLast() },
        .value(Extension.authorityKeyIdentifier, "another authority", .authorityKeyIdentifier) {
            $0.children[0].contents[0] ^= 1
        },
        .value(Extension.authorityKeyIdentifier, "no authority", .authorityKeyIdentifier) { $0.children = [] },
        .value(Extension.authorityKeyIdentifier, "an authority's serial number besides", .authorityKeyIdentifier) {
            $0.children.append(DERTree(0x82, [1]))
        },
    ]

    @Test(arguments: fields + extensionLists + values)
    func `a field that says something else is refused by name`(_ change: Change) throws {
        var tree = try builtTree()
        let before = tree.bytes
        try change.apply(&tree)
        #expect(tree.bytes != before)
        #expect(throws: change.error) { try lint(tree.bytes) }
        #expect(!change.error.description.isEmpty)
    }

    @Test func `every flipped bit is refused`() throws {
        let good = try builtTree().bytes
        for index in good.indices {
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                #expect(throws: LintError.self, "bit \(bit) of byte \(index)") { try lint(bytes) }
            }
        }
    }

    @Test func `every byte left out or doubled is refused, and so is every truncation`() throws {
        let good = try builtTree().bytes
        for index in good.indices {
            var shorter = good
            shorter.remove(at: index)
            var longer = good
            longer.insert(good[index], at: index)
            for bytes in [shorter, longer, Array(good.prefix(index))] {
                #expect(throws: LintError.self, "byte \(index)") { try lint(bytes) }
            }
        }
        for tail in [[0], [0x05, 0x00], good] { #expect(throws: LintError.malformed) { try lint(good + tail) } }
    }

    @Test func `a length in more bytes than needed is refused`() throws {
        let good = try builtTree().bytes
        let contents = good.dropFirst(4)
        #expect(throws: LintError.malformed) {
            try lint([0x30, 0x83, 0, UInt8(contents.count >> 8), UInt8(contents.count & 0xff)] + contents)
        }
        #expect(throws: LintError.malformed) { try lint([0x30, 0x80] + contents + [0, 0]) }
    }
}
