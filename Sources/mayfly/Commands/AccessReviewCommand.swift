// SPDX-License-Identifier: Apache-2.0

import AccessReviews
import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct AccessReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Report who holds what, and what nobody used; as a patch, take that away.",
        discussion: """
            Reads the whole audit log, holds it against its signed checkpoint, and \
            works out from it and from the policies what is held and used. The \
            policies are a directory of yours: those that are live, or it is \
            refused. Where they changed in the period, --baseline names those from \
            before, unless the log names a commit of the same checkout.

            With --patch it prints a diff for `git apply` or `patch -p1` that \
            removes unused rights from the policies. It only narrows, and what was \
            issued in the period stays allowed: both are checked. Exit status 1: \
            policy tests fail under it.

            EXAMPLE:
              mayfly access review --unused-for 90d --policies policies
            """)

    @Option(
        help: ArgumentHelp("What was not used for this long counts as unused.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var unusedFor: Duration = .seconds(90 * 86_400)

    @Option(
        help: ArgumentHelp(
            "The policies of when the period began: a directory, or a git revision of the policy directory.", valueName: "place"
        ))
    var baseline: String?

    @Flag(help: "Print the table of rights as CSV.")
    var csv = false

    @Flag(help: "Print the diff that removes unused rights.")
    var patch = false

    @OptionGroup var policies: PolicyOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [csv, patch, output.json].count(where: { $0 }) <= 1 else {
            throw ValidationError("only one of --csv, --patch and --json")
        }
    }

    func run() async throws {
        let directory = PolicyDirectory(path: policies.policies)
        let files = try directory.files()
        let set = try PolicySet.load(files)
        try await server.connected { client, state in
            let access = try await reviewed(set, client, CheckpointMemory(state))
            if patch {
                try await printPatch(access, files, in: directory, client)
            } else if csv {
                Console.write(access.review.csv)
            } else {
                let review = access.review
                try output.print(review) { review.markdown }
            }
        }
    }

    // MARK: What there is

    private func reviewed(
        _ set: PolicySet, _ client: APIClient, _ memory: CheckpointMemory
    ) async throws -> ReviewedAccess {
        let status = try await client.status()
        guard status.policyDigest == set.digest else {
            throw AccessReviewError.otherPolicies(
                policies.policies, found: set.digest, live: status.policyDigest, commit: status.policyCommit)
        }
        let people = try await client.people()
        let reviewer = try await client.whoami()
        let start = status.time.addingTimeInterval(-Double(unusedFor.components.seconds))
        var log = ReviewedLog(from: start, to: status.time, under: set)
        defer { Console.endProgress() }
        let (checkpoint, note) = try await AuditCheck(client: client, memory: memory).everything(
            progress: { Console.progress("\($0) of \($1) entries") }, each: { for leaf in $0 { log.add(leaf) } })
        guard let loaded = log.policyLoads.last, loaded.digest == set.digest else { throw AccessReviewError.changedMeanwhile }
        return ReviewedAccess(
            authority: status.name, reviewer: reviewer.user ?? reviewer.provider, policies: set,
            policyLive: log.policyLiveSince ?? status.policyLoadedAt,
            policySource: loaded.source, baseline: try baseline(set, log), people: people.map { Identity($0) }, log: log,
            head: .init(
                origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root.base64, checkpoint: note))
    }

    private func baseline(_ set: PolicySet, _ log: ReviewedLog) throws -> ReviewedAccess.Baseline {
        guard let before = log.loadAtStart else { return .unknown }
        if before.digest == set.digest { return .same }
        if let place = baseline {
            let found = try policies.set(at: place)
            guard found.digest == before.digest else {
                throw AccessReviewError.otherBaseline(place, found: found.digest, live: before.digest)
            }
            return .other(found)
        }
        // A commit that this checkout has not is no error: then what was before is not known.
        guard let commit = before.source?.commit,
            let files = try? GitCheckout(path: policies.policies).files(at: commit), let found = try? PolicySet.load(files),
            found.digest == before.digest
        else { return .unknown }
        return .other(found)
    }

    // MARK: The patch

    private func printPatch(
        _ access: ReviewedAccess, _ files: [PolicyFile], in directory: PolicyDirectory, _ client: APIClient
    ) async throws {
        let (review, set) = (access.review, access.policies)
        let pruned = try set.pruned(files, of: review.unusedRights(log: access.log))
        for left in pruned.byHand { Console.note("left alone: \(left.what): \(left.why)") }
        guard !pruned.removals.isEmpty else { return Console.note(nothing(in: review)) }
        try await check(pruned, of: set, client, since: access.log.start)
        for removal in pruned.removals { Console.note("\(removal.place): removes \(removal.what)") }
        // Groups of the user file and of providers give them: what no patch of the policies takes.
        for right in access.under(pruned.set).review.rights where right.status == .unused && !right.breakGlass {
            let through = right.through.joined(separator: ", ")
            Console.note("still unused: \(right.who), role `\(right.role)` by rule `\(right.rule)`, through \(through)")
        }
        for (old, new) in zip(files, pruned.files) {
            Console.write(UnifiedDiff.text(from: old.bytes, to: new.bytes, path: path(of: old, in: directory)))
        }
        let failures = pruned.set.runTests().filter { !$0.passed }
        guard failures.isEmpty else {
            for failure in failures { Console.note("policy test fails under it: \(failure)") }
            throw ExitCode(1)
        }
    }

    /// - Throws: `AccessReviewError` where it is not what it must be: a defect of ours, and then there is no patch.
    private func check(_ pruned: PrunedPolicies, of set: PolicySet, _ client: APIClient, since start: Date) async throws {
        let widening = pruned.set.diff(from: set).changes.filter {
            $0.direction == .widens && $0.notComparedExactly == nil
        }
        guard widening.isEmpty else {
            throw AccessReviewError.wouldWiden(widening.map { "\($0.right) by `\($0.rule)`" })
        }
        var check = NarrowingCheck(from: set, to: pruned.set, since: AuditTime(start))
        for try await batch in LogPages(client: client, start: AuditTime(start)) {
            for leaf in batch.leaves { check.add(leaf) }
        }
        guard check.refused.isEmpty else { throw AccessReviewError.wouldRefuse(check.refused) }
        Console.note("\(check.issuances) certificates issued in the period would still be given")
    }

    private func nothing(in review: AccessReview) -> String {
        review.scope.covered < review.scope.unusedFor
            ? "nothing to remove: the log is younger than \(PolicyDuration.text(unusedFor))"
            : "nothing to remove: no right that policies alone give is known to be unused"
    }

    /// From the top of the checkout, or from beside the directory where it lies in none.
    private func path(of file: PolicyFile, in directory: PolicyDirectory) -> String {
        guard let prefix = try? GitCheckout(path: directory.path).prefix() else { return file.name }
        return prefix + file.name.dropFirst(directory.folder.utf8.count + 1)
    }
}

extension Identity {
    /// What the server says of somebody who is not asking just now.
    fileprivate init(_ person: PersonSummary) {
        self.init(
            provider: person.provider, user: person.user, login: person.login, groups: .known(Set(person.groups)),
            claims: .known([:]), mfa: .unknown)
    }
}

enum AccessReviewError: ExplainedError, Equatable {
    case otherPolicies(String, found: String, live: String, commit: String?)
    case otherBaseline(String, found: String, live: String)
    case changedMeanwhile
    case wouldWiden([String])
    case wouldRefuse([String])

    var description: String {
        switch self {
        case .otherPolicies(let path, let found, let live, let commit):
            "the policies in `\(path)` are \(found), and live are \(live)" + (commit.map { " of commit \($0)" } ?? "")
        case .otherBaseline(let place, let found, let live):
            "the policies of `\(place)` are \(found), and when the period began \(live) were live"
        case .changedMeanwhile: "the policies changed while the log was read"
        case .wouldWiden(let rights): "the patch would give more, and so there is none: " + rights.joined(separator: "; ")
        case .wouldRefuse(let issued):
            "the patch would refuse what was issued, and so there is none: " + issued.joined(separator: "; ")
        }
    }

    var hint: String? {
        switch self {
        case .otherPolicies:
            "check out what is live; the directory must have the name it has on the server, for names are part of the digest"
        case .otherBaseline: "find the revision with `mayfly audit tail`: policy loads are in the log"
        case .changedMeanwhile: "run it again"
        case .wouldWiden, .wouldRefuse: "this is a defect of mayfly; please report it"
        }
    }
}
