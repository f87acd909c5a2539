// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// A document of a provider: fetched when it is first needed, kept for a while, and fetched by one caller at a time.
///
/// INVARIANT: at most one fetch is under way, and none begins within `pause` of one that failed, nor of any other unless whoever asks
/// says how soon: so nobody can make us hammer a provider, whether it is down or whether they send tokens with invented keys.
actor CachedDocument<Value: Sendable> {
    private let fetch: @Sendable (_ now: Date) async throws(ProviderError) -> Value
    private var held: (value: Value, fetched: Date)?
    /// What came of the last try; nil before the first.
    private(set) var condition: ProviderCondition?
    private var isFetching = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// How long it is used without a look at the provider. Keys that were added meanwhile are found when one is missing.
    static var lifetime: Double { 3600 }
    /// How long it is used when the provider is down.
    static var longestLifetime: Double { 6 * 3600 }
    static var pause: Double { 10 }
    /// For those who must know how the provider is now.
    static var shortestPause: Double { 1 }

    init(fetch: @escaping @Sendable (_ now: Date) async throws(ProviderError) -> Value) {
        self.fetch = fetch
    }

    /// - Throws: what went wrong with the last fetch, where there is nothing to use.
    func value(now: Date) async throws(ProviderError) -> Value {
        if let held, age(of: held.fetched, now) < Self.lifetime { return held.value }
        await refresh(now: now)
        return try usable(now)
    }

    /// The document after one more look at the provider, because something is not in it.
    /// - Parameter pause: how long ago the last look may be, if that went well, for this to be none; nil for `pause`.
    func refreshed(now: Date, after pause: Double? = nil) async throws(ProviderError) -> Value {
        await refresh(now: now, after: pause)
        return try usable(now)
    }

    private func usable(_ now: Date) throws(ProviderError) -> Value {
        if let held, age(of: held.fetched, now) < Self.longestLifetime { return held.value }
        throw condition?.trouble?.error ?? .unreachable(.configuration)
    }

    private func refresh(now: Date, after pause: Double? = nil) async {
        guard !isFetching else { return await withCheckedContinuation { waiting.append($0) } }
        let pause = condition?.trouble == nil ? pause ?? Self.pause : Self.pause
        if let condition, age(of: condition.checkedAt, now) < pause { return }
        isFetching = true
        do {
            held = (try await fetch(now), now)
            condition = ProviderCondition(checkedAt: now, trouble: nil)
        } catch {
            let since = condition?.trouble?.since ?? now
            condition = ProviderCondition(checkedAt: now, trouble: .init(error: error, since: since))
        }
        isFetching = false
        for waiter in waiting { waiter.resume() }
        waiting = []
    }

    /// A clock that was set back makes nothing younger than new.
    private func age(of time: Date, _ now: Date) -> Double { abs(now.timeIntervalSince(time)) }
}
