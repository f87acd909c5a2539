// SPDX-License-Identifier: Apache-2.0

/// What must hold for a rule to apply, whatever set it comes from: its condition, and for `allow` its limits and demands.
struct Clause: Hashable {
    let condition: GroundedCondition
    /// Of the longest permission it gives. nil: of a role of capabilities, or of a `deny` rule.
    var seconds: Int?
    var reason: TextRequirement?
    var ticket: TextRequirement?
    /// Only of those who get some name from a template.
    var named: NameTest?

    init(_ rule: AllowRule, in definitions: [String: Group]) {
        condition = GroundedCondition(rule.condition, in: definitions)
        seconds = rule.lifetime.map { Int($0.maximum.components.seconds) }
        (reason, ticket) = (rule.reason, rule.ticket)
    }

    init(_ rule: DenyRule, in definitions: [String: Group]) { condition = GroundedCondition(rule.condition, in: definitions) }

    /// Of people alone, whatever rule is for them.
    init(_ people: Who, in definitions: [String: Group] = [:]) {
        condition = GroundedCondition(Condition(who: people), in: definitions)
    }

    var who: Who { condition.condition.who }
    private var windows: [Window] { condition.condition.windows }

    /// Whoever it speaks of by name.
    var namedUsers: Set<String> {
        who.users.union(condition.extent?.users ?? []).union(turning).union(named?.users ?? [])
    }

    var claims: [ClaimRequirement] { who.claims + [named?.claim].compactMap(\.self) }

    /// Of the time, whatever puts the person into its groups: first by membership, then in turn.
    var membershipTime: TimeTest { TimeTest(windows: windows) }

    func turnTime(_ member: String) -> TimeTest {
        TimeTest(windows: windows, rotations: condition.extent?.rotations ?? [], member: member)
    }

    /// Everybody who is in its groups in turn.
    var turning: Set<String> { condition.extent?.rotations.reduce(into: []) { $0.formUnion($1.everybody) } ?? [] }

    var timeTests: [TimeTest] { [membershipTime] + turning.map { turnTime($0) } }
}

/// Why rights cannot be compared exactly, in words.
struct Incomparable: Error, Hashable {
    let reason: String
}
