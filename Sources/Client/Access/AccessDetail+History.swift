// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
package import ServiceAPI

extension AccessDetail {
    /// The request and what became of it, worked out from the leaves of the log. Its id is made of what it says: a server cannot put
    /// another in its place.
    package func history(of id: String) throws(ClientError) -> AccessHistory {
        guard let history = try? AccessHistory(leaves: events.map { Array($0.utf8) }), history.request.id == id else {
            throw .unexpectedReply("the events are not those of request `\(id)`")
        }
        return history
    }
}
