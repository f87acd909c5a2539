// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

/// The entries of a server's log, page by page, from the first that is not older than `start`.
struct LogPages: AsyncSequence {
    let client: APIClient
    /// nil: everything.
    let start: AuditTime?

    private static let pageSize = 1000

    func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pages: LogPages
        private var next: UInt64?

        init(pages: LogPages) {
            self.pages = pages
        }

        mutating func next() async throws -> LogBatch? {
            let from = if let next { next } else { try await pages.first() }
            let page = try await pages.client.auditEvents(from: from, limit: LogPages.pageSize)
            next = from + UInt64(page.leaves.count)
            return page.leaves.isEmpty ? nil : LogBatch(lines: Data(page.leaves.joined(separator: "\n").utf8))
        }
    }

    /// Times in the log only grow, but for a clock that is set back a little: found by halving.
    private func first() async throws -> UInt64 {
        guard let start else { return 0 }
        var (low, high) = (UInt64(0), try await client.auditEvents(from: 0, limit: 1).size)
        while low < high {
            let middle = low + (high - low) / 2
            let leaf = try await client.auditEvents(from: middle, limit: 1).leaves.first
            let event = leaf.flatMap { try? AuditEvent(canonical: Array($0.utf8)) }
            if let event, event.time < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
