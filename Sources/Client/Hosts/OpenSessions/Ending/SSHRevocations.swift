// SPDX-License-Identifier: Apache-2.0

/// What tells of a certificate whether it was revoked: a KRL, or another list.
package protocol SSHRevocations: Sendable {
    func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool
}
