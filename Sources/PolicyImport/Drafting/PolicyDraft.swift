// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

/// Policies in the making, with the account of the source.
struct PolicyDraft {
    /// More would not fit a certificate that servers accept.
    static let maximumPrincipals = 256

    let options: ImportOptions
    var zones: [ZoneDraft] = []
    var roles: [RoleDraft] = []
    var rules: [RuleDraft] = []
    var report: [ImportNote] = []
    var roleNames = Identifiers()
    var ruleIDs = Identifiers()
    var zoneNames: Identifiers
    /// No rule is for the users of mayfly's own file, nor for the provider from which the strangers of the tests come.
    var providerNames = Identifiers(reserved: ["local", PolicyDraft.strangeProvider])

    static let strangeProvider = "another-provider"

    init(options: ImportOptions) {
        self.options = options
        zoneNames = Identifiers(reserved: Set([options.zone?.name].compactMap { $0 }))
    }

    mutating func note(_ level: ImportNote.Level, _ source: String, _ what: String, _ advice: String? = nil) {
        report.append(ImportNote(level: level, source: source, what: what, advice: advice))
    }

    /// Notes every setting that nobody took.
    mutating func noteRest(of object: SourceObject, reasons: [String: String]) {
        for key in object.rest {
            if let reason = reasons[key] {
                note(.dropped, object.place(key), reason)
            } else {
                note(
                    .needsDecision, object.place(key), "this setting is not known to the importer",
                    "check that it restricts nothing the imported rule should")
            }
        }
    }

    /// The accounts of a role: plain principals, or logins in the zone of the options. What cannot be either is noted.
    mutating func accounts(_ names: [String], at source: String) -> SSHDraft.Accounts? {
        let isZoned = options.zone != nil
        var fitting: [String] = []
        for name in names {
            guard isZoned ? LoginName.isValid(name) : SourceName.isPrincipal(name) else {
                note(
                    .dropped, source,
                    "`\(printable: name)` is not \(isZoned ? "a Unix login" : "a principal") of the policy language")
                continue
            }
            fitting.append(name)
        }
        if fitting.count > Self.maximumPrincipals {
            note(
                .narrowed, source, "only the first \(Self.maximumPrincipals) of \(fitting.count) accounts fit a certificate",
                "split the role")
            fitting = Array(fitting.prefix(Self.maximumPrincipals))
        }
        guard !fitting.isEmpty else { return nil }
        guard let zone = options.zone else { return .principals(fitting) }
        return .logins(fitting, zone: useZone(zone.name, hosts: zone.hosts))
    }

    mutating func useZone(_ name: String, hosts: [String]) -> String {
        if !zones.contains(where: { $0.name == name }) { zones.append(ZoneDraft(name: name, hosts: hosts)) }
        return name
    }

    mutating func addRole(_ name: String, _ description: String, _ content: RoleDraft.Content) {
        roles.append(RoleDraft(name: name, description: description, content: content))
    }

    /// A rule for one role, called like it.
    mutating func addRule(for role: String, who: WhoDraft, lifetime: LifetimeDraft) {
        rules.append(RuleDraft(id: ruleIDs.unique(role), who: who, roles: [role], lifetime: lifetime))
    }
}
