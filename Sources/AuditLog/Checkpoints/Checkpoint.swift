// SPDX-License-Identifier: Apache-2.0

/// What a log signs (C2SP tlog-checkpoint): its name and its head. No extension lines; their use is not recommended.
package struct Checkpoint: Hashable, Sendable {
    package let origin: String
    package let head: TreeHead

    package init(origin: String, head: TreeHead) throws(CheckpointError) {
        guard LogName.isValid(origin) else { throw .name }
        guard head.size > 0 || head.root == .ofEmptyTree else { throw .root }
        self.origin = origin
        self.head = head
    }

    package var size: UInt64 { head.size }
    package var root: MerkleHash { head.root }

    /// Three lines, each with its newline.
    package var text: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// The bytes that the log's key signs.
    package var signingBody: [UInt8] { Array(text.utf8) }

    /// - Parameter lines: without their newlines.
    init(lines: some Collection<Substring>) throws(CheckpointError) {
        let lines = Array(lines)
        guard lines.count == 3 else { throw .body }
        guard let size = Self.size(lines[1]) else { throw .size }
        let root: MerkleHash
        do {
            root = try MerkleHash(base64: String(lines[2]))
        } catch {
            throw .root
        }
        try self.init(origin: String(lines[0]), head: TreeHead(size: size, root: root))
    }

    private static func size(_ text: Substring) -> UInt64? {
        guard let size = UInt64(text), text == "\(size)" else { return nil }
        return size
    }
}
