// SPDX-License-Identifier: Apache-2.0

/// What must be right for this client to work, in the order in which one thing rests on another.
package enum DoctorStep: String, CaseIterable, Codable, Sendable {
    /// The files of the last login.
    case state
    /// Something answers at its address.
    case server
    /// It is the server that was logged in to.
    case trust
    case clock
    /// The identity provider of the last login, which the next one needs.
    case provider
    case session
    case ssh
    case agent
    /// What `mayfly ssh` keeps for the next time.
    case credentials
    case hostCA = "host-ca"
    case roles
}

package struct DoctorFinding: Codable, Equatable, Sendable {
    package enum Result: String, Codable, Sendable {
        case ok
        case failed
        /// An earlier step failed.
        case skipped
    }

    package var step: DoctorStep
    package var result: Result
    /// What was found, or what is wrong.
    package var detail: String?
    /// How to mend it.
    package var hint: String?

    package init(step: DoctorStep, result: Result, detail: String? = nil, hint: String? = nil) {
        self.step = step
        self.result = result
        self.detail = detail
        self.hint = hint
    }
}

/// What a step found wrong that no other command would have said.
struct DoctorFailure: Error {
    let description: String
    let hint: String
}
