// SPDX-License-Identifier: Apache-2.0

/// Why a token is not believed. Says nothing of what is in it beyond names of members.
package enum TokenError: Error, Equatable, CustomStringConvertible {
    case tooLong(limit: Int)
    case notAToken
    case otherType
    case criticalHeader
    case algorithmNotAllowed
    case duplicateMember(String)
    case unknownKey
    case signatureInvalid
    case claimMissing(String)
    case claimInvalid(String)
    case otherIssuer
    case otherAudience
    /// Several audiences, and not issued to this client.
    case otherParty
    case otherNonce
    /// Userinfo of somebody else.
    case otherSubject
    case expired
    case notYetValid
    case issuedTooLongAgo
    case lifetimeTooLong(limit: Int)
    case alreadyUsed

    package var description: String {
        switch self {
        case .tooLong(let limit): "the token has more than \(limit) bytes"
        case .notAToken: "it is not a signed JWT"
        case .otherType: "it is a JWT of another type"
        case .criticalHeader: "its header asks for something that is not supported"
        case .algorithmNotAllowed:
            "it is not signed with one of " + TokenAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
        case .duplicateMember(let name): "member `\(name)` stands twice in it"
        case .unknownKey: "its issuer has no such key"
        case .signatureInvalid: "its signature does not verify"
        case .claimMissing(let name): "claim `\(name)` is missing"
        case .claimInvalid(let name): "claim `\(name)` is not valid"
        case .otherIssuer: "it is of another issuer"
        case .otherAudience: "it is meant for another audience"
        case .otherParty: "it was issued to another client"
        case .otherNonce: "it answers another login"
        case .otherSubject: "it is of somebody else"
        case .expired: "it has expired"
        case .notYetValid: "it is not valid yet"
        case .issuedTooLongAgo: "it was issued too long ago"
        case .lifetimeTooLong(let limit): "it is valid for longer than \(limit) seconds"
        case .alreadyUsed: "it was used already"
        }
    }
}
