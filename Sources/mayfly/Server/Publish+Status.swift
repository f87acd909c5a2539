// SPDX-License-Identifier: Apache-2.0

import HTTPService
import Issuance
import X509Certificates

extension Publish {
    /// What X.509 certificates say about where their status is told.
    /// - Parameter list: the name of their CA's list.
    /// - Throws: when `url` is not a plain `http://` address.
    func status(list: String) throws -> StatusAddresses {
        guard let url else { return .none }
        func status(_ path: String) throws -> PublishedStatus {
            try PublishedStatus(lists: [url + path], ocsp: url + Publication.Path.ocsp)
        }
        return StatusAddresses(
            whole: try status(Publication.Path.list(list)),
            shards: isSharded ? try ListShard.allCases.map { try status(Publication.Path.list(list, $0)) } : [])
    }
}
