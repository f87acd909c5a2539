// SPDX-License-Identifier: Apache-2.0

import StrictYAML

import struct FoundationEssentials.Date

/// A test written in a policy file: who asks for what, and what must come of it.
struct PolicyTest: Sendable {
    enum Question: Sendable {
        case certificate(AuthorizationRequest)
        /// A role without certificates: whether it can be taken.
        case capabilities(role: String)
    }

    enum Expectation: Sendable {
        case allow(rule: String, PermitExpectation)
        case approval(rule: String, PermitExpectation)
        /// nil: whatever the reason.
        case deny(rule: String?)
    }

    let name: String
    let position: SourcePosition
    let identity: Identity
    let instant: Date
    let question: Question
    let expectation: Expectation
}

/// What a permit, or the offer of one, must hold; what is nil is not looked at.
struct PermitExpectation: Hashable, Sendable {
    var lifetime: Duration?
    /// What the lifetime must have been cut to.
    var ends: Date?
    /// Sorted lists by the key they are written under.
    var lists: [String: [String]] = [:]
    /// Texts by the key they are written under.
    var texts: [String: String] = [:]
}

extension PermitExpectation {
    static let listKeys = [
        "principals", "extensions", "hosts", "organizations", "dns", "ips", "emails", "uris", "usage", "capabilities",
        "source_address",
        "key_types",
    ]
    static let textKeys = ["common_name", "force_command"]
}
