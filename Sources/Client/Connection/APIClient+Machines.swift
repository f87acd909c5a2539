// SPDX-License-Identifier: Apache-2.0

package import ServiceAPI

/// Who lets hosts and machines in, and what machines ask for.
extension APIClient {
    package func createEnrolmentToken(_ request: EnrolmentTokenRequest) async throws -> EnrolmentTokenReply {
        let reply: EnrolmentTokenReply = try await post(Paths.enrolmentTokens, request)
        // It goes into a file, or into a shell.
        guard (1...200).contains(reply.token.utf8.count), reply.token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ClientError.unexpectedReply("the token is not one word")
        }
        return reply
    }

    package func cancelEnrolmentToken(_ request: EnrolmentTokenCancellation) async throws -> EnrolmentTokenSummary {
        try await post(Paths.enrolmentTokenCancellations, request)
    }

    /// Those that still let somebody in, newest first.
    package func openEnrolmentTokens() async throws -> [EnrolmentTokenSummary] {
        try await pages(of: "tokens", \EnrolmentTokenList.tokens, \.next, <) {
            try await get(Paths.enrolmentTokens, ["after": $0])
        }.sorted { $0.createdAt > $1.createdAt }
    }

    /// Newest enrolment first.
    package func machines() async throws -> [MachineSummary] {
        try await pages(of: "machines", \MachineList.machines, \.next, <) {
            try await get(Paths.machines, ["after": $0])
        }.sorted { $0.enrolledAt > $1.enrolledAt }
    }

    /// May be repeated: the same key and names get the same certificate for the same token.
    package func enrolMachine(_ request: MachineEnrolmentRequest) async throws -> IssuedCertificate {
        try await issue(Paths.machineEnrolment, request)
    }

    /// Of a client that is connected with the certificate to be renewed.
    package func renewMachine(_ request: MachineRenewalRequest) async throws -> IssuedCertificate {
        try await issue(Paths.machineRenewal, request)
    }
}
