// SPDX-License-Identifier: Apache-2.0

extension Sequence where Element: Sendable {
    /// What `body` makes of each, in any order. All at once, and each to its end: a token that a provider gave in place of another must
    /// not be lost because of a stranger's.
    func concurrently<Value: Sendable>(_ body: @escaping @Sendable (Element) async throws -> Value) async throws -> [Value] {
        try await withTaskGroup(of: Result<Value, any Error>.self) { group in
            for element in self {
                group.addTask {
                    do { return .success(try await body(element)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }.map { try $0.get() }
    }
}
