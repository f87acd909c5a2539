// SPDX-License-Identifier: Apache-2.0

package enum SSHAgentError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    case messageTooLong
    /// `SSH_AGENT_FAILURE`: locked, unknown key, not confirmed or not supported; the agent does not say which.
    case refused
    case unexpectedReply(UInt8)
    case tooManyIdentities
    case signature(SSHSignatureError)
    /// The agent used another algorithm than the one asked for.
    case otherAlgorithm(SSHSignatureAlgorithm)
    /// The key cannot sign with the algorithm.
    case keyMismatch(SSHSignatureAlgorithm, SSHKeyType)
    case certificateOfOtherKey
    case invalidComment
    /// Below one second or too large.
    case invalidLifetime

    package var description: String {
        switch self {
        case .wire(let error): "ssh-agent: \(error)"
        case .messageTooLong: "ssh-agent: message is empty or longer than \(SSHLimits.agentMessage) bytes"
        case .refused: "ssh-agent refused; is it locked, or the key not in it? see `ssh-add -l`"
        case .unexpectedReply(let type): "ssh-agent answered with message \(type), which was not asked for"
        case .tooManyIdentities: "ssh-agent lists more than \(SSHLimits.agentIdentities) keys"
        case .signature(let error): "ssh-agent: \(error)"
        case .otherAlgorithm(let algorithm): "ssh-agent signed with `\(algorithm.rawValue)`, which was not asked for"
        case .keyMismatch(let algorithm, let type): "a `\(type.rawValue)` key does not make `\(algorithm.rawValue)` signatures"
        case .certificateOfOtherKey: "certificate is for another key"
        case .invalidComment: "comment is longer than \(SSHLimits.comment) bytes or has control characters"
        case .invalidLifetime: "lifetime in ssh-agent is below a second or too long"
        }
    }
}
