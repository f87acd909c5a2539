// SPDX-License-Identifier: Apache-2.0

@testable import SSHCertificates

/// Contents of an ordinary certificate, one part changed where a test says so.
struct Sample {
    var nonce = [UInt8](repeating: 7, count: 32)
    var publicKey: SSHPublicKey
    var serial: UInt64 = 42
    var kind = SSHCertificateContents.Kind.user
    var keyID = "ana@example.com/prod-web/oncall"
    var principals = ["deploy@zone:prod-web", "deploy@host:web1.example.com"]
    /// 2026-01-01T00:00:00Z
    var validAfter: UInt64 = 1_767_225_600
    /// 2026-01-01T01:00:00Z
    var validBefore: UInt64 = 1_767_229_200
    var criticalOptions = SSHCriticalOptions.none
    var extensions = SSHExtensions.none
    var ca = TestKey.all[0]
    var signatureKey: SSHPublicKey

    init() throws {
        publicKey = try TestKey.all[1].publicKey
        signatureKey = try ca.publicKey
    }

    static func contents(_ change: (inout Sample) throws -> Void = { _ in }) throws -> SSHCertificateContents {
        var sample = try Sample()
        try change(&sample)
        return try SSHCertificateContents(
            nonce: sample.nonce, publicKey: sample.publicKey, serial: sample.serial, kind: sample.kind,
            keyID: sample.keyID, principals: try SSHPrincipals(sample.principals),
            validity: try SSHValidity(validAfter: sample.validAfter, validBefore: sample.validBefore),
            criticalOptions: sample.criticalOptions, extensions: sample.extensions, signatureKey: sample.signatureKey)
    }

    static func certificate(_ change: (inout Sample) throws -> Void = { _ in }) throws -> SSHCertificate {
        let contents = try contents(change)
        return try contents.signed(with: try TestKey.all[0].signature(contents.toBeSigned()))
    }
}

/// The fields of to-be-signed bytes with nothing checked, to write what the types do not allow.
struct RawCertificate {
    var typeName = "ssh-ed25519-cert-v01@openssh.com"
    var nonce = [UInt8](repeating: 7, count: 32)
    var key: (inout SSHWireWriter) -> Void = { $0.write(string: Array(9...40)) }
    var serial: UInt64 = 1
    var kind: UInt32 = 1
    var keyID = Array("ana".utf8)
    var principals = ["deploy"]
    var validAfter: UInt64 = 1
    var validBefore: UInt64 = 2
    var criticalOptions: [(name: String, data: [UInt8])] = []
    var extensions: [(name: String, data: [UInt8])] = []
    var reserved: [UInt8] = []
    var signatureKey: [UInt8] = []
    var tail: [UInt8] = []

    init() throws { signatureKey = try TestKey.all[0].publicKey.blob }

    static func bytes(_ change: (inout RawCertificate) throws -> Void) throws -> [UInt8] {
        var raw = try RawCertificate()
        try change(&raw)
        var writer = SSHWireWriter()
        writer.write(string: raw.typeName)
        writer.write(string: raw.nonce)
        raw.key(&writer)
        writer.write(uint64: raw.serial)
        writer.write(uint32: raw.kind)
        writer.write(string: raw.keyID)
        writer.writeString { for name in raw.principals { $0.write(string: name) } }
        writer.write(uint64: raw.validAfter)
        writer.write(uint64: raw.validBefore)
        for list in [raw.criticalOptions, raw.extensions] {
            writer.writeString {
                for option in list {
                    $0.write(string: option.name)
                    $0.write(string: option.data)
                }
            }
        }
        writer.write(string: raw.reserved)
        writer.write(string: raw.signatureKey)
        writer.write(raw: raw.tail)
        return writer.bytes
    }

    /// A value that is one string.
    static func value(_ text: String) -> [UInt8] {
        var writer = SSHWireWriter()
        writer.write(string: text)
        return writer.bytes
    }
}
