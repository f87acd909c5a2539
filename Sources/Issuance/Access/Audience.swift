// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Policies

/// Who could act on a request, of those who are known: whom to tell of it.
struct Audience {
    let authority: Authority
    let people: [Identity]
    let moment: Moment

    /// People whose approval would count now, once they are logged in as the rule wants it.
    func approvers(of history: AccessHistory) -> [String] {
        others(than: history) { history.needsApprover(of: authority.steps(of: history, for: $0, at: moment)) }
    }

    /// People who could approve any step of it.
    func approversOfAnyStep(of history: AccessHistory) -> [String] {
        others(than: history) { !authority.steps(of: history, for: $0, at: moment).isEmpty }
    }

    func reviewers(of history: AccessHistory) -> [String] {
        names { authority.isReviewer(of: history, $0, at: moment) }.filter { $0 != history.request.requester.user }
    }

    /// Those who have not decided, and did not ask.
    private func others(than history: AccessHistory, _ could: (Identity) -> Bool) -> [String] {
        let decided = Set(history.approvals.map(\.by.user)).union([history.request.requester.user])
        return names(of: could).filter { !decided.contains($0) }
    }

    private func names(of could: (Identity) -> Bool) -> [String] {
        let able = people.filter { person in
            var person = person
            // Whoever is told logs in first.
            person.mfa = .known(true)
            return could(person)
        }
        return Set(able.compactMap(\.user)).sorted()
    }
}
