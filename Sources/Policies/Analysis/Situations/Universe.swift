// SPDX-License-Identifier: Apache-2.0

/// For each attribute, one value of every kind that some clauses tell apart; whoever and whatever they do not name is one kind.
///
/// Two situations of the same kinds are the same to all of these clauses, so what holds in every situation that can be made of
/// these values holds in all there are.
struct Universe {
    let users: [String]
    /// Those that stand for everybody who is not named come first.
    private let unnamedUsers: Int
    /// nil: another.
    let logins: [String?]
    let providers: [String]
    /// nil: unknown.
    let mfa: [Bool?] = [true, false, nil]
    let loginAges: [Duration?]
    let addresses: [IPAddress?]
    /// nil: none is given.
    let reasons: [String?]
    let tickets: [String?]
    let spans: Spans
    /// Whether time was looked at as a whole, and until when otherwise.
    let comparedUntil: Int?
    /// The first is nil, for unknown.
    let groups: [String?]
    let groupPlaces: [String: Int]
    let claims: [String: [ClaimValue?]]
    private let claimNames: [String]
    private let userPlaces: [String: Int]
    private let usersByDomain: [String: ValueSet]
    /// How many values each attribute has, by its index.
    let sizes: [Int]

    init(of clauses: [Clause]) throws(Incomparable) {
        let all = clauses.map(\.who)
        (users, unnamedUsers) = Self.users(clauses)
        userPlaces = Dictionary(uniqueKeysWithValues: users.enumerated().map { ($0.element, $0.offset) })
        usersByDomain = users.enumerated().reduce(into: [:]) { places, user in
            if let domain = Identity.domain(of: user.element) { places[domain, default: []].insert(user.offset) }
        }
        logins = [nil] + Set(clauses.flatMap { $0.named?.logins ?? [] }).sorted()
        providers = ["another"] + Set(all.compactMap(\.provider)).sorted()
        loginAges = Self.loginAges(Set(all.compactMap(\.authenticatedWithin)))
        addresses = Self.addresses(Set(clauses.flatMap(\.condition.condition.networks)))
        reasons = try Self.texts(clauses.compactMap(\.reason?.pattern), "reason", AuthorizationRequest.maximumReasonCharacters)
        tickets = try Self.texts(clauses.compactMap(\.ticket?.pattern), "ticket", AuthorizationRequest.maximumTicketCharacters)
        let said = clauses.reduce(into: Set<String>()) { $0.formUnion($1.condition.extent?.said ?? []) }.sorted()
        groups = [nil] + said
        groupPlaces = Dictionary(uniqueKeysWithValues: said.enumerated().map { ($0.element, $0.offset + 1) })
        var claims: [String: [ClaimValue?]] = [:]
        let wanted = Dictionary(grouping: clauses.flatMap(\.claims), by: \.name)
        claimNames = wanted.keys.sorted()
        for name in claimNames { claims[name] = try Self.members(ofClaim: name, (wanted[name] ?? []).flatMap(\.accepted)) }
        self.claims = claims
        (spans, comparedUntil) = try Self.spans(clauses)
        sizes =
            [
                users.count, logins.count, providers.count, mfa.count, loginAges.count, addresses.count, reasons.count,
                tickets.count, spans.values.count, groups.count,
            ] + claimNames.map { claims[$0]?.count ?? 0 }
    }

    func claimAttribute(_ name: String) -> Attribute { .claim(claimNames.firstIndex(of: name) ?? claimNames.count) }

    /// Of those named, and all of some domains.
    func users(_ names: Set<String>, of domains: Set<String> = []) -> ValueSet {
        domains.reduce(into: ValueSet(names.compactMap { userPlaces[$0] })) { $0.formUnion(usersByDomain[$1] ?? []) }
    }

    /// Everybody who is named, one more of each domain, and somebody else.
    private static func users(_ clauses: [Clause]) -> (all: [String], unnamed: Int) {
        let named = clauses.reduce(into: Set<String>()) { $0.formUnion($1.namedUsers) }
        let domains = Set(clauses.flatMap { $0.who.userDomains.union($0.named?.domains ?? []) }).sorted()
        func unnamed(_ text: String) -> String { named.contains(text) ? unnamed("x" + text) : text }
        func foreign(_ domain: String) -> String { domains.contains(domain) ? foreign("x." + domain) : domain }
        let others = [foreign("elsewhere.invalid")] + domains
        return (others.map { unnamed("someone@\($0)") } + named.sorted(), others.count)
    }

    func isNamed(_ user: Int) -> Bool { user >= unnamedUsers }

    private static func loginAges(_ limits: Set<Duration>) -> [Duration?] {
        let sorted = limits.sorted()
        return (sorted.last.map { sorted + [$0 + .seconds(1)] } ?? []) + [nil]
    }

    /// Networks are cut into ranges where one begins or ends: the first address of each, and two for examples.
    private static func addresses(_ networks: Set<IPNetwork>) -> [IPAddress?] {
        let sorted = networks.sorted { ($0.prefix, $0.description) < ($1.prefix, $1.description) }
        let edges = sorted.flatMap { [$0.address.following, $0.address, $0.firstBeyond] }
        let candidates = ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::"].map { IPAddress($0) } + edges
        var seen: Set<[Bool]> = []
        return candidates.compactMap(\.self).filter { address in seen.insert(sorted.map { $0.contains(address) }).inserted }
            + [nil]
    }

    private static func texts(_ patterns: [TextPattern], _ what: String, _ limit: Int) throws(Incomparable) -> [String?] {
        let distinct = Set(patterns).sorted { $0.text < $1.text }
        guard distinct.allSatisfy({ $0.text.allSatisfy(\.isASCII) }),
            let examples = TextKinds.examples(of: distinct, atMost: limit)
        else { throw Incomparable(reason: "the patterns of the \(what) are too many or too large") }
        return [nil] + examples
    }

    private static func members(
        ofClaim name: String, _ accepted: [ClaimRequirement.Accepted]
    ) throws(Incomparable) -> [ClaimValue?] {
        var (globs, exact, plain) = (Set<ClaimGlob>(), Set<String>(), Set<ClaimValue>())
        for accepted in accepted {
            switch accepted {
            case .glob(let glob): globs.insert(glob)
            case .value(.string(let text)): if !text.isEmpty { exact.insert(text) }
            case .value(let value): plain.insert(value)
            }
        }
        let sorted = globs.sorted { $0.text < $1.text }
        guard (sorted.map(\.text) + exact).allSatisfy({ $0.allSatisfy(\.isASCII) }),
            let others = TextKinds.examples(of: sorted, atMost: 4_096, otherThan: exact)
        else { throw Incomparable(reason: "the patterns of claim `\(name)` are too many or too large") }
        let texts = (others + exact).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        return [nil] + texts.map { .string($0) } + plain.sorted { $0.description < $1.description }
    }

    private static func spans(_ clauses: [Clause]) throws(Incomparable) -> (Spans, comparedUntil: Int?) {
        let lifetimes = Set(clauses.compactMap(\.seconds))
        let windows = Set(clauses.flatMap(\.condition.condition.windows))
        let rotations = clauses.reduce(into: Set<Rotation>()) { $0.formUnion($1.condition.extent?.rotations ?? []) }
        guard let line = TimeLine(windows: windows, rotations: rotations, reach: (lifetimes.max() ?? 1) + 2),
            let spans = Spans(line, lifetimes: lifetimes, tests: Set(clauses.flatMap(\.timeTests)))
        else { throw Incomparable(reason: "windows and rotations change too often") }
        return (spans, line.isWhole ? nil : line.cuts.last)
    }
}

extension IPNetwork {
    /// The first address after its last. nil: there is none.
    fileprivate var firstBeyond: IPAddress? {
        var bytes = address.bytes
        for index in bytes.indices {
            let bits = min(max(prefix - index * 8, 0), 8)
            bytes[index] |= UInt8(truncatingIfNeeded: 0xFF >> bits)
        }
        return IPAddress(bytes: bytes)?.following
    }
}

extension IPAddress {
    fileprivate var following: IPAddress? {
        var bytes = bytes
        for index in bytes.indices.reversed() {
            bytes[index] &+= 1
            if bytes[index] != 0 { return IPAddress(bytes: bytes) }
        }
        return nil
    }
}
