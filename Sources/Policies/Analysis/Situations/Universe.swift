// SPDX-License-Identifier: Apache-2.0

/// For each attribute, one value of every kind that some clauses tell apart; whoever and whatever they do not name is one kind.
///
/// Two situations of the same kinds are the same to all of these clauses, so what holds in every situation that can be made of
/// these values holds in all there are.
struct Universe {
    static let outsider = "someone@elsewhere.invalid"

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
    let claims: [String: [ClaimValue?]]

    init(of clauses: [Clause]) throws(Incomparable) {
        let all = clauses.map(\.who)
        (users, unnamedUsers) = Self.users(clauses)
        logins = [nil] + Set(clauses.flatMap { $0.named?.logins ?? [] }).sorted()
        providers = ["another"] + Set(all.compactMap(\.provider)).sorted()
        loginAges = Self.loginAges(Set(all.compactMap(\.authenticatedWithin)))
        addresses = Self.addresses(Set(clauses.flatMap(\.condition.condition.networks)))
        reasons = try Self.texts(clauses.compactMap(\.reason?.pattern), "reason", AuthorizationRequest.maximumReasonCharacters)
        tickets = try Self.texts(clauses.compactMap(\.ticket?.pattern), "ticket", AuthorizationRequest.maximumTicketCharacters)
        groups = [nil] + Set(clauses.flatMap { $0.condition.extent?.said ?? [] }).sorted()
        var claims: [String: [ClaimValue?]] = [:]
        let wanted = clauses.flatMap(\.claims)
        for name in Set(wanted.map(\.name)).sorted() {
            claims[name] = try Self.members(ofClaim: name, wanted.filter { $0.name == name }.flatMap(\.accepted))
        }
        self.claims = claims
        (spans, comparedUntil) = try Self.spans(clauses)
    }

    var sizes: [Attribute: Int] {
        var sizes: [Attribute: Int] = [
            .user: users.count, .login: logins.count, .provider: providers.count, .mfa: mfa.count, .loginAge: loginAges.count,
            .network: addresses.count, .reason: reasons.count, .ticket: tickets.count, .span: spans.values.count,
            .groups: groups.count,
        ]
        for (name, members) in claims { sizes[.claim(name)] = members.count }
        return sizes
    }

    /// Everybody who is named, one more of each domain, and somebody else.
    private static func users(_ clauses: [Clause]) -> (all: [String], unnamed: Int) {
        let named = clauses.reduce(into: Set<String>()) { $0.formUnion($1.namedUsers) }
        let domains = Set(clauses.flatMap { $0.who.userDomains.union($0.named?.domains ?? []) }).sorted()
        func unnamed(_ text: String) -> String { named.contains(text) ? unnamed("x" + text) : text }
        return ([unnamed(outsider)] + domains.map { unnamed("someone@\($0)") } + named.sorted(), 1 + domains.count)
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
        var (globs, plain) = (Set<ClaimGlob>(), Set<ClaimValue>())
        let problem = Incomparable(reason: "the patterns of claim `\(name)` are too many or too large")
        for accepted in accepted {
            switch accepted {
            case .glob(let glob): globs.insert(glob)
            case .value(.string(let text)):
                guard let glob = try? ClaimGlob(text) else { throw problem }
                globs.insert(glob)
            case .value(let value): plain.insert(value)
            }
        }
        let sorted = globs.sorted { $0.text < $1.text }
        guard sorted.allSatisfy({ $0.text.allSatisfy(\.isASCII) }),
            let texts = TextKinds.examples(of: sorted, atMost: 4_096)
        else { throw problem }
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
