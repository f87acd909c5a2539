// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notifications
import Testing

@Suite struct ValueTests {
    @Test(arguments: ["https://example.com/a?b=c", "http://127.0.0.1:8080/", "http://localhost/x", "http://[::1]:1/"])
    func `a link over TLS or on this machine is taken`(_ text: String) throws {
        #expect(try WebLink(text).text == text)
    }

    @Test(arguments: ["http://example.com/", "http://127.0.0.1.example.com/", "http://10.0.0.1/"])
    func `a link without TLS is refused`(_ text: String) {
        #expect(throws: WebLink.Problem.withoutTLS) { try WebLink(text) }
    }

    @Test(arguments: [
        "", "example.com", "file:///etc/passwd", "https://", "https://u:p@example.com/", "https://e.com/a|b",
        "https://e.com/\r\nx", "https://e.com/#f",
    ])
    func `what is no plain link is refused`(_ text: String) {
        #expect(throws: WebLink.Problem.malformed) { try WebLink(text) }
    }

    @Test(arguments: ["a@b.example", "first.last+tag@example.com"]) func `an address is taken`(_ text: String) {
        #expect(MailAddress(text)?.text == text)
    }

    @Test(arguments: [
        "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "\"a\"@b", "a..b@c", "a@[127.0.0.1]", "ü@b.example",
        "<a@b>",
    ])
    func `what is no plain address is refused`(_ text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test func `a notice survives the outbox`() throws {
        let notice = try Sample.notice()
        #expect(try Notice(stored: try notice.stored) == notice)
    }

    @Test func `delays double from the first to the longest, half of each by chance`() {
        let schedule = RetrySchedule.standard
        #expect((1...5).map { schedule.delay(afterFailure: $0, chance: 1) } == [2, 4, 8, 16, 32])
        #expect((1...5).map { schedule.delay(afterFailure: $0, chance: 0) } == [1, 2, 4, 8, 16])
        #expect(schedule.delay(afterFailure: 1000, chance: 1) == 3600)
    }

    @Test func `attempts end with their number and with age`() throws {
        let schedule = RetrySchedule(firstDelay: 2, longestDelay: 10, maximumAttempts: 3, maximumAge: 60)
        func next(attempt: Int, age: Double, requested: Double? = nil) -> Double? {
            let delivery = Delivery(
                number: 1, receiver: Sample.names[0], notice: nil, attempt: attempt,
                writtenAt: Sample.time.addingTimeInterval(-age))
            return schedule.nextAttempt(of: delivery, after: Sample.time, chance: 1, requested: requested)?
                .timeIntervalSince(Sample.time)
        }
        #expect(next(attempt: 1, age: 0) == 2)
        #expect(next(attempt: 3, age: 0) == nil)
        #expect(next(attempt: 1, age: 59) == nil)
        #expect(next(attempt: 1, age: 0, requested: 7) == 7)
        #expect(next(attempt: 1, age: 0, requested: 86_400) == 10)
        #expect(next(attempt: 2, age: 0, requested: 1) == 4)
    }
}
