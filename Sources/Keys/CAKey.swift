// SPDX-License-Identifier: Apache-2.0
import Crypto
package import Issuance

/// A CA private key held by libcrypto in this process. It signs from any number of tasks at once.
///
/// Which library computes a signature is chosen by measurement: libcrypto, but for Ed25519.
package final class CAKey: Signer {
    package let algorithm: KeyAlgorithm
    package let subjectPublicKeyInfo: [UInt8]
    package var algorithms: [SignatureAlgorithm] { algorithm.signatureAlgorithms }

    let handle: PrivateKeyHandle
    private let operations: [SignatureAlgorithm: Operation]

    private typealias Operation = @Sendable ([UInt8]) throws -> [UInt8]

    enum Refusal: Error {
        case unsupported(kind: String)
        case selfTestFailed
        case library(OpenSSLError)
    }

    /// Takes a key only if it is of a known kind and what it signs verifies under its own public key.
    init(_ handle: PrivateKeyHandle) throws(Refusal) {
        do throws(OpenSSLError) {
            subjectPublicKeyInfo = try handle.subjectPublicKeyInfo()
        } catch {
            throw .library(error)
        }
        guard let algorithm = KeyAlgorithm(subjectPublicKeyInfo: subjectPublicKeyInfo) else {
            throw .unsupported(kind: (try? handle.kind()) ?? "unknown")
        }
        do throws(OpenSSLError) {
            var operations: [SignatureAlgorithm: Operation] = [:]
            for signature in algorithm.signatureAlgorithms {
                operations[signature] = try Self.operation(signature, handle)
            }
            self.operations = operations
        } catch {
            throw .library(error)
        }
        self.handle = handle
        self.algorithm = algorithm
        guard signsForItsPublicKey() else { throw .selfTestFailed }
    }

    package func sign(_ message: [UInt8], with algorithm: SignatureAlgorithm) throws(KeyError) -> [UInt8] {
        guard let operation = operations[algorithm] else {
            throw .unsupportedAlgorithm(algorithm, key: self.algorithm)
        }
        do {
            return try operation(message)
        } catch let error as OpenSSLError {
            throw .library(error)
        } catch {
            throw .signingFailed(algorithm)
        }
    }

    private static func operation(
        _ algorithm: SignatureAlgorithm, _ handle: PrivateKeyHandle
    ) throws(OpenSSLError) -> Operation {
        if algorithm == .ed25519 {
            let key = try handle.ed25519Key()
            return { Array(try key.signature(for: $0)) }
        }
        let template = try SignatureTemplate(handle, algorithm)
        return { try template.sign($0) }
    }

    /// A damaged private half would sign what nobody accepts: better not to start. One algorithm is enough, as all of a key's
    /// algorithms share the private operation. The public half is parsed from the bytes that are handed out.
    private func signsForItsPublicKey() -> Bool {
        let message = Array("mayfly key self-test".utf8)
        guard let algorithm = algorithms.first, let signature = try? sign(message, with: algorithm) else { return false }
        let verified: Void? = try? verifySignature(
            signature, over: message, with: algorithm, by: subjectPublicKeyInfo)
        return verified != nil
    }
}

extension CAKey {
    package static func generate(_ algorithm: KeyAlgorithm) throws(KeyError) -> CAKey {
        let handle: PrivateKeyHandle
        do { handle = try PrivateKeyHandle(generating: algorithm) } catch { throw .library(error) }
        do throws(Refusal) {
            return try CAKey(handle)
        } catch {
            switch error {
            case .library(let error): throw .library(error)
            case .unsupported, .selfTestFailed: throw .unusableKeyGenerated(algorithm)
            }
        }
    }
}
