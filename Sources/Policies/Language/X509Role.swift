// SPDX-License-Identifier: Apache-2.0

/// What an X.509 certificate of a role may say. There is at least one name or pattern.
struct X509Role: Hashable, Sendable {
    var usage: Set<X509Usage> = []
    var commonName: Template?
    /// Groups to Kubernetes. They name nobody.
    var organizations: [Template] = []
    /// Names, and patterns with `*`: those put nothing in by themselves but allow names that are asked for.
    var dns: [Template] = []
    var ips: [IPAddress] = []
    var emails: [Template] = []
    var uris: [Template] = []
    /// nil: any the server takes.
    var keyTypes: Set<KeyType>?
    /// Certificates say `noRevAvail` (RFC 9608): nobody is told where to ask whether they were revoked.
    var saysNoRevocation = false

    /// So that what cannot be ended early ends soon.
    static let longestWithoutRevocation = Duration.seconds(15 * 60)
}

package enum X509Usage: String, Sendable, CaseIterable {
    case client
    case server
}
