// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SSHCertificates

extension ServerState {
    /// Has ssh-agent forget the certificates that it was given. What has expired it dropped itself; what it does not give up is tried
    /// again the next time.
    /// - Returns: what to tell the person where something is left.
    package func emptyAgent(environment: [String: String]) async -> String? {
        let blobs = agentBlobs()
        guard !blobs.isEmpty else { return nil }
        do {
            let agent = try SSHAgentConnection(environment: environment)
            for blob in blobs { try? await agent.remove(blob: Array(blob)) }
            let held = try await agent.identities().map { Data($0.blob) }
            let left = blobs.filter(held.contains)
            try remember(agentBlobs: left)
            return left.isEmpty ? nil : "ssh-agent keeps \(left.count) of the certificates it was given, until they end"
        } catch {
            return "ssh-agent was not asked to forget \(blobs.count) certificates: \(error)"
        }
    }
}
