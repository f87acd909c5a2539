// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// The device authorization flow (RFC 8628), for machines without a browser.
extension OpenIDProvider {
    /// What the person types or follows on another device, and what we poll with meanwhile.
    package struct DeviceAuthorization: Sendable {
        /// Redeems the login: never leaves this server in the clear.
        package let deviceCode: String
        package let userCode: String
        package let verificationURI: String
        /// With the user code in it, where the provider offers that.
        package let completeVerificationURI: String?
        /// Seconds.
        package let expiresIn: Int
        /// Seconds between two polls.
        package let interval: Int
    }

    package enum DevicePoll: Sendable {
        case approved(LoginAnswer)
        case pending
        /// Five seconds more between two polls from now on (RFC 8628 §3.5).
        case slowDown
    }

    /// RFC 8628 §3.2: without `interval` it is five seconds.
    private static var defaultInterval: Int { 5 }

    /// - Throws: `ProviderError`
    package func startDevice(scopes: [String], now: Date) async throws -> DeviceAuthorization {
        let metadata = try await metadata.value(now: now)
        guard let endpoint = metadata.deviceAuthorization else { throw ProviderError.unsupported("the device flow") }
        let scope = [("scope", (["openid"] + scopes).joined(separator: " "))]
        var (form, authorization) = authenticated(scope, metadata)
        if authorization != nil { form.append(("client_id", client.id)) }
        let reply = try await connection.post(endpoint, form: form, authorization: authorization, .device)
        guard let deviceCode = reply["device_code"]?.string, (1...1024).contains(deviceCode.utf8.count),
            let userCode = reply["user_code"]?.string, Self.isShown(userCode, limit: 64),
            // Some providers still use the name of an early draft.
            let address = (reply["verification_uri"] ?? reply["verification_url"])?.string,
            Self.isShown(address, limit: 512), let expires = reply["expires_in"]?.seconds
        else { throw ProviderError.documentInvalid(.device, "what it should say is missing") }
        // A person opens them: no `javascript:`, nothing that is not encrypted.
        _ = try ProviderURL(address, of: issuer)
        let complete = reply["verification_uri_complete"]?.string
        if let complete { _ = try ProviderURL(complete, of: issuer) }
        return DeviceAuthorization(
            deviceCode: deviceCode, userCode: userCode, verificationURI: address, completeVerificationURI: complete,
            expiresIn: Int(min(max(expires, 1), 1800)),
            interval: Int(min(max(reply["interval"]?.seconds ?? Double(Self.defaultInterval), 1), 60)))
    }

    /// Whether the person has said yes.
    /// - Throws: `ProviderError.refused` when they said no or took too long; `TokenError`
    package func pollDevice(code: String, asksUserInfo: Bool = false, now: Date) async throws -> DevicePoll {
        do {
            let reply = try await requestToken(
                [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code)]
                    + (client.secret == nil ? [] : [("client_id", client.id)]), try await metadata.value(now: now))
            return .approved(try await verifyLogin(reply, nonce: nil, asksUserInfo: asksUserInfo, now: now))
        } catch ProviderError.refused("authorization_pending") {
            return .pending
        } catch ProviderError.refused("slow_down") {
            return .slowDown
        }
    }

    /// Printed on a terminal.
    private static func isShown(_ text: String, limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
