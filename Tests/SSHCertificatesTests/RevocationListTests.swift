// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import SSHCertificates

struct RevocationListTests {
    static let files = Result { try Fixture.all("revocation-lists").filter { $0.hasSuffix(".krl") } }

    private static func bytes(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: Fixture.url(file))) }

    private static func list(
        _ parts: CertificateRevocations.Part..., authority: [UInt8] = []
    ) throws -> KeyRevocationList {
        try list([.certificates(CertificateRevocations(authority: authority, parts: parts))])
    }

    private static func list(_ sections: [KeyRevocationList.Section]) throws -> KeyRevocationList {
        try KeyRevocationList(version: 1, generatedAt: 2, comment: "c", sections: sections)
    }

    // MARK: Form

    @Test(arguments: try files.get())
    func `a list of ssh-keygen is written back byte for byte`(_ file: String) throws {
        let bytes = try Self.bytes(file)
        #expect(try KeyRevocationList(parsing: bytes).blob == bytes)
    }

    @Test(arguments: try files.get())
    func `a damaged list is refused or stays what it became, never a trap`(_ file: String) throws {
        let bytes = try Self.bytes(file)
        for changed in Mutations.bitFlips(bytes) {
            if let list = try? KeyRevocationList(parsing: changed), list.signatures.isEmpty { #expect(list.blob == changed) }
        }
        for changed in Mutations.wrongLengths(bytes) {
            // The header alone is a list that revokes nothing; everything else misses something.
            if let list = try? KeyRevocationList(parsing: changed) {
                #expect(list.blob == changed && changed.count < bytes.count)
            }
        }
    }

    @Test func `every kind of section is read as it was written`() throws {
        let content = RevocationExtension(name: "x@example.com", contents: [1, 2])
        let list = try Self.list([
            .certificates(
                CertificateRevocations(
                    authority: try TestKey.all[0].publicKey.blob,
                    parts: [
                        .serialList([1, .max]), .serialRange(2...9), .serialRange(1 ... .max),
                        .serialBitmap(SerialBitmap(offset: 0, magnitude: [0x80, 2])), .keyIDs(["é"]), .extension(content),
                    ])),
            .certificates(CertificateRevocations(authority: [], parts: [])),
            .keys([[1], []]), .sha1Fingerprints([Array(1...20)]), .sha256Fingerprints([Array(1...32)]), .extension(content),
        ])
        let read = try KeyRevocationList(parsing: list.blob)
        #expect(read == list)
    }

    @Test func `signatures are read and not written`() throws {
        let list = try Self.list(.serialList([1]))
        var writer = SSHWireWriter()
        writer.write(raw: list.blob)
        writer.write(uint8: 4)
        writer.write(string: [1])
        writer.write(string: [2, 3])
        let read = try KeyRevocationList(parsing: writer.bytes)
        #expect(read.signatures == [KeyRevocationList.Signature(key: [1], signature: [2, 3])])
        #expect(read.blob == list.blob)
        writer.write(uint8: 2)
        writer.write(string: [0, 0, 0, 1, 9])
        #expect(throws: KeyRevocationListError.sectionAfterSignature) { try KeyRevocationList(parsing: writer.bytes) }
    }

    @Test func `a critical extension is refused`() throws {
        var list = try Self.list([.extension(RevocationExtension(name: "x", contents: []))]).blob
        // The boolean before the empty contents.
        list[list.count - 5] = 1
        #expect(throws: KeyRevocationListError.unknownCriticalExtension("x")) { try KeyRevocationList(parsing: list) }
        list[list.count - 5] = 2
        #expect(throws: KeyRevocationListError.invalidBoolean(field: "critical")) { try KeyRevocationList(parsing: list) }
    }

    @Test(
        arguments: [
            (.serialList([1, 0]), .serialZero), (.serialRange(0...4), .serialZero),
            (.serialBitmap(SerialBitmap(offset: 0, magnitude: [3])), .serialZero),
            (.serialBitmap(SerialBitmap(offset: .max, magnitude: [2])), .bitmapTooFar),
            (.serialBitmap(SerialBitmap(offset: 1, magnitude: [])), .emptySection),
            (.serialBitmap(SerialBitmap(offset: 1, magnitude: [0, 1])), .wire(.notCanonical(field: "bitmap"))),
            (
                .serialBitmap(SerialBitmap(offset: 1, magnitude: Array(repeating: 1, count: 2049))),
                .wire(.tooLong(field: "bitmap", limit: 2048))
            ),
            (.serialList([]), .emptySection), (.keyIDs([]), .emptySection), (.keyIDs(["a\0"]), .invalidText(field: "key ID")),
        ] as [(CertificateRevocations.Part, KeyRevocationListError)])
    func `what sshd would misread is not written`(_ part: CertificateRevocations.Part, _ error: KeyRevocationListError) throws {
        #expect(throws: error) { try Self.list(part) }
    }

    // MARK: Serials

    @Test func `serial 0 and disorder are refused`() {
        #expect(throws: KeyRevocationListError.serialZero) { try SerialEncoding.smallest(for: [0, 1]) }
        for serials in [[1, 1], [2, 1], [5, 0]] as [[UInt64]] {
            #expect(throws: KeyRevocationListError.unorderedSerials) { try SerialEncoding.smallest(for: serials) }
        }
    }

    @Test func `each form is chosen where it is smallest`() throws {
        #expect(try SerialEncoding.smallest(for: []) == [])
        #expect(try SerialEncoding.smallest(for: [1, 1_000_000, .max]) == [.serialList([1, 1_000_000, .max])])
        #expect(try SerialEncoding.smallest(for: Array(1...100_000)) == [.serialRange(1...100_000)])
        #expect(
            try SerialEncoding.smallest(for: [1, 3, 5, 8])
                == [.serialBitmap(SerialBitmap(offset: 1, magnitude: [0b1001_0101]))])
        let dense = try SerialEncoding.smallest(for: Array(stride(from: 1, to: 200_000, by: 2)))
        #expect(dense.count == 13)
        #expect(dense.allSatisfy { if case .serialBitmap = $0 { true } else { false } })
    }

    @Test(arguments: 0..<200)
    func `random sets of serials mean what they were, and are no larger than any single form`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let spread: UInt64 = [20, 300, 40_000, 1 << 62][Int(seed % 4)]
        var serials = Set<UInt64>()
        for _ in 0..<(1 + seed) {
            let first = UInt64.random(in: 1...spread, using: &random)
            for serial in first...first + UInt64.random(in: 0...6, using: &random) { serials.insert(serial) }
        }
        let sorted = serials.sorted()
        let revocations = try CertificateRevocations(authority: nil, serials: sorted)
        let list = try Self.list([.certificates(revocations)])
        #expect(try KeyRevocationList(parsing: list.blob) == list)
        for serial in sorted {
            for near in [serial - 1, serial, serial + 1] {
                #expect(revocations.revokes(serial: near, keyID: "") == serials.contains(near))
            }
        }
        let plain = try Self.list(.serialList(sorted))
        #expect(list.blob.count <= plain.blob.count)
    }

    // MARK: Query

    @Test func `a certificate is revoked by serial, key ID, key or CA key, under its CA or under all`() throws {
        let ca = try TestKey.all[0].publicKey, key = try TestKey.all[1].publicKey, other = try TestKey.all[2].publicKey
        func revoked(_ sections: KeyRevocationList.Section...) throws -> Bool {
            try Self.list(sections).revokes(serial: 7, keyID: "ana", key: key, signedBy: ca)
        }
        func certificates(
            _ authority: SSHPublicKey?, _ serials: [UInt64], _ keyIDs: [String]
        ) throws -> KeyRevocationList.Section {
            .certificates(try CertificateRevocations(authority: authority, serials: serials, keyIDs: keyIDs))
        }
        #expect(try revoked(certificates(ca, [7], [])))
        #expect(try revoked(certificates(nil, [7], [])))
        #expect(try revoked(certificates(ca, [], ["ana"])))
        #expect(try revoked(.keys([key.blob])))
        #expect(try revoked(.keys([ca.blob])))
        #expect(try !revoked())
        #expect(try !revoked(certificates(other, [7], ["ana"])))
        #expect(try !revoked(certificates(ca, [6, 8], ["an", "ana "]), .keys([other.blob])))
    }

    @Test func `a list is signed as a file of its own namespace`() throws {
        let list = try Self.list(.serialList([1])), key = TestKey.all[0]
        let signature = try SSHSIG(
            publicKey: try key.publicKey, namespace: KeyRevocationList.signatureNamespace, hash: .sha512,
            signature: try key.signature(list.bytesToSign()))
        let read = try SSHSIG(armored: signature.armored)
        #expect(try KeyRevocationList.verify(read, over: list.blob, allowedKeys: [key.publicKey]).key == key.publicKey)
        #expect(throws: SSHSIGError.self) {
            try KeyRevocationList.verify(read, over: list.blob + [0], allowedKeys: [key.publicKey])
        }
    }

    // MARK: OpenSSH

    /// What `ssh-keygen -Q` says of the files, in their order; `true` is revoked.
    private func verdicts(_ list: URL, _ files: [String], in directory: URL) throws -> [Bool] {
        // It fails if anything is revoked; if it fails for another reason, verdicts are missing.
        let script = "ssh-keygen -Q -f \"$0\" \"$@\" || true"
        let output = try ForeignProgram(path: "/bin/sh").text(["-c", script, list.path] + files, in: directory)
        return try output.split(separator: "\n").map { line in
            let isRevoked = line.hasSuffix(": REVOKED")
            try #require(isRevoked || line.hasSuffix(": ok"))
            return isRevoked
        }
    }

    /// Certificates of one CA with these serials, in files named after them.
    private func certify(_ serials: [UInt64], in directory: URL) throws -> [String] {
        try serials.map { serial in
            let name = "\(serial)-cert.pub"
            try directory.write(try Sample.certificate { $0.serial = serial }.authorizedKey() + "\n", to: name)
            return name
        }
    }

    @Test func `ssh-keygen reads our serials, one by one`() throws {
        // Bitmaps, a bitmap that must be split, ranges, lists and the ends of all serials.
        var serials = Array(stride(from: UInt64(1), through: 90, by: 2)) + Array(100...180)
        serials += [5_000, 70_000, 1 << 40, .max - 1, .max]
        let split = stride(from: UInt64(1_000_000), through: 1_100_000, by: 2)
        let list = try Self.list([
            .certificates(
                try CertificateRevocations(authority: try TestKey.all[0].publicKey, serials: (serials + split).sorted()))
        ])
        try withTemporaryDirectory { directory in
            try directory.write(list.blob, to: "list")
            // Where one bitmap is full and the next begins.
            var probes = Array(UInt64(1)...200)
            for start in stride(from: UInt64(1_000_000), through: 1_100_000, by: 16_384) {
                probes += [start, start + 1, start + 16_382, start + 16_383]
            }
            probes += [4_999, 5_000, 5_001, 70_000, 1 << 40, .max - 2, .max - 1, .max]
            let files = try certify(probes, in: directory)
            let verdicts = try verdicts(directory.appending(path: "list"), files, in: directory)
            #expect(verdicts == probes.map { serials.contains($0) || split.contains($0) })
        }
    }

    @Test(arguments: try files.get())
    func `we agree with ssh-keygen about its own lists`(_ file: String) throws {
        let list = try KeyRevocationList(parsing: try Self.bytes(file))
        try withTemporaryDirectory { directory in
            let keys = try Fixture.all("keys")
            let ours = try keys.map { list.revokes(try SSHPublicKey(authorizedKey: try Fixture.text($0))) }
            let theirs = try verdicts(Fixture.url(file), keys.map { Fixture.url($0).path }, in: directory)
            #expect(ours == theirs)
        }
    }

    @Test func `we agree with ssh-keygen about every serial and key ID of its list`() throws {
        try withTemporaryDirectory { directory in
            let ca = try TestKey.all[0].publicKey
            try directory.write(try ca.authorizedKey(comment: "ca") + "\n", to: "ca.pub")
            let bitmap = stride(from: 300, through: 500, by: 3).map { "serial: \($0)\n" }.joined()
            try directory.write("serial: 1\nserial: 9\nserial: 20-250\n\(bitmap)serial: \(UInt64.max)\nid: eve\n", to: "spec")
            _ = try ForeignProgram.sshKeygen.run(["-q", "-k", "-f", "list", "-s", "ca.pub", "spec"], in: directory)
            let list = try KeyRevocationList(parsing: Array(try Data(contentsOf: directory.appending(path: "list"))))
            let probes = Array(UInt64(1)...520) + [.max - 1, .max]
            var certificates = try probes.map { serial in try Sample.certificate { $0.serial = serial } }
            certificates.append(try Sample.certificate { ($0.serial, $0.keyID) = (600, "eve") })
            certificates.append(try Sample.certificate { ($0.serial, $0.keyID) = (600, "Eve") })
            let files = try certificates.enumerated().map { index, certificate in
                try directory.write(try certificate.authorizedKey() + "\n", to: "\(index)-cert.pub")
                return "\(index)-cert.pub"
            }
            let theirs = try verdicts(directory.appending(path: "list"), files, in: directory)
            #expect(certificates.map { list.revokes($0) } == theirs)
            #expect(theirs.contains(true) && theirs.contains(false))
        }
    }
}
