// SPDX-License-Identifier: Apache-2.0

extension APIClient {
    /// What a list holds that comes in pages, or the first `limit` of it.
    /// - Parameters:
    ///   - name: of the list, for people.
    ///   - next: of a page: where the one after it begins.
    ///   - isBefore: how places follow each other. A server whose pages do not go on would keep us here for ever.
    ///   - page: the one that begins there, or the first.
    func pages<Page, Item, Place>(
        of name: String, _ items: KeyPath<Page, [Item]>, _ next: KeyPath<Page, Place?>,
        _ isBefore: (Place, Place) -> Bool, limit: Int = .max, _ page: (Place?) async throws -> Page
    ) async throws -> [Item] {
        var found: [Item] = []
        var place: Place?
        repeat {
            let page = try await page(place)
            found += page[keyPath: items]
            let following = page[keyPath: next]
            if let place, let following, !isBefore(place, following) {
                throw ClientError.unexpectedReply("the pages of \(name) do not go on")
            }
            place = following
        } while place != nil && found.count < limit
        return Array(found.prefix(limit))
    }
}
