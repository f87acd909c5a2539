// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A libcrypto call that failed, with every reason the library queued for it, oldest first.
///
/// It holds the names of libraries and reasons only, never an entry's free text, so nothing secret can be in it.
package struct OpenSSLError: Error, Equatable, CustomStringConvertible {
    package let operation: String
    package let reasons: [String]

    package var description: String {
        let cause = reasons.isEmpty ? "no reason given" : reasons.joined(separator: ", ")
        return "libcrypto failed in `\(operation)`: \(cause)"
    }
}

/// Runs one libcrypto call; `nil` means that it failed. The only way this module calls a function that can fail.
///
/// INVARIANT: call and drain are one synchronous function. libcrypto keeps its errors per thread, so an `await` between
/// the two would hand them to another task.
func libcrypto<Value>(_ operation: String, _ call: () -> Value?) throws(OpenSSLError) -> Value {
    clearErrorQueue()  // other users of libcrypto on this thread, as libpq, may have left entries
    guard let value = call() else { throw OpenSSLError(draining: operation) }
    clearErrorQueue()  // decoders leave an entry for each format they tried before the one that fitted
    return value
}

/// As above for a call that answers 1 for success and 0 or less for failure.
func libcrypto(_ operation: String, _ call: () -> Int32) throws(OpenSSLError) {
    try libcrypto(operation) { call() == 1 ? () : nil }
}

/// The DER that an `i2d_` function writes.
func derEncoding(
    _ operation: String,
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(OpenSSLError) -> [UInt8] {
    try libcrypto(operation) {
        let length = Int(encode(nil))
        guard length > 0 else { return nil }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var end = buffer.baseAddress
            count = unsafe max(0, Int(encode(&end)))
        }
        return bytes.count == length ? bytes : nil
    }
}

/// Whether this thread's queue is empty, as it must be after every call, failed or not.
var errorQueueIsEmpty: Bool { ERR_peek_error() == 0 }

private func clearErrorQueue() {
    if !errorQueueIsEmpty { ERR_clear_error() }
}

extension OpenSSLError {
    fileprivate init(draining operation: String) {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            let library = unsafe ERR_lib_error_string(code).map { unsafe String(cString: $0) } ?? "unknown library"
            let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "reason \(code)"
            reasons.append("\(library): \(reason)")
        }
        self.init(operation: operation, reasons: reasons)
    }
}
