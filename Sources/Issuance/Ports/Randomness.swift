// SPDX-License-Identifier: Apache-2.0

/// `count` bytes from the operating system's generator, which is `getrandom(2)` on Linux: for serial numbers and nonces.
package func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    while bytes.count < count {
        let word = generator.next()
        for shift in stride(from: 0, to: 8 * min(8, count - bytes.count), by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
    }
    return bytes
}
