// SPDX-License-Identifier: Apache-2.0

/// Tags that certificates are written with.
enum Tag: UInt8 {
    case boolean = 0x01
    case integer = 0x02
    case bitString = 0x03
    case octetString = 0x04
    case null = 0x05
    case enumerated = 0x0a
    case utf8String = 0x0c
    case utcTime = 0x17
    case generalizedTime = 0x18
    case sequence = 0x30
    case set = 0x31
    /// `keyIdentifier` of AuthorityKeyIdentifier, `good` of OCSP.
    case context0 = 0x80
    case emailName = 0x81
    case dnsName = 0x82
    case uriName = 0x86
    case ipName = 0x87
    case explicit0 = 0xa0
    case explicit1 = 0xa1
    case explicit2 = 0xa2
    case explicit3 = 0xa3
}

/// One DER element with `parts` as its contents. Reading is left to swift-asn1, so that builder and linter share no code
/// that could be wrong in both.
func element(_ tag: Tag, _ parts: [UInt8]...) -> [UInt8] {
    let count = parts.reduce(0) { $0 + $1.count }
    var bytes: [UInt8] = [tag.rawValue]
    bytes.reserveCapacity(count + 6)
    if count < 0x80 {
        bytes.append(UInt8(count))
    } else {
        let length = withoutLeadingZeros(
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: count >> $0) })
        bytes.append(0x80 | UInt8(length.count))
        bytes += length
    }
    for part in parts { bytes += part }
    return bytes
}

/// A non-negative INTEGER in its shortest form, from its bytes, most significant first.
func integerElement(_ magnitude: some Collection<UInt8>) -> [UInt8] {
    let digits = withoutLeadingZeros(magnitude)
    let first = digits.first ?? 0x80
    return element(.integer, first >= 0x80 ? [0] : [], Array(digits))
}

/// A BIT STRING of whole bytes.
func bitStringElement(_ bytes: [UInt8]) -> [UInt8] {
    element(.bitString, [0], bytes)
}

private func withoutLeadingZeros<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
    bytes.drop { $0 == 0 }
}
