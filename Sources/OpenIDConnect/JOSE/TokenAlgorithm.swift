// SPDX-License-Identifier: Apache-2.0

/// The signatures that are accepted (RFC 7518 §3.1, RFC 8037 §3.1). What is not here, `none` and every MAC above all, is
/// refused before a key is looked for.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}
