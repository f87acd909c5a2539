// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport

@testable import Client

/// A home that knows one server.
struct TestHome {
    let directory: TemporaryDirectory
    let home: Home
    let state: ServerState

    init(_ address: ServerAddress? = nil) throws {
        directory = try TemporaryDirectory()
        home = try Home(environment: ["MAYFLY_HOME": directory.file("home")])
        let address = try address ?? ServerAddress("https://ca.example.com")
        state = home.state(of: address)
        try home.create()
        try state.remember(
            .init(url: address.url, fingerprint: "SHA256:x", name: "Example", user: "ana@example.com"),
            serviceCA: "service", authorities: .sample)
        try home.makeCurrent(address)
    }
}

extension Authorities {
    static let sample = Authorities(
        name: "Example", sshUserCA: "user", sshHostCA: "host", root: "root", issuing: "issuing", service: "service",
        log: "log")
}

func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? Int ?? -1) & 0o777
}
