// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// The issuers of a `providers` file, with the lifetime opkssh gives their keys.
struct OPKSSHProviders {
    struct Provider {
        let clientID: String?
        /// nil: the source does not say it.
        let maximum: Duration?
    }

    /// Until the ID token ends. Nobody knows when that is; GitLab's live two minutes.
    private static let tokenLifetime = Duration.seconds(120)
    private static let lifetimes: [String: Duration] = [
        "12h": .seconds(43_200), "24h": .seconds(86_400), "48h": .seconds(172_800), "1week": .seconds(604_800),
        "oidc": tokenLifetime, "oidc_refreshed": tokenLifetime, "oidc-refreshed": tokenLifetime,
    ]

    /// nil: there is no file, and every issuer is taken.
    private var byIssuer: [String: Provider]?

    init() {}

    /// - Throws: for a word that is no lifetime: opkssh lets nobody in then.
    init(_ bytes: [UInt8], _ draft: inout PolicyDraft) throws(ImportError) {
        var found: [String: Provider] = [:]
        for row in try OPKSSHTable.rows(bytes) {
            let place = "providers, line \(row.line)"
            guard let words = row.words, words.count == 3 else {
                draft.note(.dropped, place, "not an issuer, a client and a lifetime; opkssh passes over the line")
                continue
            }
            let (issuer, policy) = (words[0], words[2])
            let maximum = Self.lifetimes[policy]
            guard maximum != nil || policy == "never" else {
                throw .invalidValue(path: place, value: policy, expected: "a lifetime of opkssh, and it lets nobody in")
            }
            if maximum == nil || maximum == Self.tokenLifetime {
                draft.note(
                    .needsDecision, place, "`\(policy)` is no length of time",
                    "set `lifetime` of the rules for \(printable: issuer)")
            }
            // Of several clients of an issuer, the shortest.
            if let earlier = found[issuer]?.maximum, earlier <= maximum ?? earlier { continue }
            found[issuer] = Provider(clientID: words[1], maximum: maximum)
        }
        byIssuer = found
    }

    /// nil: opkssh takes no tokens of this issuer.
    func provider(_ issuer: String) -> Provider? {
        guard let byIssuer else { return Provider(clientID: nil, maximum: nil) }
        return byIssuer[issuer]
    }

    var isUnknown: Bool { byIssuer == nil }

    /// A name for the provider of an issuer.
    static func name(_ issuer: String) -> String {
        let known = ["accounts.google.com": "google", "gitlab.com": "gitlab", "token.actions.githubusercontent.com": "github"]
        let host = String(issuer.dropFirst("https://".count).prefix { $0 != "/" && $0 != ":" })
        if host == "login.microsoftonline.com" { return "azure" }
        return known[host] ?? host
    }
}
