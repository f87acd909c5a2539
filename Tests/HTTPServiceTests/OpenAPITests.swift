// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// The document and the running service say the same.
@Suite struct OpenAPITests {
    private struct Operation {
        let path: String
        let method: String
        let access: String
        let parameters: [String]
    }

    private static func operations(of document: [String: Any]) throws -> [Operation] {
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        return try paths.flatMap { path, item in
            try item.filter { ["get", "post", "put", "delete", "patch"].contains($0.key) }.map { method, value in
                let operation = try #require(value as? [String: Any])
                let parameters = (operation["parameters"] as? [[String: Any]] ?? []).filter { $0["in"] as? String == "query" }
                return Operation(
                    path: path, method: method.uppercased(), access: operation["x-mayfly-access"] as? String ?? "",
                    parameters: parameters.compactMap { $0["name"] as? String })
            }
        }
    }

    @Test func `every operation is served as documented, and nothing else is`() async throws {
        try await MayflyCA.withSession { caller in
            let document = try await caller.call("GET", Paths.openAPI, withSession: false)
            #expect(document.status == 200)
            let operations = try Self.operations(of: document.json)
            #expect(operations.count >= 15)
            #expect(Set(operations.map(\.path)) == Set(Paths.all))

            for path in Paths.all {
                let refused = try await caller.call("TRACE", path, withSession: false)
                #expect(refused.status == 405, "\(path)")
                let methods = operations.filter { $0.path == path }.map(\.method).sorted().joined(separator: ", ")
                #expect(refused.header("allow") == methods, "\(path)")
            }
            for operation in operations {
                let asNobody = try await caller.call(operation.method, operation.path, body: "{}", withSession: false)
                #expect((asNobody.status == 401) == (operation.access != "anyone"), "\(operation)")
                if operation.access != "anyone" { #expect(asNobody.problem == "not-authenticated", "\(operation)") }
                let unknown = try await caller.call(operation.method, operation.path + "?nonsense=1", body: "{}")
                #expect(unknown.status == 400 && unknown.detail.contains("nonsense"), "\(operation)")
                for parameter in operation.parameters {
                    let known = try await caller.call(operation.method, operation.path + "?\(parameter)=1", body: "{}")
                    #expect(!known.detail.contains("unknown query"), "\(operation) \(parameter)")
                }
            }
        }
    }

    @Test func `replies have the members the document requires`() async throws {
        try await MayflyCA.withSession { caller in
            let document = try await caller.call("GET", Paths.openAPI).json
            let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            for path in Paths.all {
                guard let get = paths[path]?["get"] as? [String: Any], path != Paths.openAPI, path != Paths.auditConsistency,
                    !path.contains("{")
                else { continue }
                let reply = try await caller.call("GET", path)
                #expect(reply.status == 200, "\(path)")
                let success = (get["responses"] as? [String: Any])?["200"] as? [String: Any]
                let content = (success?["content"] as? [String: Any])?["application/json"] as? [String: Any]
                let reference = (content?["schema"] as? [String: Any])?["$ref"] as? String
                guard let name = reference?.split(separator: "/").last.map(String.init), let schema = schemas[name] else {
                    continue
                }
                let known = Set((schema["properties"] as? [String: Any] ?? [:]).keys)
                let required = Set(schema["required"] as? [String] ?? [])
                #expect(required.isSubset(of: reply.json.keys), "\(path): \(required)")
                #expect(Set(reply.json.keys).isSubset(of: known), "\(path): \(reply.json.keys)")
            }
        }
    }
}
