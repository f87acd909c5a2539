// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

@Suite struct TreeAuditTests {
    private let leaves = (0..<300).map { [UInt8](String($0).utf8) }
    private let log: MemoryLog

    init() throws {
        log = try MemoryLog(size: 300)
    }

    @Test(arguments: [0, 1, 255, 256, 299, 300])
    func `an honest log passes`(remembered: Int) throws {
        var audit = try TreeAudit(claimed: log.heads[300], remembered: log.heads[remembered])
        for leaf in leaves { try audit.add(leaf) }
        try audit.finish()
        #expect(audit.next == 300)
    }

    @Test func `a changed entry before the remembered head is found there`() throws {
        var audit = try TreeAudit(claimed: log.heads[300], remembered: log.heads[100])
        for leaf in leaves[..<99] { try audit.add(leaf) }
        #expect(throws: ProofError.rootMismatch(size: 100)) { try audit.add([0xbb]) }
    }

    @Test func `a changed entry after it is found at the end`() throws {
        var audit = try TreeAudit(claimed: log.heads[300], remembered: log.heads[100])
        for leaf in leaves[..<299] { try audit.add(leaf) }
        #expect(throws: ProofError.rootMismatch(size: 300)) { try audit.add([0xbb]) }
    }

    @Test func `too few and too many entries are refused`() throws {
        var audit = try TreeAudit(claimed: log.heads[2])
        try audit.add(leaves[0])
        #expect(throws: ProofError.tooFewLeaves(found: 1, size: 2)) { try audit.finish() }
        try audit.add(leaves[1])
        try audit.finish()
        #expect(throws: ProofError.tooManyLeaves(size: 2)) { try audit.add(leaves[2]) }
    }

    @Test func `a log that shrank, and an empty log with a root, are refused`() throws {
        #expect(throws: ProofError.sizesOutOfOrder(old: 3, new: 2)) {
            try TreeAudit(claimed: log.heads[2], remembered: log.heads[3])
        }
        #expect(throws: ProofError.rootMismatch(size: 0)) {
            try TreeAudit(claimed: TreeHead(size: 0, root: log.heads[3].root))
        }
    }
}
