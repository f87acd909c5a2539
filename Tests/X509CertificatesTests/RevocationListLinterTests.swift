// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// Each thing that a revocation list could say otherwise is tried.
struct RevocationListLinterTests {
    /// Places in `TBSCertList`.
    private enum Field {
        static let version = 0, algorithm = 1, issuer = 2, thisUpdate = 3, nextUpdate = 4, entries = 5, extensions = 6
    }

    /// Places in the extensions of a full list; a delta list's base is where that has `freshest`.
    private enum Extension {
        static let authorityKeyIdentifier = 0, number = 1, distributionPoint = 2, freshest = 3
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: RevocationListLintError
        let apply: @Sendable (inout DERTree) throws -> Void

        init(
            _ description: String, _ error: RevocationListLintError,
            _ apply: @escaping @Sendable (inout DERTree) throws -> Void
        ) {
            testDescription = description
            self.error = error
            self.apply = apply
        }

        static func list(
            _ description: String, _ error: RevocationListLintError,
            _ apply: @escaping @Sendable (inout [DERTree]) throws -> Void
        ) -> Change {
            Change(description, error) { try apply(&$0[Field.extensions, 0].children) }
        }

        /// Changes the value of an extension.
        static func value(
            _ place: Int, _ description: String, _ error: RevocationListLintError,
            _ apply: @escaping @Sendable (inout DERTree) -> Void
        ) -> Change {
            list(description, error) { extensions in
                let last = extensions[place].children.count - 1
                var value = DERTree(extensions[place].children[last].contents)
                apply(&value)
                extensions[place].children[last].contents = value.bytes
            }
        }
    }

    private static let root = Result { try TestAuthority.root(key: .p256) }
    private static let profile = Result {
        try RevocationListProfile.sampleFull(
            distributionPoint: "http://pki.example.com/ca.crl", freshest: "http://pki.example.com/delta.crl")
    }
    private static let delta = Result { try RevocationListProfile.sampleDelta() }
    private static let entries = Result {
        try RevokedEntries([.sample(.number(0x1234)), .sample(.random(), .keyCompromise), .sample(.number(0x0102_0304))])
    }

    private static func build(_ profile: RevocationListProfile) throws -> DERTree {
        DERTree(try UnsignedRevocationList(profile, entries: entries.get(), issuer: root.get().certificate).toBeSigned)
    }

    private static func lint(_ bytes: [UInt8], _ profile: RevocationListProfile) throws {
        try RevocationListLinter.check(bytes, says: profile, entries: entries.get(), issuer: root.get().certificate)
    }

    @Test func `what was built passes, and is what the tree writes`() throws {
        for profile in [try Self.profile.get(), try Self.delta.get()] {
            let unsigned = try UnsignedRevocationList(
                profile, entries: Self.entries.get(), issuer: Self.root.get().certificate)
            #expect(DERTree(unsigned.toBeSigned).bytes == unsigned.toBeSigned)
            try Self.lint(unsigned.toBeSigned, profile)
        }
    }

    static let fields: [Change] = [
        Change("version 1", .syntax(.version)) { $0[Field.version].contents = [0] },
        Change("version 3", .syntax(.version)) { $0[Field.version].contents = [2] },
        Change("no version", .syntax(.malformed)) { $0.children.remove(at: 0) },
        Change("another signature algorithm", .differs(.signatureAlgorithm)) {
            $0[Field.algorithm] = DERTree(X509SignatureAlgorithm.ecdsaSHA384.encoded)
        },
        Change("parameters in the signature algorithm", .differs(.signatureAlgorithm)) {
            $0[Field.algorithm].children.append(.null)
        },
        Change("another issuer", .differs(.issuer)) { $0[Field.issuer, 0, 0, 1].contents[0] ^= 1 },
        Change("no issuer", .differs(.issuer)) { $0[Field.issuer].children = [] },
        Change("the issuer in another kind of string", .differs(.issuer)) { $0[Field.issuer, 0, 0, 1].tag = 0x13 },
        Change("an earlier begin", .differs(.thisUpdate)) {
            $0[Field.thisUpdate] = DERTree(try #require(CertificateTime(TestTime.after(-61))).encoded)
        },
        Change("a later end", .differs(.nextUpdate)) {
            $0[Field.nextUpdate] = DERTree(try #require(CertificateTime(TestTime.after(3601))).encoded)
        },
        Change("no end", .syntax(.time)) { $0.children.remove(at: Field.nextUpdate) },
        Change("the begin as GeneralizedTime", .syntax(.time)) {
            $0[Field.thisUpdate] = DERTree(0x18, Array("20".utf8) + $0[Field.thisUpdate].contents)
        },
        Change("the end without its seconds", .syntax(.time)) { $0[Field.nextUpdate].contents.removeSubrange(10..<12) },
        Change("two fields in the other order", .differs(.thisUpdate)) {
            $0.children.swapAt(Field.thisUpdate, Field.nextUpdate)
        },
        Change("something after the extensions", .syntax(.malformed)) { $0.children.append(.null) },
        Change("no extensions at all", .syntax(.malformed)) { $0.children.removeLast() },
        Change("two lists of extensions", .syntax(.malformed)) {
            $0[Field.extensions].children.append($0[Field.extensions, 0])
        },
    ]

    static let entryChanges: [Change] = [
        Change("no entries", .differs(.entries)) { $0.children.remove(at: Field.entries) },
        Change("an empty set of entries", .syntax(.malformed)) { $0[Field.entries].children = [] },
        Change("an entry less", .differs(.entries)) { $0[Field.entries].children.removeLast() },
        Change("an entry twice", .syntax(.order)) { $0[Field.entries].children.insert($0[Field.entries, 0], at: 0) },
        Change("an entry more", .differs(.entries)) {
            var more = $0[Field.entries, 0]
            more[0].contents = [1]
            $0[Field.entries].children.insert(more, at: 0)
        },
        Change("entries in another order", .syntax(.order)) { $0[Field.entries].children.swapAt(0, 1) },
        Change("another serial number", .differs(.entries)) { $0[Field.entries, 0, 0].contents[1] ^= 1 },
        Change("serial number 0", .syntax(.serialNumber)) { $0[Field.entries, 0, 0].contents = [0] },
        Change("a serial number too long", .syntax(.serialNumber)) {
            $0[Field.entries, 2, 0].contents = Array(repeating: 1, count: 17)
        },
        Change("a serial number that is not minimal", .syntax(.malformed)) {
            $0[Field.entries, 0, 0].contents.insert(0, at: 0)
        },
        Change("a negative serial number", .syntax(.malformed)) { $0[Field.entries, 0, 0].contents = [0x80, 1] },
        Change("another time", .differs(.entries)) {
            $0[Field.entries, 0, 1] = DERTree(try #require(CertificateTime(TestTime.after(-1))).encoded)
        },
        Change("a time as GeneralizedTime", .syntax(.time)) {
            $0[Field.entries, 0, 1] = DERTree(0x18, Array("20".utf8) + $0[Field.entries, 0, 1].contents)
        },
        Change("no reason", .differs(.entries)) { $0[Field.entries, 2].children.removeLast() },
        Change("a reason where there was none", .differs(.entries)) {
            $0[Field.entries, 0].children.append(.init($0[Field.entries, 2, 2].bytes))
        },
        Change("another reason", .differs(.entries)) { $0[Field.entries, 2, 2, 0, 1].contents = [0x0a, 1, 4] },
        Change("`unspecified` written out", .syntax(.reason)) { $0[Field.entries, 2, 2, 0, 1].contents = [0x0a, 1, 0] },
        Change("reason 7", .syntax(.reason)) { $0[Field.entries, 2, 2, 0, 1].contents = [0x0a, 1, 7] },
        Change("a reason in two bytes", .syntax(.reason)) { $0[Field.entries, 2, 2, 0, 1].contents = [0x0a, 2, 0, 1] },
        Change("a reason as INTEGER", .syntax(.malformed)) { $0[Field.entries, 2, 2, 0, 1].contents = [0x02, 1, 1] },
        Change("an entry of a full list taken back", .syntax(.removalInFullList)) {
            $0[Field.entries, 2, 2, 0, 1].contents = [0x0a, 1, 8]
        },
        Change("a critical reason", .syntax(.unexpectedExtension("2.5.29.21"))) {
            $0[Field.entries, 2, 2, 0].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        Change("a date of invalidity", .syntax(.unexpectedExtension("2.5.29.24"))) {
            $0[Field.entries, 2, 2, 0, 0].contents[2] = 24
        },
        Change("two extensions of an entry", .syntax(.malformed)) {
            $0[Field.entries, 2, 2].children.append($0[Field.entries, 2, 2, 0])
        },
        Change("something after an entry's extensions", .syntax(.malformed)) { $0[Field.entries, 2].children.append(.null) },
    ]

    static let extensions: [Change] = [
        .list("no authority key identifier", .syntax(.missingExtension)) { $0.remove(at: Extension.authorityKeyIdentifier) },
        .list("no number", .syntax(.missingExtension)) { $0.remove(at: Extension.number) },
        .list("no distribution point", .differs(.distributionPoint)) { $0.remove(at: Extension.distributionPoint) },
        .list("no address of delta lists", .differs(.freshest)) { $0.remove(at: Extension.freshest) },
        .list("no extension in their list", .syntax(.malformed)) { $0 = [] },
        .list("the number twice", .syntax(.duplicateExtension("2.5.29.20"))) { $0.append($0[Extension.number]) },
        .list("an unknown extension", .syntax(.unexpectedExtension("2.5.29.18"))) {
            $0.append(RequestBuilder.field(18, .emptySequence))
        },
        .list("a full list as a delta list", .differs(.base)) {
            $0[Extension.freshest] = RequestBuilder.field(27, critical: [0xff], DERTree(0x02, [4]))
        },
        .list("the address of a delta list's delta lists", .syntax(.freshestOfDelta)) {
            $0.append(RequestBuilder.field(27, critical: [0xff], DERTree(0x02, [4])))
        },
        .list("a base that is not critical", .syntax(.criticality("2.5.29.27"))) {
            $0[Extension.freshest] = RequestBuilder.field(27, DERTree(0x02, [4]))
        },
        .list("a distribution point that is not critical", .syntax(.criticality("2.5.29.28"))) {
            $0[Extension.distributionPoint].children.remove(at: 1)
        },
        .list("a critical number", .syntax(.criticality("2.5.29.20"))) {
            $0[Extension.number].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("a critical authority key identifier", .syntax(.criticality("2.5.29.35"))) {
            $0[Extension.authorityKeyIdentifier].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("a critical address of delta lists", .syntax(.criticality("2.5.29.46"))) {
            $0[Extension.freshest].children.insert(DERTree(0x01, [0xff]), at: 1)
        },
        .list("something after the bytes of a value", .syntax(.malformed)) {
            $0[Extension.number].children[1].contents += [0x05, 0x00]
        },
        .value(Extension.authorityKeyIdentifier, "another authority", .differs(.authorityKeyIdentifier)) {
            $0.children[0].contents[0] ^= 1
        },
        .value(Extension.authorityKeyIdentifier, "an authority's serial number besides", .syntax(.malformed)) {
            $0.children.append(DERTree(0x82, [1]))
        },
        .value(Extension.number, "another number", .differs(.number)) { $0.contents = [6] },
        .value(Extension.number, "a negative number", .syntax(.malformed)) { $0.contents = [0x85] },
        .value(Extension.number, "a number that is not minimal", .syntax(.malformed)) { $0.contents = [0, 5] },
        .value(Extension.number, "a number of 21 bytes", .syntax(.number)) { $0.contents = Array(repeating: 1, count: 21) },
        .value(Extension.distributionPoint, "another distribution point", .differs(.distributionPoint)) {
            $0[0, 0, 0].contents[7] ^= 1
        },
        .value(Extension.distributionPoint, "a second address", .syntax(.malformed)) {
            $0[0, 0].children.append($0[0, 0, 0])
        },
        .value(Extension.distributionPoint, "another kind of name", .syntax(.malformed)) { $0[0, 0, 0].tag = 0x82 },
        .value(Extension.distributionPoint, "a list of CA certificates only", .syntax(.malformed)) {
            $0.children.append(DERTree(0x82, [0xff]))
        },
        .value(Extension.distributionPoint, "an indirect list", .syntax(.malformed)) {
            $0.children.append(DERTree(0x84, [0xff]))
        },
        .value(Extension.distributionPoint, "an empty distribution point", .syntax(.malformed)) { $0.children = [] },
        .value(Extension.freshest, "another address of delta lists", .differs(.freshest)) {
            $0[0, 0, 0, 0].contents[7] ^= 1
        },
        .value(Extension.freshest, "a second point for delta lists", .syntax(.malformed)) { $0.children.append($0[0]) },
        .value(Extension.freshest, "delta lists of another CA", .syntax(.malformed)) {
            $0[0].children.append(DERTree(0xa2, of: []))
        },
    ]

    @Test(arguments: fields + entryChanges + extensions)
    func `a field that says something else is refused by name`(_ change: Change) throws {
        var tree = try Self.build(Self.profile.get())
        let before = tree.bytes
        try change.apply(&tree)
        #expect(tree.bytes != before)
        #expect(throws: change.error) { try Self.lint(tree.bytes, Self.profile.get()) }
        #expect(!change.error.description.isEmpty)
    }

    static let deltas: [Change] = [
        .list("a full list instead", .differs(.base)) { $0.removeLast() },
        .list("another base", .differs(.base)) { $0[2].children[2].contents = [0x02, 1, 4] },
        .list("a distribution point that was not intended", .differs(.distributionPoint)) {
            let name = DERTree(0xa0, of: [DERTree(0xa0, of: [DERTree(0x86, Array("http://a.example/".utf8))])])
            $0.append(RequestBuilder.field(28, critical: [0xff], DERTree(0x30, of: [name])))
        },
    ]

    @Test(arguments: deltas)
    func `a delta list that says something else is refused by name`(_ change: Change) throws {
        var tree = try Self.build(Self.delta.get())
        try change.apply(&tree)
        #expect(throws: change.error) { try Self.lint(tree.bytes, Self.delta.get()) }
    }

    @Test func `every flipped bit, byte left out or doubled, and truncation is refused`() throws {
        for profile in [try Self.profile.get(), try Self.delta.get()] {
            let good = try Self.build(profile).bytes
            for index in good.indices {
                for bit in 0..<8 {
                    var bytes = good
                    bytes[index] ^= 1 << UInt8(bit)
                    #expect(throws: RevocationListLintError.self, "bit \(bit) of byte \(index)") {
                        try Self.lint(bytes, profile)
                    }
                }
                var shorter = good
                shorter.remove(at: index)
                var longer = good
                longer.insert(good[index], at: index)
                for bytes in [shorter, longer, Array(good.prefix(index))] {
                    #expect(throws: RevocationListLintError.self, "byte \(index)") { try Self.lint(bytes, profile) }
                }
            }
        }
    }

    @Test func `a list of another CA or of other entries is refused`() throws {
        let profile = try Self.profile.get()
        let good = try Self.build(profile).bytes
        func error(_ issuer: TestAuthority) throws -> RevocationListLintError? {
            do throws(RevocationListLintError) {
                let entries = (try? Self.entries.get()) ?? RevokedEntries()
                try RevocationListLinter.check(good, says: profile, entries: entries, issuer: issuer.certificate)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error(Self.root.get()) == nil)
        #expect(try error(.root("Other root CA", key: .p256)) == .differs(.issuer))
        #expect(try error(.root(key: .newP256())) == .differs(.authorityKeyIdentifier))
        #expect(try error(.root(key: .ed25519)) == .differs(.signatureAlgorithm))
        #expect(throws: RevocationListLintError.differs(.entries)) {
            try RevocationListLinter.check(
                good, says: profile, entries: RevokedEntries(), issuer: Self.root.get().certificate)
        }
    }
}
