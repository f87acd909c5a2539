// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import ServiceAPI

/// Why a command of the client does not do what it was asked for.
package enum ClientError: Error, Equatable {
    // State
    case noHome
    /// A read-only mount, a full disk, or somebody else's.
    case homeUnwritable(path: String)
    case homeOpenToOthers(path: String)
    case openToOthers(path: String)
    case unreadable(path: String)
    case unwritable(path: String)
    case tooLarge(path: String, limit: Int)
    case damaged(path: String)
    /// The file is not one that this program may replace.
    case wouldReplace(path: String)
    case noServer
    case unknownServer(String)
    case notLoggedIn(server: String)
    case sessionExpired(server: String, at: Date)

    // The server
    case invalidAddress(String)
    case invalidFingerprint(String)
    case fingerprintNeeded(found: String)
    case fingerprintRefused
    case noServiceCA(server: String)
    case otherServiceCA(server: String, expected: String, found: [String])
    case untrustedServer(String)
    case tlsFailed(server: String, reason: String)
    case unreachable(server: String, reason: String)
    case problem(Problem)
    case unexpectedReply(String)

    /// By the identity provider; its error code.
    case loginRefused(String)
    case loginTimedOut
    case portTaken(Int)

    // Keys and signatures
    case userNeeded
    case noSigningKey
    case noKeyAccepted(tried: [String], Problem)
    case agentUnavailable(path: String?)
    case agent(String)
    case keyFile(path: String, reason: String)
    case certificateOfOtherKey
    case invalidDestination(String)

    // Programs
    case programMissing(String)
    case programFailed(String, status: Int32)
    case outputTooLong(String)

    case invalidAccessID(String)
    case noGrant
    case severalGrants([String])

    case hostConfiguration(HostConfigurationError)
    case host(HostError)
    case serverFiles(ServerFilesError)
    case audit(AuditFailure)
}

extension ClientError {
    /// 2 for a refusal by policy, 3 where others must agree first, else 1.
    package var exitCode: Int32 {
        switch self {
        case .problem(let problem) where problem.kind == .denied: 2
        case .problem(let problem) where problem.kind == .approvalNeeded: 3
        default: 1
        }
    }
}
