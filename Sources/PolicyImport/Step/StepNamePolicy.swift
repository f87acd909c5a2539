// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

/// Names that step-ca allows and denies for one kind of certificate, as its package `policy` matches them.
struct StepNamePolicy {
    struct Names {
        var dns: [String] = []
        var ip: [String] = []
        var email: [String] = []
        var uri: [String] = []
        var cn: [String] = []
        var principal: [String] = []

        var isEmpty: Bool { [dns, ip, email, uri, cn, principal].allSatisfy(\.isEmpty) }
    }

    /// Where it stands, for notes.
    var path: String
    var allow = Names()
    var deny = Names()

    /// Whether it says nothing, so that step-ca allows every name.
    var isEmpty: Bool { allow.isEmpty && deny.isEmpty }

    init(path: String) { self.path = path }

    init(_ object: SourceObject, _ draft: inout PolicyDraft) throws(ImportError) {
        var object = object
        path = object.path
        allow = try Self.names(object.object("allow"), &draft)
        deny = try Self.names(object.object("deny"), &draft)
        if try object.flag("allowWildcardNames") {
            draft.note(.narrowed, object.place("allowWildcardNames"), "a certificate never gets a wildcard")
        }
        draft.noteRest(of: object, reasons: [:])
    }

    /// step-ca compares in lower case and without the spaces around.
    private static func names(_ object: SourceObject?, _ draft: inout PolicyDraft) throws(ImportError) -> Names {
        guard var object else { return Names() }
        var names = Names()
        names.dns = try object.texts("dns").map { $0.lowercased() }
        names.ip = try object.texts("ip")
        names.email = try object.texts("email").map { $0.lowercased() }
        names.uri = try object.texts("uri").map { $0.lowercased() }
        names.cn = try object.texts("cn")
        names.principal = try object.texts("principal")
        draft.noteRest(of: object, reasons: [:])
        return names
    }

    // MARK: - What is allowed and not denied

    /// Names and patterns. A pattern that a denied name matches is left out whole: roles have no exceptions.
    func domains(_ draft: inout PolicyDraft) -> [String] {
        allow.dns.withoutRepeats.filter { name in
            guard SourceName.isDNSName(name) || name.hasPrefix("*.") && SourceName.isHostPattern(name) else {
                drop(name, "dns", "is not a domain of the language", &draft)
                return false
            }
            guard !deny.dns.contains(where: { Self.overlap($0, name) }) else {
                drop(name, "dns", "has names that are denied", &draft)
                return false
            }
            return true
        }
    }

    func addresses(_ draft: inout PolicyDraft) -> [IPAddress] {
        let deniesAll = !deny.ip.allSatisfy { IPAddress.single($0) != nil }
        let denied = deny.ip.compactMap(IPAddress.single)
        return allow.ip.compactMap { text in
            guard let address = IPAddress.single(text) else {
                drop(text, "ip", "is not one address", &draft)
                return nil
            }
            guard !denied.contains(address), !deniesAll else {
                drop(text, "ip", "is denied, or may be", &draft)
                return nil
            }
            return address
        }
    }

    func emails(_ draft: inout PolicyDraft) -> [String] {
        allow.email.withoutRepeats.filter { email in
            guard SourceName.isEmail(email) else {
                drop(email, "email", "is not one address", &draft)
                return false
            }
            let domain = email.drop { $0 != "@" }.dropFirst()
            let isDenied = deny.email.contains { denied in
                denied == email || Self.overlap(denied.hasPrefix("@") ? String(denied.dropFirst()) : denied, String(domain))
            }
            if isDenied { drop(email, "email", "is denied", &draft) }
            return !isDenied
        }
    }

    /// Principals of users, by themselves and as e-mail addresses.
    func principals(_ draft: inout PolicyDraft) -> [String] {
        if deny.principal.contains("*") { return [] }
        let denied = Set(deny.principal.map { $0.lowercased() })
        let names = allow.principal.filter { name in
            guard name != "*" else {
                draft.note(
                    .needsDecision, "\(path).allow.principal", "`*` allows any account; it is left out",
                    "list the accounts that are meant")
                return false
            }
            // What looks like something else step-ca checks as that.
            let isPlain = !name.contains("@") && !name.contains(":") && IPAddress(name) == nil && !name.contains(".")
            guard isPlain, !denied.contains(name.lowercased()) else {
                drop(name, "principal", isPlain ? "is denied" : "is not a plain account name", &draft)
                return false
            }
            return true
        }
        return (names + emails(&draft)).withoutRepeats
    }

    /// Kinds of names that a role cannot allow by pattern.
    func noteOthers(_ keys: [(key: String, names: [String])], _ draft: inout PolicyDraft) {
        for (key, names) in keys where !names.isEmpty {
            draft.note(
                .dropped, "\(path).allow.\(key)", "\(names.count) of these names are not carried over",
                key == "uri" ? "list each URI in `uris`" : "the language has no place for them")
        }
    }

    private func drop(_ name: String, _ key: String, _ why: String, _ draft: inout PolicyDraft) {
        draft.note(.dropped, "\(path).allow.\(key)", "`\(printable: name)` \(why)")
    }

    /// Whether a name fits both; the first label of either may be `*`.
    private static func overlap(_ first: String, _ second: String) -> Bool {
        let one = first.split(separator: ".", omittingEmptySubsequences: false)
        let other = second.split(separator: ".", omittingEmptySubsequences: false)
        guard one.count == other.count else { return false }
        return zip(one, other).allSatisfy { $0 == $1 || $0 == "*" || $1 == "*" }
    }
}
