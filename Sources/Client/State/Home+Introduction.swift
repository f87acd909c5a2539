// SPDX-License-Identifier: Apache-2.0

import ServiceAPI

extension Home {
    /// Gets to know a server by the fingerprint of its service CA, as a login does, and without one. One that is known already
    /// stays as it is, unless the fingerprint is another.
    /// - Parameter fingerprint: needed for a server that is not known.
    package func introduced(to address: ServerAddress, fingerprint: String?) async throws -> ServerState {
        let state = state(of: address)
        let known = state.isKnown ? try state.identity().fingerprint : nil
        if let known, fingerprint == nil || fingerprint == known { return try server(address.url) }
        guard let fingerprint else { throw ClientError.unknownServer(address.url) }
        try ServiceCA.checkFingerprint(fingerprint)
        try create()
        let service = try await ServiceCA.presented(by: address, fingerprint: fingerprint)
        let authorities = try await APIClient.connected(
            to: address, serviceCA: service.pem, session: nil
        ) { try await $0.authorities() }
        if known != nil { state.forget() }
        try state.remember(
            .init(url: address.url, fingerprint: service.fingerprint, name: authorities.name, user: nil, provider: nil),
            serviceCA: service.pem, authorities: authorities)
        try CheckpointMemory(state).pin(logKey: authorities.log)
        return state
    }
}
