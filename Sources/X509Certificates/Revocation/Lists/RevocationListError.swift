// SPDX-License-Identifier: Apache-2.0

/// Why such a revocation list is not built.
package enum RevocationListError: Error, Hashable, CustomStringConvertible {
    /// Not a whole second, or outside 1950 to 9999.
    case time
    case endsBeforeItBegins
    /// Not above the number of the list before, or the base of a delta list not below its own.
    case number
    /// The text is what was refused.
    case address(String)
    case duplicateSerial(SerialNumber)
    /// Only a delta list says that an entry went away.
    case removalInFullList
    /// The CA's certificate does not permit its key to sign revocation lists.
    case issuerCannotSign

    package var description: String {
        switch self {
        case .time: "a time is not a whole second between 1950 and 9999"
        case .endsBeforeItBegins: "the revocation list would end before it begins"
        case .number: "the revocation list's number is not above that of the list before"
        case .address(let text): "`\(ASCII.printable(text))` is not an `http:` address with a host"
        case .duplicateSerial(let serial): "the serial number `\(serial.hexadecimal)` is revoked twice"
        case .removalInFullList: "only a delta list may remove an entry"
        case .issuerCannotSign: "the CA's certificate does not permit its key to sign revocation lists"
        }
    }
}
