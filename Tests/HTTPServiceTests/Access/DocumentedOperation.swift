// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An operation of `openapi.json`, and whom the document lets call it.
struct DocumentedOperation: CustomStringConvertible {
    enum Access: Equatable {
        case anyone
        case session
        /// The certificate of a machine.
        case machine
        case capability(String)
    }

    /// What becomes of what is other people's.
    enum Others: Equatable {
        case capability(String)
        /// It is answered for as if it did not exist.
        case hidden
        /// Nothing is anybody's own.
        case none
    }

    let id: String
    let method: String
    let path: String
    let access: Access
    /// Of an operation for which a session is enough, and of no other.
    let others: Others?
    /// Whether a workload may show its token instead of a session.
    let takesTokens: Bool
    let hasBody: Bool
    /// Status codes of the document.
    let statuses: Set<Int>

    var description: String { "\(method) \(path)" }

    /// The path to call: with an id that belongs to nothing where it has one.
    var calledPath: String { path(of: Self.unknownID) }

    /// In the place of an id there may be, none.
    static let unknownID = "k3x7mw2p4qza"

    func path(of id: String) -> String { path.replacing("{id}", with: id) }

    /// For what belongs to others.
    var capabilityForOthers: String? { if case .capability(let name) = others { name } else { nil } }

    /// What the document does not say, or says twice and differently.
    struct Unclear: Error, CustomStringConvertible {
        let description: String
    }

    static func all(of document: [String: Any]) throws -> [DocumentedOperation] {
        let methods = ["get", "post", "put", "delete", "patch", "head", "options"]
        let paths = document["paths"] as? [String: [String: Any]] ?? [:]
        return try paths.flatMap { path, item in
            try item.filter { methods.contains($0.key) }.map { method, value in
                try DocumentedOperation(path: path, method: method.uppercased(), value as? [String: Any] ?? [:])
            }
        }
        // What ends the caller's session comes last.
        .sorted { ($0.method == "DELETE" ? 1 : 0, $0.path, $0.method) < ($1.method == "DELETE" ? 1 : 0, $1.path, $1.method) }
    }

    init(path: String, method: String, _ operation: [String: Any]) throws {
        self.path = path
        self.method = method
        let name = "\(method) \(path)"
        guard let id = operation["operationId"] as? String else { throw Unclear(description: "\(name): no operationId") }
        self.id = id
        switch operation["x-mayfly-access"] as? String {
        case "anyone": access = .anyone
        case "session": access = .session
        case "machine": access = .machine
        case let text?:
            guard let capability = Self.capability(text) else { throw Unclear(description: "\(name): `\(text)`") }
            access = .capability(capability)
        case nil: throw Unclear(description: "\(name) does not say who may call it")
        }
        let security = operation["security"] as? [[String: Any]]
        guard let security, security.isEmpty == (access == .anyone) else {
            throw Unclear(description: "\(name): `security` and `x-mayfly-access` differ")
        }
        guard (access == .machine) == security.contains(where: { $0.keys.contains("machine") }) else {
            throw Unclear(description: "\(name): `security` and `x-mayfly-access` differ")
        }
        takesTokens = security.contains { $0.keys.contains("workload") }
        guard !takesTokens || security.contains(where: { $0.keys.contains("session") }) else {
            throw Unclear(description: "\(name): `security` names a token and no session")
        }
        switch operation["x-mayfly-others"] as? String {
        case "hidden": others = .hidden
        case "none": others = Others.none
        case let text?:
            guard let capability = Self.capability(text) else { throw Unclear(description: "\(name): `\(text)`") }
            others = .capability(capability)
        case nil: others = nil
        }
        guard (others != nil) == (access == .session), others != Others.none || !path.contains("{") else {
            throw Unclear(description: "\(name) does not say what becomes of what is others': `x-mayfly-others`")
        }
        hasBody = operation["requestBody"] != nil
        statuses = Set((operation["responses"] as? [String: Any] ?? [:]).keys.compactMap { Int($0) })
    }

    private static func capability(_ text: String) -> String? {
        text.hasPrefix("capability:") ? String(text.dropFirst("capability:".count)) : nil
    }

    /// Every capability the document names.
    static func capabilities(of operations: [DocumentedOperation]) -> [String] {
        Set(
            operations.flatMap { operation in
                let needed: [String] = if case .capability(let name) = operation.access { [name] } else { [] }
                return needed + [operation.capabilityForOthers].compactMap(\.self)
            }
        ).sorted()
    }
}
