// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
import SSHCertificates
package import ServiceAPI

/// Login by an SSH key of the local user file: the key signs a challenge that names this service, the user and the
/// session key, so that nobody in between can use the signature for a session of their own.
package struct LocalLogin: Sendable {
    private let users: UserDirectory
    private let challenges = LoginChallenges()
    /// What clients pin; part of what is signed.
    private let serviceFingerprint: String

    package init(users: UserDirectory, serviceFingerprint: String) {
        self.users = users
        self.serviceFingerprint = serviceFingerprint
    }

    /// A challenge for anybody who asks, whether or not the user exists.
    package func challenge(for request: LoginChallengeRequest, now: Date) throws(LoginError) -> LoginChallenge {
        guard LocalUser.isValidName(request.user), request.sessionKeyDigest.utf8.count == Self.digestLength else {
            throw .challengeInvalid
        }
        let challenge = challenges.make(user: request.user, sessionKeyDigest: request.sessionKeyDigest, now: now)
        return LoginChallenge(challenge: challenge.text, expiresAt: challenge.expires)
    }

    /// Who signed the challenge.
    package struct Proven: Sendable {
        package let user: LocalUser
        /// Its nonce must be marked as used with the session.
        package let challenge: LoginChallenges.Challenge
        /// Whether the key is on a token that asked for PIN or fingerprint, which is something held and something known.
        package let hasSecondFactor: Bool
    }

    /// - Parameter sessionKeyDigest: of the key in the certificate request, computed by the server.
    package func proven(
        _ request: SessionRequest, sessionKeyDigest: String, now: Date
    ) throws(LoginError) -> Proven {
        let challenge = try challenges.verify(
            request.challenge, user: request.user, sessionKeyDigest: sessionKeyDigest, now: now)
        let message = LoginMessage(
            serviceFingerprint: serviceFingerprint, user: request.user, sessionKeyDigest: sessionKeyDigest,
            challenge: request.challenge)
        let signature: SSHSIG
        let verified: VerifiedSignature
        do {
            signature = try SSHSIG(armored: request.signature)
            // Verified before the user is looked up: how long a refusal takes does not tell who exists.
            verified = try signature.verify(
                message: message.bytes, namespace: LoginMessage.namespace, allowedKeys: [signature.publicKey])
        } catch {
            throw .signatureInvalid
        }
        guard let user = users.user(named: request.user), user.keys.contains(signature.publicKey) else {
            throw .unknownUserOrKey
        }
        return Proven(
            user: user, challenge: challenge, hasSecondFactor: verified.securityKey?.isUserVerified ?? false)
    }

    /// SHA-256 of a DER `SubjectPublicKeyInfo`, in base64url without padding.
    package static func digest(ofSessionKey subjectPublicKeyInfo: [UInt8]) -> String {
        let base64 = Data(SHA256.hash(data: subjectPublicKeyInfo)).base64EncodedString()
        return String(base64.prefix { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    private static let digestLength = 43
}
