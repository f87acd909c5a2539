// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Policies

/// Who could act on a request, of those who are known: whom to tell of it.
struct Audience {
    let authority: Authority
    let people: [Identity]
    let moment: Moment

    /// People who can act on the step that is open, once they are logged in as the rule wants it.
    func approvers(of history: AccessHistory) -> [String] {
        let open = history.filledSteps
        let decided = Set(history.approvals.map(\.by.user)).union([history.request.requester.user])
        return names { authority.steps(of: history, for: $0, at: moment).contains { $0 <= open } }
            .filter { !decided.contains($0) }
    }

    func reviewers(of history: AccessHistory) -> [String] {
        names { authority.isReviewer(of: history, $0, at: moment) }.filter { $0 != history.request.requester.user }
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
