// SPDX-License-Identifier: Apache-2.0

/// Asks again and again until it is so.
///
/// - Parameters:
///   - what: what did not come to pass, and what a reader needs to see why; asked for at the end only.
///   - limit: longer than a busy machine takes: who is quick waits no longer for it.
/// - Throws: `TestSupportError.neverCame` after `limit`, with the place of the call.
package func eventually(
    _ what: @autoclosure () -> String = "it is not so", within limit: Duration = .seconds(120), file: StaticString = #fileID,
    line: UInt = #line, _ isSo: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < deadline else {
            throw TestSupportError.neverCame(what: "\(what()) (\(file):\(line))", after: limit)
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}
