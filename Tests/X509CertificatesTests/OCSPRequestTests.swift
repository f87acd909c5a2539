// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

struct OCSPRequestTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }

    private static func identifier(_ hash: CertificateID.Hash = .sha1, serial: UInt32 = 1) throws -> CertificateID {
        CertificateID(serial: try .number(serial), issuer: try root.get().certificate, hash: hash)
    }

    private static func request(_ identifiers: [CertificateID], extensions: DERTree...) -> DERTree {
        let list = DERTree(0x30, of: identifiers.map { DERTree(0x30, of: [DERTree($0.encoded)]) })
        let more = extensions.isEmpty ? [] : [DERTree(0xa2, of: [DERTree(0x30, of: extensions)])]
        return DERTree(0x30, of: [DERTree(0x30, of: [list] + more)])
    }

    static func nonce(_ bytes: [UInt8], critical: Bool = false) -> DERTree {
        let identifier = DERTree(0x06, [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02])
        return DERTree(
            0x30,
            of: [identifier] + (critical ? [DERTree(0x01, [0xff])] : []) + [DERTree(0x04, DERTree(0x04, bytes).bytes)])
    }

    @Test func `a request says what it asks about`() throws {
        let identifiers = try [Self.identifier(), Self.identifier(.sha256, serial: 0xffff_ffff)]
        let plain = try OCSPRequest(der: Self.request(identifiers).bytes)
        #expect(plain.certificates == identifiers && plain.nonce == nil)
        #expect(plain.certificates.map(\.hash) == [.sha1, .sha256])
        #expect(try plain.certificates.map(\.serial) == [.number(1), .number(0xffff_ffff)])
        let issuer = try Self.root.get().certificate
        #expect(plain.certificates.allSatisfy { $0.names(issuer) })
        for other in [try TestAuthority.root(key: .newP256()), try TestAuthority.root("Other root CA", key: .p256)] {
            #expect(!plain.certificates.contains { $0.names(other.certificate) })
        }
    }

    @Test(arguments: [1, 16, 32, 128])
    func `a nonce has 1 to 128 bytes`(_ count: Int) throws {
        let bytes = Array(repeating: UInt8(7), count: count)
        for isCritical in [false, true] {
            let request = Self.request([try Self.identifier()], extensions: Self.nonce(bytes, critical: isCritical))
            #expect(try OCSPRequest(der: request.bytes).nonce?.bytes == bytes)
        }
    }

    @Test(arguments: [0, 129, 200])
    func `a nonce of another length is refused`(_ count: Int) throws {
        let request = Self.request([try Self.identifier()], extensions: Self.nonce(Array(repeating: 7, count: count)))
        #expect(throws: OCSPRequestError.nonceLength) { try OCSPRequest(der: request.bytes) }
        #expect(OCSPNonce(Array(repeating: UInt8(7), count: count)) == nil)
    }

    @Test func `who asks, a signature and unknown extensions are not looked at`() throws {
        let identifier = try Self.identifier()
        let unknown = RequestBuilder.field(99, .null)
        var request = Self.request([identifier], extensions: unknown, Self.nonce([1]))
        request[0].children.insert(DERTree(0xa1, of: [DERTree(0x82, Array("a.example".utf8))]), at: 0)
        request[0, 1, 0].children.append(DERTree(0xa0, of: [DERTree(0x30, of: [unknown])]))
        let certificates = DERTree(0xa0, of: [.emptySequence])
        let signature = [DERTree(X509SignatureAlgorithm.ed25519.encoded), DERTree(0x03, [0, 1]), certificates]
        request.children.append(DERTree(0xa0, of: [DERTree(0x30, of: signature)]))
        let read = try OCSPRequest(der: request.bytes)
        #expect(read.certificates == [identifier] && read.nonce?.bytes == [1])
    }

    @Test func `at most 20 certificates and 8 KiB are asked about at once`() throws {
        let identifier = try Self.identifier(.sha256)
        let most = Array(repeating: identifier, count: 20)
        #expect(try OCSPRequest(der: Self.request(most).bytes).certificates.count == 20)
        #expect(throws: OCSPRequestError.tooManyCertificates(limit: 20)) {
            try OCSPRequest(der: Self.request(most + [identifier]).bytes)
        }
        func padded(_ count: Int) -> [UInt8] {
            let padding = RequestBuilder.field(99, DERTree(0x04, Array(repeating: 0, count: count)))
            return Self.request([identifier], extensions: padding).bytes
        }
        let rest = OCSPRequest.maximumBytes - padded(4096).count
        #expect(padded(4096 + rest).count == 8192)
        #expect(try OCSPRequest(der: padded(4096 + rest)).certificates == [identifier])
        #expect(throws: OCSPRequestError.tooLarge(limit: 8192)) { try OCSPRequest(der: padded(4096 + rest + 1)) }
    }

    @Test func `a serial number that is not one of ours is read and is nobody's`() throws {
        var request = Self.request([try Self.identifier()])
        for serial in [[0], [1] + Array(repeating: 0, count: 19)] as [[UInt8]] {
            request[0, 0, 0, 0, 3].contents = serial
            #expect(try OCSPRequest(der: request.bytes).certificates.map(\.serial) == [nil])
        }
    }

    @Test func `hashes may stand without parameters, and the bytes are kept`() throws {
        var request = Self.request([try Self.identifier()])
        request[0, 0, 0, 0, 0].children.removeLast()
        let read = try #require(OCSPRequest(der: request.bytes).certificates.first)
        #expect(try read.hash == .sha1 && read.names(Self.root.get().certificate))
        #expect(read.encoded == request[0, 0, 0, 0].bytes)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: OCSPRequestError
        let apply: @Sendable (inout DERTree) -> Void

        init(_ description: String, _ error: OCSPRequestError, _ apply: @escaping @Sendable (inout DERTree) -> Void) {
            testDescription = description
            self.error = error
            self.apply = apply
        }
    }

    @Test(
        arguments: [
            Change("an explicit version", .version) {
                $0[0].children.insert(DERTree(0xa0, of: [DERTree(0x02, [0])]), at: 0)
            },
            Change("nothing asked about", .malformed) { $0[0, 0].children = [] },
            Change("no list", .malformed) { $0[0].children = [] },
            Change("another hash", .unsupportedHash("1.2.840.113549.2.5")) {
                $0[0, 0, 0, 0, 0, 0].contents = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05]
            },
            Change("parameters of a hash", .malformed) { $0[0, 0, 0, 0, 0, 1] = .emptySequence },
            Change("a short name hash", .malformed) { $0[0, 0, 0, 0, 1].contents.removeLast() },
            Change("a long key hash", .malformed) { $0[0, 0, 0, 0, 2].contents.append(0) },
            Change("a negative serial number", .malformed) { $0[0, 0, 0, 0, 3].contents = [0x80] },
            Change("a serial number that is not minimal", .malformed) { $0[0, 0, 0, 0, 3].contents = [0, 1] },
            Change("a serial number of 21 bytes", .malformed) {
                $0[0, 0, 0, 0, 3].contents = Array(repeating: 1, count: 21)
            },
            Change("something after the certificate", .malformed) { $0[0, 0, 0].children.append(.null) },
            Change("something after the serial number", .malformed) { $0[0, 0, 0, 0].children.append(.null) },
            Change("something after the extensions", .malformed) { $0[0].children.append(.null) },
            Change("something after the request", .malformed) { $0.children.append(.null) },
            Change("a second nonce", .duplicateExtension("1.3.6.1.5.5.7.48.1.2")) {
                $0[0, 1, 0].children.append($0[0, 1, 0, 0])
            },
            Change("a nonce without OCTET STRING", .malformed) { $0[0, 1, 0, 0, 1].contents = [1, 2, 3] },
            Change("no extension in their list", .malformed) { $0[0, 1, 0].children = [] },
            Change("an unknown critical extension", .unknownCriticalExtension("2.5.29.99")) {
                $0[0, 1, 0].children.append(RequestBuilder.field(99, critical: [0xff], .null))
            },
            Change("an unknown critical extension of one certificate", .unknownCriticalExtension("2.5.29.99")) {
                let fields = DERTree(0x30, of: [RequestBuilder.field(99, critical: [0xff], .null)])
                $0[0, 0, 0].children.append(DERTree(0xa0, of: [fields]))
            },
            Change("a signature without bits", .malformed) { $0.children.append(DERTree(0xa0, of: [.emptySequence])) },
        ])
    func `what is no request is refused with the reason`(_ change: Change) throws {
        var request = Self.request([try Self.identifier()], extensions: Self.nonce([1, 2, 3]))
        change.apply(&request)
        #expect(throws: change.error) { try OCSPRequest(der: request.bytes) }
        #expect(!change.error.description.isEmpty)
    }

    @Test func `every truncation is refused, and every flipped bit is refused or read as it stands`() throws {
        let good = Self.request(
            [try Self.identifier(), try Self.identifier(.sha256)], extensions: Self.nonce([1, 2, 3])
        ).bytes
        let read = try OCSPRequest(der: good)
        for index in good.indices {
            #expect(throws: OCSPRequestError.self) { try OCSPRequest(der: Array(good.prefix(index))) }
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                guard let changed = try? OCSPRequest(der: bytes) else { continue }
                // Another extension's identifier makes an unknown one of the nonce.
                #expect(changed != read, "bit \(bit) of byte \(index)")
            }
        }
        #expect(throws: OCSPRequestError.malformed) { try OCSPRequest(der: good + [0]) }
        #expect(throws: OCSPRequestError.malformed) { try OCSPRequest(der: []) }
    }
}
