// SPDX-License-Identifier: Apache-2.0

/// A checkpoint and the signatures under it (C2SP signed-note). Says nothing until a `CheckpointVerifier` has looked at it.
package struct SignedCheckpoint: Hashable, Sendable {
    package let unverified: Checkpoint
    package let signatures: [Signature]

    /// By the log's key or by a witness; of an algorithm we need not know.
    package struct Signature: Hashable, Sendable {
        package let name: String
        /// Picks the key, proves nothing.
        package let keyID: UInt32
        package let bytes: [UInt8]
    }

    /// Room for 16 signatures, which every reader must accept, even if all of them are of the post-quantum kind (5 kB).
    package static let maximumBytes = 128 * 1024
    private static let maximumSignatures = 16

    /// Puts together what the log publishes.
    /// - Parameter signature: 64 bytes of Ed25519 over `checkpoint.signingBody`; verified, as keys and their devices fail.
    package init(
        _ checkpoint: Checkpoint, signature: [UInt8], by verifier: CheckpointVerifier
    ) throws(CheckpointError) {
        unverified = checkpoint
        signatures = [Signature(name: verifier.name, keyID: verifier.keyID, bytes: signature)]
        _ = try verifier.verified(self)
    }

    /// The signed note, as it is published.
    package var text: String {
        signatures.reduce(into: unverified.text + "\n") { $0 += "\($1.line)\n" }
    }

    package init(parsing text: String) throws(CheckpointError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong(limit: Self.maximumBytes) }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 || $0 == "\n" }) else { throw .notText }
        // Split by scalars: a `Character` may join a newline with what follows it.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Substring.init)
        guard lines.popLast()?.isEmpty == true, let blank = lines.firstIndex(of: "") else { throw .body }
        unverified = try Checkpoint(lines: lines[..<blank])
        let signatureLines = lines[(blank + 1)...]
        guard !signatureLines.isEmpty else { throw .signatureLine }
        guard signatureLines.count <= Self.maximumSignatures else { throw .tooManySignatures(limit: Self.maximumSignatures) }
        var signatures: [Signature] = []
        for line in signatureLines {
            let signature = try Signature(line: line)
            guard !signatures.contains(where: { $0.name == signature.name && $0.keyID == signature.keyID }) else {
                throw .duplicateSignature(name: signature.name)
            }
            signatures.append(signature)
        }
        self.signatures = signatures
    }

    package init(parsing bytes: [UInt8]) throws(CheckpointError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(limit: Self.maximumBytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        try self.init(parsing: text)
    }
}

extension SignedCheckpoint.Signature {
    /// Em dash and space.
    private static let mark = "\u{2014} "

    fileprivate var line: String {
        let id = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: keyID >> $0) }
        return Self.mark + name + " " + StrictBase64.encode(id + bytes)
    }

    fileprivate init(line: Substring) throws(CheckpointError) {
        guard line.hasPrefix(Self.mark) else { throw .signatureLine }
        let parts = line.dropFirst(Self.mark.count).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = StrictBase64.decode(String(parts[1])), bytes.count > 4 else {
            throw .signatureLine
        }
        name = String(parts[0])
        guard LogName.isValid(name) else { throw .name }
        keyID = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        self.bytes = Array(bytes.dropFirst(4))
    }
}
