// SPDX-License-Identifier: Apache-2.0

/// Why a login failed. What the caller is told does not say whether the user exists.
package enum LoginError: Error, Equatable, CustomStringConvertible {
    case challengeInvalid
    case challengeExpired
    case challengeAlreadyUsed
    case signatureInvalid
    case unknownUserOrKey

    package var description: String {
        switch self {
        case .challengeInvalid: "the challenge was not made by this server for this login"
        case .challengeExpired: "the challenge has expired"
        case .challengeAlreadyUsed: "the challenge was used already"
        case .signatureInvalid: "the signature over the challenge does not verify"
        case .unknownUserOrKey: "no user of this name has this SSH key"
        }
    }

    package var hint: String {
        switch self {
        case .challengeInvalid, .challengeExpired, .challengeAlreadyUsed: "log in again"
        case .signatureInvalid, .unknownUserOrKey: "ask an administrator whether your SSH key is in the user file"
        }
    }
}
