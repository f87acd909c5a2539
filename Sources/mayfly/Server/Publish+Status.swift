// SPDX-License-Identifier: Apache-2.0

import HTTPService
import X509Certificates

extension Publish {
    /// What X.509 certificates say about where their status is told.
    /// - Parameter list: the name of their CA's list.
    /// - Throws: when `url` is not a plain `http://` address.
    func status(list: String) throws -> StatusSource {
        guard let url else { return .unstated }
        return .published(
            try PublishedStatus(lists: [url + Publication.Path.list(list)], ocsp: url + Publication.Path.ocsp))
    }
}
