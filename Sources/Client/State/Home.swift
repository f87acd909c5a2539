// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The client's state, `$MAYFLY_HOME`: a folder for each server, and the name of the one that was logged in to last.
package struct Home: Sendable {
    package let path: String

    /// - Parameter environment: `MAYFLY_HOME`, else `HOME` counts.
    package init(environment: [String: String]) throws(ClientError) {
        if let path = environment["MAYFLY_HOME"], !path.isEmpty {
            self.path = Self.absolute(path)
        } else if let home = environment["HOME"], !home.isEmpty {
            path = Self.absolute(home) + "/.config/mayfly"
        } else {
            throw .noHome
        }
    }

    private var currentPath: String { path + "/current" }

    /// The server of `url`, else the one that was logged in to last.
    package func server(_ url: String? = nil) throws(ClientError) -> ServerState {
        guard url != nil || AtomicFile.exists(currentPath) else { throw .noServer }
        let address = if let url { try ServerAddress(url) } else { try ServerAddress(try readCurrent()) }
        let state = state(of: address)
        guard state.isKnown else { throw url == nil ? .noServer : .unknownServer(address.url) }
        try refuseUnlessOwn()
        return state
    }

    /// A server that need not be known yet.
    package func state(of address: ServerAddress) -> ServerState {
        ServerState(address: address, path: "\(path)/servers/\(address.authority)")
    }

    package func create() throws(ClientError) {
        try AtomicFile.createDirectory(path)
        try refuseUnlessOwn()
        try AtomicFile.createDirectory(path + "/servers")
    }

    /// Makes room for what a login leaves.
    /// - Throws: `homeUnwritable` where it could not be kept, or `homeOpenToOthers`.
    func prepare(for server: ServerState) throws(ClientError) {
        do {
            try create()
            try AtomicFile.checkWritable(path)
            try AtomicFile.checkWritable(AtomicFile.exists(server.path) ? server.path : path + "/servers")
        } catch {
            guard case .unwritable(let path) = error else { throw error }
            throw .homeUnwritable(path: path)
        }
    }

    package func makeCurrent(_ address: ServerAddress) throws(ClientError) {
        try AtomicFile.write(address.url + "\n", to: currentPath)
    }

    private func readCurrent() throws(ClientError) -> String {
        let text = try AtomicFile.readText(currentPath, limit: 512)
        guard text.hasSuffix("\n") else { throw .damaged(path: currentPath) }
        return String(text.dropLast())
    }

    /// Who can write here could put another server in the place of ours.
    private func refuseUnlessOwn() throws(ClientError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = attributes?[.posixPermissions] as? Int else { throw .unreadable(path: path) }
        guard mode & 0o022 == 0 else { throw .homeOpenToOthers(path: path) }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
