// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictJSON
import StrictYAML

/// Reads roles of the PKI secrets engine as `internal/builtin/logical/pki` of OpenBao applies them.
struct VaultPKIImport {
    var draft: PolicyDraft

    init(options: ImportOptions) { draft = PolicyDraft(options: options) }

    mutating func add(_ sourceName: String, _ source: SourceObject) throws(ImportError) {
        var role = source
        let name = draft.roleNames.unique("vault-pki-\(sourceName)")
        var x509 = X509Draft(usage: try usage(&role))
        let keyTypes = try keyTypes(&role)
        x509.keyTypes = keyTypes
        x509.dns = try domains(&role)
        x509.ips = try addresses(&role)
        x509.uris = try uris(&role)
        x509.organizations = try organizations(&role)
        let end = try role.text("not_after") ?? ""
        _ = try role.flag("require_cn", default: true)
        guard end.isEmpty else {
            draft.note(
                .needsDecision, role.place("not_after"), "certificates of the role end on one day; a rule cannot say that",
                "write the role by hand, with `dates` of a window")
            return
        }
        guard !x509.namesNobody else {
            draft.note(
                .needsDecision, role.path, "no name is left that a certificate could have",
                "write the role by hand, with its names")
            return
        }
        if x509.usage.contains("server"), x509.dns.isEmpty, x509.ips.isEmpty, x509.uris.isEmpty {
            x509.usage.removeAll { $0 == "server" }
        }
        guard !x509.usage.isEmpty, keyTypes?.isEmpty != true else {
            let (key, what) =
                x509.usage.isEmpty ? ("server_flag", "neither `client` nor `server`") : ("key_type", "no type of key")
            draft.note(.dropped, role.place(key), "\(what) is left of the role, so it is not imported")
            return
        }
        let lifetime = try Vault.lifetime(&role, &draft)
        draft.noteRest(of: role, reasons: Self.reasons)
        draft.note(.narrowed, role.place("require_cn"), "certificates have no common name; Vault took it from the request")
        draft.addRole(name, "Vault PKI role \(printable: sourceName)", .x509(x509))
        let who = Vault.placeholder(name, role, &draft)
        draft.addRule(for: name, who: who, lifetime: lifetime)
        draft.note(.carried, role.path, "certificates of the role: role `\(name)`")
    }

    private mutating func usage(_ role: inout SourceObject) throws(ImportError) -> [String] {
        var usage: [String] = []
        let others = try role.texts("ext_key_usage").map { $0.lowercased() }.map {
            $0.hasPrefix("extkeyusage") ? String($0.dropFirst("extkeyusage".count)) : $0
        }
        if try role.flag("client_flag", default: true) || others.contains("clientauth") { usage.append("client") }
        if try role.flag("server_flag", default: true) || others.contains("serverauth") { usage.append("server") }
        let lost = others.filter { $0 != "clientauth" && $0 != "serverauth" }
        if !lost.isEmpty {
            draft.note(.narrowed, role.place("ext_key_usage"), "only the usages `client` and `server` are carried")
        }
        return usage
    }

    /// nil: any. Empty: none is left.
    private mutating func keyTypes(_ role: inout SourceObject) throws(ImportError) -> [String]? {
        let type = try role.text("key_type") ?? "rsa"
        var bits = 0
        switch role.take("key_bits") {
        case nil: break
        case .number(let text)?, .text(let text)?:
            guard let number = Int(text) else {
                throw .invalidValue(path: role.place("key_bits"), value: text, expected: "a number of bits")
            }
            bits = number
        case let value?: throw role.wrong("key_bits", "a number", value)
        }
        switch (type, bits) {
        case ("any", _): return nil
        case ("ed25519", _): return ["ed25519"]
        case ("ec", 0), ("ec", 256): return ["ecdsa-p256"]
        case ("ec", 384): return ["ecdsa-p384"]
        case ("ec", 521): return ["ecdsa-p521"]
        // The number is the least Vault takes; the least mayfly takes is 3072.
        case ("rsa", 0...3072): return ["rsa"]
        default:
            draft.note(
                .narrowed, role.place("key_type"), "the language cannot limit `\(printable: type)` keys to \(bits) bits",
                "write `key_types` by hand if any size will do")
            return []
        }
    }

    // MARK: - Names

    private mutating func domains(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let place = role.place("allowed_domains")
        let domains = try role.texts("allowed_domains")
        let hasTemplates = try role.flag("allowed_domains_template")
        let bare = try role.flag("allow_bare_domains")
        let below = try role.flag("allow_subdomains")
        let globs = try role.flag("allow_glob_domains")
        if try role.flag("allow_any_name") {
            draft.note(
                .needsDecision, role.place("allow_any_name"), "any name is allowed; only the domains listed are imported",
                "list the names that are meant in `dns`")
        }
        if try role.flag("allow_localhost", default: true) {
            draft.note(
                .narrowed, role.place("allow_localhost"), "`localhost` is left out", "add it to `dns` where it is wanted")
        }
        var names: [String] = []
        var isNarrowed = false
        for domain in domains {
            let isTemplate = hasTemplates && Vault.isTemplate(domain)
            if domain.contains("*"), globs, !isTemplate, SourceName.isHostPattern(domain) {
                names.append(domain)
                isNarrowed = true
            } else if !isTemplate, SourceName.isDNSName(domain) {
                if bare { names.append(domain) }
                if below { names.append("*.\(domain)") }
                isNarrowed = isNarrowed || below
            } else {
                draft.note(
                    .dropped, place, "`\(printable: domain)` is not a domain or pattern that the language has",
                    isTemplate ? "use a template of the language in `dns`" : nil)
            }
        }
        if isNarrowed {
            draft.note(.narrowed, place, "`*` stands for one label or a part of it; Vault let it cross dots")
        }
        if try role.flag("allow_wildcard_certificates", default: below || globs) {
            draft.note(.narrowed, role.place("allow_wildcard_certificates"), "a certificate never gets a wildcard")
        }
        return names.withoutRepeats
    }

    private mutating func addresses(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let networks = try role.texts("allowed_ip_sans_cidr")
        guard try role.flag("allow_ip_sans", default: true) else { return [] }
        let addresses = networks.compactMap(IPAddress.single)
        if networks.isEmpty || addresses.count < networks.count {
            draft.note(
                .narrowed, role.place("allow_ip_sans"), "any address, or all of a network, cannot be allowed",
                "list the addresses that are meant in `ips`")
        }
        return addresses.map(\.description).withoutRepeats
    }

    private mutating func uris(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let place = role.place("allowed_uri_sans")
        _ = try role.flag("allowed_uri_sans_template")
        var uris: [String] = []
        for uri in try role.texts("allowed_uri_sans") {
            if SourceName.isURI(uri) {
                uris.append(uri)
            } else {
                draft.note(
                    .dropped, place, "`\(printable: uri)` is a pattern, a template or no URI of the language",
                    "list each URI, or use a template in its path")
            }
        }
        guard uris.count > 1, let first = uris.first, uris.contains(where: SourceName.isSPIFFE) else { return uris }
        draft.note(
            .narrowed, place, "a SPIFFE ID must be the only URI of a certificate; only `\(first)` is imported",
            "write a role for each of the others")
        return [first]
    }

    private mutating func organizations(_ role: inout SourceObject) throws(ImportError) -> [String] {
        let all = try role.texts("organization")
        let fitting = all.filter(SourceName.isOrganization)
        if fitting.count < all.count {
            draft.note(.narrowed, role.place("organization"), "an organization has characters that the language does not allow")
        }
        return fitting
    }

    private static let subject = "only organizations are put into the subject"
    private static let extra = "certificates have no such attribute or extension"
    private static let own = "mayfly decides this itself"
    private static let reasons = [
        "ou": subject, "country": subject, "locality": subject, "province": subject, "street_address": subject,
        "postal_code": subject, "allowed_serial_numbers": subject, "allowed_user_ids": subject,
        "allowed_other_sans": extra, "policy_identifiers": extra, "ext_key_usage_oids": extra, "code_signing_flag": extra,
        "email_protection_flag": extra, "basic_constraints_valid_for_non_ca": extra, "max_path_length": extra,
        "key_usage": own, "signature_bits": own, "use_pss": own, "not_before_duration": own, "not_before": own,
        "not_before_bound": own, "not_after_bound": own, "issuer_ref": own, "cn_validations": own,
        "enforce_hostnames": "names are always host names",
        "use_csr_common_name": "the common name is never taken from a request",
        "use_csr_sans": "names come from the CSR or from the request",
        "allow_token_displayname": "use a template in `dns` instead",
        "allow_globs_in_identity_templates": "templates are left out",
        "no_store": "mayfly records every certificate", "generate_lease": "mayfly has no leases",
    ]
}
