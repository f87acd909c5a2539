// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Authentication
import Foundation
import Policies
import SSHCertificates
import ServiceAPI
import X509Certificates

/// What reads bytes from outside, each under the name that `FUZZ_TARGET` chooses it by. A parser may refuse; it may not trap,
/// and what it takes must come out again as it went in.
private let parsers: [String: @Sendable ([UInt8]) throws -> Void] = [
    "ssh-key": { try same($0, SSHPublicKey(parsing: $0).blob) },
    "ssh-key-line": { _ = try SSHPublicKey(authorizedKey: String(decoding: $0, as: UTF8.self)) },
    "ssh-certificate": { try same($0, SSHCertificate(parsing: $0).blob) },
    "ssh-signature": { _ = try SSHSIG(parsing: $0) },
    "ssh-revocation-list": { _ = try KeyRevocationList(parsing: $0) },
    "ssh-agent-reply": { _ = try SSHAgentReply.identities($0) },
    "signing-request": { _ = try CertificateSigningRequest(parsing: $0) },
    "policy": { _ = try PolicySet.load([PolicyFile(name: "fuzz.yaml", bytes: $0)]).runTests() },
    "users": { _ = try LocalUsers(parsing: $0, file: "users.yaml") },
    "audit-event": { try same($0, AuditEvent(canonical: $0).canonicalBytes) },
    "checkpoint": { try same($0, Array(SignedCheckpoint(parsing: String(decoding: $0, as: UTF8.self)).text.utf8)) },
    "request": { _ = try JSONDecoder().decode(Strict<SSHCertificateRequest>.self, from: Data($0)) },
]

private func same(_ read: [UInt8], _ written: [UInt8]) {
    precondition(read == written, "what was read is not what is written")
}

private let parser: @Sendable ([UInt8]) throws -> Void = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let parser = parsers[name] else { fatalError("FUZZ_TARGET is one of \(parsers.keys.sorted())") }
    return parser
}()

/// libFuzzer's own loop; it comes with `-sanitize=fuzzer`.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ tryInput: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// One input. By this name libFuzzer looks for it.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    try? parser(bytes)
    return 0
}

@main
enum MayflyFuzz {
    static func main() {
        _ = parser
        var (count, arguments) = unsafe (CommandLine.argc, CommandLine.unsafeArgv)
        exit(unsafe runDriver(&count, &arguments, tryInput))
    }
}
