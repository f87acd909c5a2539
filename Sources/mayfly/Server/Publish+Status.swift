// SPDX-License-Identifier: Apache-2.0

import HTTPService
import X509Certificates

extension Publish {
    /// What X.509 certificates say about where their status is told.
    /// - Throws: when `url` is not a plain `http://` address.
    func status() throws -> StatusSource {
        guard let url else { return .unstated }
        return .published(
            try PublishedStatus(lists: [url + Publication.Path.list], ocsp: url + Publication.Path.ocsp))
    }

    /// The same for each shard; none where lists are not split.
    func shardStatus() throws -> [PublishedStatus] {
        guard let url, isSharded else { return [] }
        return try ListShard.allCases.map {
            try PublishedStatus(lists: [url + Publication.Path.shard($0)], ocsp: url + Publication.Path.ocsp)
        }
    }
}
