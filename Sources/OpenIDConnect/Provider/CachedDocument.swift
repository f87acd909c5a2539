// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// A document of a provider: fetched when it is first needed, kept for a while, and fetched by one caller at a time.
///
/// INVARIANT: at most one fetch is under way, and none begins within `pause` of the last one, so that nobody can make us
/// hammer a provider, whether it is down or whether they send tokens with invented keys.
actor CachedDocument<Value: Sendable> {
    private let fetch: @Sendable () async throws(ProviderError) -> Value
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

    init(fetch: @escaping @Sendable () async throws(ProviderError) -> Value) {
        self.fetch = fetch
    }

    /// - Throws: what went wrong with the last fetch, where there is nothing to use.
    func value(now: Date) async throws(ProviderError) -> Value {
        if let held, age(of: held.fetched, now) < Self.lifetime { return held.value }
        await refresh(now: now)
        return try usable(now)
    }

    /// The document after one more look at the provider, because something is not in it.
    func refreshed(now: Date) async throws(ProviderError) -> Value {
        await refresh(now: now)
        return try usable(now)
    }

    private func usable(_ now: Date) throws(ProviderError) -> Value {
        if let held, age(of: held.fetched, now) < Self.longestLifetime { return held.value }
        throw condition?.trouble?.error ?? .unreachable(.configuration)
    }

    private func refresh(now: Date) async {
        guard !isFetching else { return await withCheckedContinuation { waiting.append($0) } }
        if let condition, age(of: condition.checkedAt, now) < Self.pause { return }
        isFetching = true
        do {
            held = (try await fetch(), now)
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
