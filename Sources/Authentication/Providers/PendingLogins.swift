// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import OpenIDConnect

/// Logins that wait for a provider's answer, without a byte of memory here: what must come back is authenticated, and what
/// must stay secret is derived from it with a key that lives as long as the process.
///
/// Each is bound to the session key of whoever began it. A person who follows a link that somebody else began completes
/// nothing: the browser goes to a port of their own machine, where nobody waits, and only the holder of that session key
/// could redeem the answer.
struct PendingLogins: Sendable {
    private let key = SymmetricKey(size: .bits256)

    /// Long enough to find the second factor, in seconds.
    static let lifetime: Double = 600

    /// What a login is for; all of it must be the same when the answer comes.
    struct Purpose: Sendable {
        let provider: String
        let sessionKeyDigest: String
        /// The port of the loopback interface on which the client waits.
        let port: Int

        /// Lengths first: no two different ones give the same bytes.
        fileprivate var text: String {
            "\(provider.utf8.count) \(provider) \(sessionKeyDigest.utf8.count) \(sessionKeyDigest) \(port)"
        }
    }

    func begin(_ purpose: Purpose, now: Date) -> (request: OpenIDProvider.AuthorizationRequest, expires: Date) {
        let id = Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        let expires = Int64(now.timeIntervalSince1970 + Self.lifetime)
        return (request(id: id, expires: expires, purpose), Date(timeIntervalSince1970: Double(expires)))
    }

    /// The login that `state` belongs to, if this process began it for this purpose.
    /// - Returns: also what is remembered once it is completed.
    func resume(
        _ state: String, _ purpose: Purpose, now: Date
    ) throws(ProviderLoginError) -> (request: OpenIDProvider.AuthorizationRequest, nonce: String, expires: Date) {
        let parts = state.utf8.count <= 200 ? state.split(separator: ".", omittingEmptySubsequences: false) : []
        guard parts.count == 3, let expires = Int64(parts[1]), let code = Base64URL.decode(parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Data(message("state", String(parts[0]), expires, purpose).utf8), using: key)
        else { throw .loginInvalid }
        let request = request(id: String(parts[0]), expires: expires, purpose)
        // `+12` and `012` are the same number, but not the state that was made.
        guard request.state.utf8.elementsEqual(state.utf8) else { throw .loginInvalid }
        guard now.timeIntervalSince1970 < Double(expires) else { throw .loginExpired }
        return (request, "login " + parts[0], Date(timeIntervalSince1970: Double(expires)))
    }

    private func request(id: String, expires: Int64, _ purpose: Purpose) -> OpenIDProvider.AuthorizationRequest {
        func derived(_ label: String) -> String {
            let code = HMAC<SHA256>.authenticationCode(for: Data(message(label, id, expires, purpose).utf8), using: key)
            return Base64URL.encode(code)
        }
        return OpenIDProvider.AuthorizationRequest(
            redirectURI: "http://127.0.0.1:\(purpose.port)/callback", state: "\(id).\(expires).\(derived("state"))",
            nonce: derived("nonce"), codeVerifier: derived("verifier"))
    }

    private func message(_ label: String, _ id: String, _ expires: Int64, _ purpose: Purpose) -> String {
        "\(label) \(id.utf8.count) \(id) \(expires) \(purpose.text)"
    }

    // MARK: Devices

    /// The device code of a provider, for the client to keep and unreadable to it.
    func sealed(deviceCode: String, _ purpose: Purpose, expires: Date) throws -> String {
        let end = Int64(expires.timeIntervalSince1970)
        let box = try AES.GCM.seal(
            Data(deviceCode.utf8), using: key, authenticating: Data(message("device", "", end, purpose).utf8))
        guard let combined = box.combined else { throw ProviderLoginError.loginInvalid }
        return "\(end).\(Base64URL.encode(combined))"
    }

    func deviceCode(_ text: String, _ purpose: Purpose, now: Date) throws(ProviderLoginError) -> String {
        let parts = text.utf8.count <= 2048 ? text.split(separator: ".", omittingEmptySubsequences: false) : []
        guard parts.count == 2, let expires = Int64(parts[0]), let bytes = Base64URL.decode(parts[1]),
            let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(
                box, using: key, authenticating: Data(message("device", "", expires, purpose).utf8))
        else { throw .loginInvalid }
        guard now.timeIntervalSince1970 < Double(expires) else { throw .loginExpired }
        return String(decoding: opened, as: UTF8.self)
    }
}
