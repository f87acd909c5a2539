// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictJSON
import StrictYAML

/// Finds the roles in what `vault read -format=json` prints, or in an object of such answers or roles by name.
enum VaultRoles {
    /// - Parameter marks: keys by which a role is known from an object of roles.
    /// - Throws: `ImportError.namelessRole` for one role without `roleName`.
    static func read(
        _ bytes: [UInt8], roleName: String?, marks: [String]
    ) throws(ImportError) -> [(name: String, role: SourceObject)] {
        guard case .object(let members) = try JSONReader.read(bytes) else {
            throw .wrongType(path: "", expected: "an object", found: "something else")
        }
        if let role = try role(in: SourceObject(.object(members), path: "", foldsKeys: false), marks: marks) {
            guard let roleName else { throw .namelessRole }
            return [(roleName, role)]
        }
        var roles: [(String, SourceObject)] = []
        for member in members {
            let entry = try SourceObject(member.value, path: "\(printable: member.key)")
            roles.append((member.key, try role(in: entry, marks: marks) ?? entry))
        }
        return roles
    }

    /// The role that an object is, or that it has under `data`.
    private static func role(in object: SourceObject, marks: [String]) throws(ImportError) -> SourceObject? {
        var envelope = object
        if case .object? = envelope.take("data"), let data = try envelope.object("data") {
            // A role may be called `data`: then roles stand beside it, or what it holds are roles.
            let isAnswer = object.mentions("request_id") || marks.contains { data.mentions($0) }
            if isAnswer, !marks.contains(where: { object.mentions($0) }), !hasOtherRoles(object) { return data }
        }
        for mark in marks {
            var probe = object
            switch probe.take(mark) {
            case nil, .object?: continue
            default: return object
            }
        }
        return nil
    }

    private static func hasOtherRoles(_ object: SourceObject) -> Bool {
        let envelope = [
            "data", "request_id", "lease_id", "lease_duration", "renewable", "warnings", "mount_type", "auth", "wrap_info",
        ]
        return object.keys.contains { !envelope.contains($0) }
    }
}

/// What the two kinds of roles have in common.
enum Vault {
    /// `ttl` and `max_ttl`. Zero and nothing leave it to the mount.
    static func lifetime(_ role: inout SourceObject, _ draft: inout PolicyDraft) throws(ImportError) -> LifetimeDraft {
        let standard = try role.duration("ttl") ?? .zero
        let maximum = try role.duration("max_ttl") ?? .zero
        let unsaid = draft.options.unsaidLifetime
        if maximum > .zero {
            draft.note(.carried, role.place("max_ttl"), "certificates live at most \(PolicyDuration.text(maximum))")
            return LifetimeDraft(standard: standard > .zero ? standard : nil, maximum: maximum)
        }
        let chosen = standard > .zero ? standard : unsaid
        draft.note(
            .needsDecision, role.place("max_ttl"),
            "the longest lifetime is a setting of the mount; the rule gives \(PolicyDuration.text(chosen))",
            "look at `max_lease_ttl` of the mount and set `lifetime`")
        return LifetimeDraft(standard: standard > .zero ? standard : nil, maximum: chosen)
    }

    /// Vault says elsewhere who may use a role, so the rule is for a group that nobody is in yet.
    static func placeholder(_ group: String, _ role: SourceObject, _ draft: inout PolicyDraft) -> WhoDraft {
        draft.note(
            .needsDecision, role.path, "who may use the role is said by ACL policies, which are not in the source",
            "put people into group `\(group)`, or write groups of your provider into the rule")
        return WhoDraft(groups: [group])
    }

    static func isTemplate(_ text: String) -> Bool { text.contains("{{") }
}
