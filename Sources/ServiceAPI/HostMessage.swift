// SPDX-License-Identifier: Apache-2.0

/// The text a host key signs with each request. Both ends compose it from what each of them knows, so a signature made for
/// another server, act, credential, name or content does not verify.
package struct HostMessage: Sendable {
    package static let namespace = "host@mayfly"

    package enum Act: Sendable {
        /// - Parameters:
        ///   - token: SHA-256 of its text, hexadecimal.
        case enrolment(token: String, role: String, host: String)
        /// - Parameter certificate: SHA-256 of its wire form, hexadecimal.
        case renewal(certificate: String)
        /// - Parameter contents: SHA-256 of the text of the report, hexadecimal.
        case report(certificate: String, contents: String)
    }

    package var serviceFingerprint: String
    package var act: Act
    package var time: Int64
    package var nonce: String

    package init(serviceFingerprint: String, act: Act, time: Int64, nonce: String) {
        self.serviceFingerprint = serviceFingerprint
        self.act = act
        self.time = time
        self.nonce = nonce
    }

    package var bytes: [UInt8] {
        let lines =
            switch act {
            case .enrolment(let token, let role, let host):
                ["act: enrolment", "token: \(token)", "role: \(role)", "host: \(host)"]
            case .renewal(let certificate): ["act: renewal", "certificate: \(certificate)"]
            case .report(let certificate, let contents):
                ["act: report", "certificate: \(certificate)", "contents: \(contents)"]
            }
        let all = ["mayfly host v1", "service: \(serviceFingerprint)"] + lines + ["time: \(time)", "nonce: \(nonce)"]
        return Array(all.map { $0 + "\n" }.joined().utf8)
    }
}
