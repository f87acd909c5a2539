// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import SystemPackage

/// Secret bytes: they cannot be copied, printed or compared, and are overwritten when they are no longer needed.
///
/// Safety: the value is the only owner of its memory and moves as a whole, so it may move to another thread.
@safe struct SecretBytes: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count: Int

    init(count: Int, _ byteAt: (Int) -> UInt8) {
        unsafe memory = .allocate(capacity: count)
        for index in 0..<count { unsafe memory.initializeElement(at: index, to: byteAt(index)) }
        self.count = count
    }

    /// All that `file` still holds, but never more than `limit` + 1 bytes: a larger `count` than `limit` means "too large".
    /// Read here, because the bytes then never lie in memory that is not overwritten.
    init(reading file: FileDescriptor, limit: Int) throws {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: limit + 1)
        unsafe memory.initialize(repeating: 0)
        unsafe self.memory = memory
        count = 0
        while count <= limit {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[count...])
            let length = try unsafe file.read(into: rest)
            if length == 0 { return }
            count += length
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
        unsafe memory.deallocate()
    }

    /// The bytes, for the time of the call.
    func withSpan<Value>(_ body: (Span<UInt8>) -> Value) -> Value {
        unsafe body(UnsafeBufferPointer(rebasing: memory[..<count]).span)
    }

    /// The bytes as libcrypto's functions take a passphrase.
    func withCharacters<Value>(_ body: (UnsafePointer<CChar>?, Int32) -> Value) -> Value {
        unsafe body(UnsafeRawPointer(memory.baseAddress)?.assumingMemoryBound(to: CChar.self), Int32(clamping: count))
    }

    mutating func removeLast() { count = max(0, count - 1) }

    func write(to file: FileDescriptor) throws {
        let bytes = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: memory[..<count]))
        _ = try unsafe file.writeAll(bytes)
    }
}
