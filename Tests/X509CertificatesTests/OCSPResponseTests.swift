// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

/// What a response says, and each thing that it could say otherwise.
struct OCSPResponseTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }
    private static let responder = Result { OCSPResponder(authority: try root.get().certificate) }
    private static let profile = Result {
        try OCSPResponseProfile(
            [
                answer(.good), answer(.revoked(at: TestTime.after(-600), reason: .keyCompromise)), answer(.unknown),
                answer(.revoked(at: TestTime.after(-700), reason: .unspecified)),
            ], producedAt: TestTime.now, nonce: OCSPNonce([1, 2, 3]))
    }

    private static func answer(
        _ status: OCSPAnswer.Status, from: Double = -60, to: Double = 3600
    ) throws -> OCSPAnswer {
        let certificate = CertificateID(serial: .random(), issuer: try root.get().certificate, hash: .sha1)
        return try OCSPAnswer(certificate, status, thisUpdate: TestTime.after(from), nextUpdate: TestTime.after(to))
    }

    private static func build(_ profile: OCSPResponseProfile? = nil) throws -> DERTree {
        DERTree(try UnsignedOCSPResponse(profile ?? Self.profile.get(), responder: responder.get()).toBeSigned)
    }

    private static func lint(_ bytes: [UInt8]) throws {
        try OCSPResponseLinter.check(bytes, says: profile.get(), responder: responder.get())
    }

    @Test func `what was built passes, and is what the tree writes`() throws {
        let unsigned = try UnsignedOCSPResponse(Self.profile.get(), responder: Self.responder.get())
        #expect(DERTree(unsigned.toBeSigned).bytes == unsigned.toBeSigned)
        try Self.lint(unsigned.toBeSigned)
        #expect(throws: SignatureEncodingError.notOfThisKey) { try unsigned.signed(Array(repeating: 1, count: 64)) }
    }

    /// Places in `ResponseData` and in its answers.
    private enum Field {
        static let responder = 0, producedAt = 1, answers = 2, extensions = 3
        static let certificate = 0, status = 1, thisUpdate = 2, nextUpdate = 3
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: OCSPResponseLintError
        let apply: @Sendable (inout DERTree) throws -> Void

        init(
            _ description: String, _ error: OCSPResponseLintError, _ apply: @escaping @Sendable (inout DERTree) throws -> Void
        ) {
            testDescription = description
            self.error = error
            self.apply = apply
        }
    }

    private static func time(_ seconds: Double) throws -> DERTree {
        DERTree(try #require(CertificateTime(TestTime.after(seconds))).encodedAsGeneralizedTime)
    }

    static let changes: [Change] = [
        Change("an explicit version", .malformed) { $0.children.insert(DERTree(0xa0, of: [DERTree(0x02, [0])]), at: 0) },
        Change("another responder", .differs(.responder)) { $0[Field.responder, 0].contents[0] ^= 1 },
        Change("the responder by name", .malformed) { $0[Field.responder] = DERTree(0xa1, of: [.emptySequence]) },
        Change("another time of production", .differs(.producedAt)) { $0[Field.producedAt] = try time(1) },
        Change("the time of production as UTCTime", .malformed) {
            $0[Field.producedAt] = DERTree(try #require(CertificateTime(TestTime.now)).encoded)
        },
        Change("the 31st of February", .malformed) {
            $0[Field.producedAt] = DERTree(0x18, Array("20260231000000Z".utf8))
        },
        Change("a time before 1950", .malformed) { $0[Field.producedAt] = DERTree(0x18, Array("19491231235959Z".utf8)) },
        Change("a fraction of a second", .malformed) {
            $0[Field.producedAt].contents = $0[Field.producedAt].contents.dropLast() + Array(".5Z".utf8)
        },
        Change("an answer less", .differs(.answers)) { $0[Field.answers].children.removeLast() },
        Change("an answer twice", .differs(.answers)) { $0[Field.answers].children.append($0[Field.answers, 0]) },
        Change("answers in another order", .differs(.certificate)) { $0[Field.answers].children.swapAt(0, 2) },
        Change("another certificate", .differs(.certificate)) {
            $0[Field.answers, 0, Field.certificate, 3].contents[1] ^= 1
        },
        Change("another CA", .differs(.certificate)) { $0[Field.answers, 0, Field.certificate, 2].contents[1] ^= 1 },
        Change("the hash without NULL", .differs(.certificate)) {
            $0[Field.answers, 0, Field.certificate, 0].children.removeLast()
        },
        Change("another hash", .malformed) { $0[Field.answers, 0, Field.certificate, 0, 0].contents[4] = 0x1b },
        Change("revoked and good", .differs(.status)) { $0[Field.answers, 1, Field.status] = DERTree(0x80, []) },
        Change("unknown and good", .differs(.status)) { $0[Field.answers, 2, Field.status] = DERTree(0x80, []) },
        Change("good and unknown", .differs(.status)) { $0[Field.answers, 0, Field.status] = DERTree(0x82, []) },
        Change("good and more", .malformed) { $0[Field.answers, 0, Field.status] = DERTree(0x80, [0]) },
        Change("a fourth status", .malformed) { $0[Field.answers, 0, Field.status] = DERTree(0x83, []) },
        Change("another time of revocation", .differs(.status)) { $0[Field.answers, 1, Field.status, 0] = try time(0) },
        Change("another reason", .differs(.status)) { $0[Field.answers, 1, Field.status, 1, 0].contents = [4] },
        Change("no reason", .differs(.status)) { $0[Field.answers, 1, Field.status].children.removeLast() },
        Change("a reason where there was none", .differs(.status)) {
            $0[Field.answers, 3, Field.status].children.append($0[Field.answers, 1, Field.status, 1])
        },
        Change("`unspecified` written out", .malformed) { $0[Field.answers, 1, Field.status, 1, 0].contents = [0] },
        Change("reason 7", .malformed) { $0[Field.answers, 1, Field.status, 1, 0].contents = [7] },
        Change("an earlier begin", .differs(.thisUpdate)) { $0[Field.answers, 0, Field.thisUpdate] = try time(-61) },
        Change("a later end", .differs(.nextUpdate)) { $0[Field.answers, 0, Field.nextUpdate, 0] = try time(3601) },
        Change("no end", .malformed) { $0[Field.answers, 0].children.removeLast() },
        Change("an extension of an answer", .malformed) {
            $0[Field.answers, 0].children.append(DERTree(0xa1, of: [DERTree(0x30, of: [OCSPRequestTests.nonce([1])])]))
        },
        Change("no nonce", .differs(.nonce)) { $0.children.removeLast() },
        Change("another nonce", .differs(.nonce)) { $0[Field.extensions, 0, 0, 1].contents[3] ^= 1 },
        Change("an empty nonce", .malformed) { $0[Field.extensions, 0, 0, 1].contents = [0x04, 0] },
        Change("the nonce twice", .unexpectedExtension("1.3.6.1.5.5.7.48.1.2")) {
            $0[Field.extensions, 0].children.append($0[Field.extensions, 0, 0])
        },
        Change("a critical nonce", .unexpectedExtension("1.3.6.1.5.5.7.48.1.2")) {
            $0[Field.extensions, 0, 0] = OCSPRequestTests.nonce([1, 2, 3], critical: true)
        },
        Change("another extension", .unexpectedExtension("1.3.6.1.5.5.7.48.1.9")) {
            $0[Field.extensions, 0, 0, 0].contents[8] = 9
        },
        Change("something after the extensions", .malformed) { $0.children.append(.null) },
        Change("two fields in the other order", .malformed) { $0.children.swapAt(Field.producedAt, Field.answers) },
    ]

    @Test(arguments: changes)
    func `a field that says something else is refused by name`(_ change: Change) throws {
        var tree = try Self.build()
        let before = tree.bytes
        try change.apply(&tree)
        #expect(tree.bytes != before)
        #expect(throws: change.error) { try Self.lint(tree.bytes) }
        #expect(!change.error.description.isEmpty)
    }

    @Test func `every flipped bit, byte left out or doubled, and truncation is refused`() throws {
        let good = try Self.build().bytes
        for index in good.indices {
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                #expect(throws: OCSPResponseLintError.self, "bit \(bit) of byte \(index)") { try Self.lint(bytes) }
            }
            var shorter = good
            shorter.remove(at: index)
            var longer = good
            longer.insert(good[index], at: index)
            for bytes in [shorter, longer, Array(good.prefix(index))] {
                #expect(throws: OCSPResponseLintError.self, "byte \(index)") { try Self.lint(bytes) }
            }
        }
    }

    @Test func `a nonce that nobody sent is refused`() throws {
        let profile = try Self.profile.get()
        let silent = try OCSPResponseProfile(profile.answers, producedAt: TestTime.now, nonce: nil)
        #expect(throws: OCSPResponseLintError.differs(.nonce)) {
            try OCSPResponseLinter.check(Self.build().bytes, says: silent, responder: Self.responder.get())
        }
        let bytes = try Self.build(silent).bytes
        try OCSPResponseLinter.check(bytes, says: silent, responder: Self.responder.get())
        #expect(throws: OCSPResponseLintError.differs(.nonce)) { try Self.lint(bytes) }
    }

    @Test(
        arguments: [
            (OCSPResponseError.answers, { @Sendable in try response([]) }),
            (.answers, { @Sendable in try response(Array(repeating: answer(.good), count: 21)) }),
            (.time, { @Sendable in try response([answer(.good)], at: 0.5) }),
            (.time, { @Sendable in try response([answer(.good, from: 0.5)]) }),
            (.time, { @Sendable in try response([answer(.good, to: .infinity)]) }),
            (.time, { @Sendable in try response([answer(.revoked(at: TestTime.after(0.5), reason: .superseded))]) }),
            (.endsBeforeItBegins, { @Sendable in try response([answer(.good, from: 60, to: 60)]) }),
            (.reason, { @Sendable in try response([answer(.revoked(at: TestTime.now, reason: .removeFromList))]) }),
            (.outsideResponderValidity, { @Sendable in try response([answer(.good)], at: -3601) }),
            (.outsideResponderValidity, { @Sendable in try response([answer(.good)], at: 86_400 * 365 + 1) }),
        ] as [(OCSPResponseError, @Sendable () throws -> UnsignedOCSPResponse)])
    func `contents that make no sense are refused`(
        _ error: OCSPResponseError, _ make: @Sendable () throws -> UnsignedOCSPResponse
    ) {
        #expect(throws: error) { try make() }
        #expect(!error.description.isEmpty)
    }

    private static func response(_ answers: [OCSPAnswer], at seconds: Double = 0) throws -> UnsignedOCSPResponse {
        let profile = try OCSPResponseProfile(answers, producedAt: TestTime.after(seconds), nonce: nil)
        return try UnsignedOCSPResponse(profile, responder: responder.get())
    }

    @Test func `a response without answers is one byte`() {
        #expect(OCSPErrorResponse.malformedRequest.der == [0x30, 3, 0x0a, 1, 1])
        #expect(OCSPErrorResponse.allCases.map { $0.der[4] } == [1, 2, 3, 6])
    }
}
