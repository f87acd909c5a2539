// SPDX-License-Identifier: Apache-2.0

extension Array where Element: Sendable {
    /// What `body` makes of each, so many calls to one provider at a time; no more than a batch after one of which `goesOn` is false: who
    /// does not answer some will not answer all of them, and the others are still due.
    func inBatches<Value: Sendable>(
        _ body: @escaping @Sendable (Element) async throws -> Value, while goesOn: (Value) -> Bool
    ) async throws -> [Value] {
        let atOnce = 8
        var values: [Value] = []
        for start in stride(from: 0, to: count, by: atOnce) {
            let batch = try await self[start..<Swift.min(count, start + atOnce)].concurrently(body)
            values += batch
            guard batch.allSatisfy(goesOn) else { break }
        }
        return values
    }
}

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
