// SPDX-License-Identifier: Apache-2.0

import Testing

/// What can come in between while somebody asks, is approved, claims and works; one suite for each thing that can. The rest of it
/// is shown elsewhere:
///
/// - an approver leaves while the grant is in use: what ends it, `RecheckTests`; people of providers, `ProviderPeopleTests`
/// - clocks: that nothing is issued or written by a clock that went back, `ClockTests`; how long certificates are valid, `ValidityTests`
/// - the work clock begins with the claim, and what nobody claims lapses: `GrantTests`
/// - decisions at once, and two servers on one store: `TwoServersTests`, `ModelTests`
/// - extensions: that they end, `ExtensionTests`
/// - revoked in a session: the lists, `RevocationListTests`; the open session ends on the host, and what is not confirmed is said
///   to be open, `HostSessionTests` with a real sshd
/// - an approver's key that is gone: `SignedApprovalTests`. It counts no longer, also where it signed before; `RecheckTests` for
///   grants in use
/// - grants are a union, and ending one touches no other: `GrantTests`
///
/// Sessions are not recorded by mayfly, so that there is no recorder to be lost.
enum EdgeCaseTests {}
