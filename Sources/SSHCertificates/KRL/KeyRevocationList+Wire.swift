// SPDX-License-Identifier: Apache-2.0

extension KeyRevocationList {
    private typealias Reader = SSHWireReader<KeyRevocationListError>

    private static let magic = Array("SSHKRL\n\0".utf8)
    private static let format: UInt32 = 1

    /// Section types, with the names of PROTOCOL.krl.
    private enum SectionType: UInt8 {
        case certificates = 1
        case explicitKey = 2
        case fingerprintSHA1 = 3
        case signature = 4
        case fingerprintSHA256 = 5
        case `extension` = 255
    }

    private enum CertificateSectionType: UInt8 {
        case serialList = 0x20
        case serialRange = 0x21
        case serialBitmap = 0x22
        case keyID = 0x23
        case `extension` = 0x39
    }

    package init(parsing bytes: [UInt8]) throws(KeyRevocationListError) {
        guard bytes.count <= SSHLimits.revocationList else {
            throw .wire(.tooLong(field: "key revocation list", limit: SSHLimits.revocationList))
        }
        var reader = Reader(bytes)
        let version = try Self.version(&reader)
        let generatedAt = try reader.readUInt64("generated date")
        guard try reader.readUInt64("flags") == 0 else { throw .reservedNotEmpty }
        guard try reader.readString("reserved", limit: SSHLimits.name).isEmpty else { throw .reservedNotEmpty }
        let comment = try reader.readUTF8("comment", limit: SSHLimits.comment)
        var sections: [Section] = []
        var signatures: [Signature] = []
        while !reader.isAtEnd {
            guard sections.count + signatures.count < SSHLimits.revocationSections else {
                throw .tooManySections(limit: SSHLimits.revocationSections)
            }
            let number = try reader.readUInt8("section type")
            guard let type = SectionType(rawValue: number) else { throw .unknownSection(number) }
            if type == .signature {
                let key = Array(try reader.readString("signature key", limit: SSHLimits.keyBlob))
                let signature = Array(try reader.readString("signature", limit: SSHLimits.signature))
                signatures.append(Signature(key: key, signature: signature))
                continue
            }
            guard signatures.isEmpty else { throw .sectionAfterSignature }
            var content = Reader(try reader.readString("section", limit: SSHLimits.revocationList))
            sections.append(try Self.section(type, &content))
            try content.finish(after: "section")
        }
        try self.init(
            version: version, generatedAt: generatedAt, comment: comment, sections: sections, signatures: signatures)
    }

    /// The version in the head of a list. Whether the rest is one is not looked at.
    package static func version(inHeadOf bytes: [UInt8]) throws(KeyRevocationListError) -> UInt64 {
        var reader = Reader(bytes)
        return try version(&reader)
    }

    private static func version(_ reader: inout Reader) throws(KeyRevocationListError) -> UInt64 {
        guard try reader.readBytes(magic.count, "magic").elementsEqual(magic) else { throw .notARevocationList }
        let format = try reader.readUInt32("format")
        guard format == Self.format else { throw .unknownFormat(format) }
        return try reader.readUInt64("version")
    }

    private static func section(
        _ type: SectionType, _ reader: inout Reader
    ) throws(KeyRevocationListError) -> Section {
        switch type {
        case .certificates: .certificates(try certificates(&reader))
        case .explicitKey: .keys(try strings(&reader, "key", limit: SSHLimits.keyBlob))
        case .fingerprintSHA1: .sha1Fingerprints(try strings(&reader, "fingerprint", limit: 20))
        case .fingerprintSHA256: .sha256Fingerprints(try strings(&reader, "fingerprint", limit: 32))
        case .extension: .extension(try RevocationExtension(from: &reader))
        case .signature: throw .unknownSection(type.rawValue)
        }
    }

    private static func strings(
        _ reader: inout Reader, _ field: String, limit: Int
    ) throws(KeyRevocationListError) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        while !reader.isAtEnd { strings.append(Array(try reader.readString(field, limit: limit))) }
        return strings
    }

    private static func certificates(_ reader: inout Reader) throws(KeyRevocationListError) -> CertificateRevocations {
        let authority = Array(try reader.readString("CA key", limit: SSHLimits.keyBlob))
        guard try reader.readString("reserved", limit: SSHLimits.name).isEmpty else { throw .reservedNotEmpty }
        var parts: [CertificateRevocations.Part] = []
        while !reader.isAtEnd {
            guard parts.count < SSHLimits.revocationParts else { throw .tooManySections(limit: SSHLimits.revocationParts) }
            let number = try reader.readUInt8("certificate section type")
            guard let type = CertificateSectionType(rawValue: number) else { throw .unknownCertificateSection(number) }
            var content = Reader(try reader.readString("certificate section", limit: SSHLimits.revocationList))
            parts.append(try part(type, &content))
            try content.finish(after: "certificate section")
        }
        return CertificateRevocations(authority: authority, parts: parts)
    }

    private static func part(
        _ type: CertificateSectionType, _ reader: inout Reader
    ) throws(KeyRevocationListError) -> CertificateRevocations.Part {
        switch type {
        case .serialList:
            var serials: [UInt64] = []
            serials.reserveCapacity(reader.rest.count / 8)
            while !reader.isAtEnd { serials.append(try reader.readUInt64("serial")) }
            return .serialList(serials)
        case .serialRange:
            let first = try reader.readUInt64("first serial")
            let last = try reader.readUInt64("last serial")
            guard first <= last else { throw .invalidRange }
            return .serialRange(first...last)
        case .serialBitmap:
            let offset = try reader.readUInt64("bitmap offset")
            let magnitude = Array(try reader.readMagnitude("bitmap", limit: SerialBitmap.byteLimit))
            return .serialBitmap(SerialBitmap(offset: offset, magnitude: magnitude))
        case .keyID:
            var keyIDs: [String] = []
            while !reader.isAtEnd { keyIDs.append(try reader.readUTF8("key ID", limit: SSHLimits.revokedKeyID)) }
            return .keyIDs(keyIDs)
        case .extension: return .extension(try RevocationExtension(from: &reader))
        }
    }

    static func encode(version: UInt64, generatedAt: UInt64, comment: String, sections: [Section]) -> [UInt8] {
        var writer = SSHWireWriter()
        writer.write(raw: magic)
        writer.write(uint32: format)
        writer.write(uint64: version)
        writer.write(uint64: generatedAt)
        writer.write(uint64: 0)
        writer.write(string: [])
        writer.write(string: comment)
        for section in sections {
            writer.write(uint8: type(of: section).rawValue)
            writer.writeString { writer in
                switch section {
                case .certificates(let certificates): write(certificates, to: &writer)
                case .keys(let strings), .sha1Fingerprints(let strings), .sha256Fingerprints(let strings):
                    for string in strings { writer.write(string: string) }
                case .extension(let content): content.write(to: &writer)
                }
            }
        }
        return writer.bytes
    }

    private static func type(of section: Section) -> SectionType {
        switch section {
        case .certificates: .certificates
        case .keys: .explicitKey
        case .sha1Fingerprints: .fingerprintSHA1
        case .sha256Fingerprints: .fingerprintSHA256
        case .extension: .extension
        }
    }

    private static func write(_ certificates: CertificateRevocations, to writer: inout SSHWireWriter) {
        writer.write(string: certificates.authority)
        writer.write(string: [])
        for part in certificates.parts {
            writer.write(uint8: type(of: part).rawValue)
            writer.writeString { writer in
                switch part {
                case .serialList(let serials):
                    for serial in serials { writer.write(uint64: serial) }
                case .serialRange(let range):
                    writer.write(uint64: range.lowerBound)
                    writer.write(uint64: range.upperBound)
                case .serialBitmap(let bitmap):
                    writer.write(uint64: bitmap.offset)
                    writer.write(magnitude: bitmap.magnitude)
                case .keyIDs(let keyIDs):
                    for keyID in keyIDs { writer.write(string: keyID) }
                case .extension(let content): content.write(to: &writer)
                }
            }
        }
    }

    private static func type(of part: CertificateRevocations.Part) -> CertificateSectionType {
        switch part {
        case .serialList: .serialList
        case .serialRange: .serialRange
        case .serialBitmap: .serialBitmap
        case .keyIDs: .keyID
        case .extension: .extension
        }
    }
}
