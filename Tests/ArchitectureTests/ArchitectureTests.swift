// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What the compiler cannot forbid: who may know whom, where unsafe code lives, and that the README tells the truth.
@Suite struct ArchitectureTests {
    /// Dependencies point inward: each target may import those listed, and no other of ours.
    private static let allowed: [String: Set<String>] = [
        "StrictYAML": [],
        "StrictJSON": [],
        "Policies": ["StrictYAML"],
        "SSHCertificates": [],
        "X509Certificates": [],
        "AuditLog": [],
        "ServiceAPI": [],
        "AccessRequests": ["AuditLog", "SSHCertificates"],
        "Notifications": [],
        "NotificationDelivery": ["Issuance", "Notifications"],
        "Issuance": [
            "AccessRequests", "AuditLog", "Notifications", "Policies", "SSHCertificates", "X509Certificates",
        ],
        "AccessReviews": ["AccessRequests", "AuditLog", "Issuance", "Policies"],
        "Keys": ["COpenSSL", "Issuance"],
        "OpenIDConnect": ["StrictJSON"],
        "Storage": ["AuditLog", "Issuance", "Notifications"],
        "PolicyImport": ["Policies", "StrictJSON", "StrictYAML"],
        "Authentication": [
            "Issuance", "OpenIDConnect", "Policies", "SSHCertificates", "ServiceAPI", "StrictYAML", "X509Certificates",
        ],
        "HTTPService": [
            "AccessRequests", "AuditLog", "Authentication", "Issuance", "Notifications", "Policies", "SSHCertificates",
            "ServiceAPI",
            "X509Certificates",
        ],
        "Client": ["AccessRequests", "AuditLog", "SSHCertificates", "ServiceAPI", "X509Certificates"],
        "mayfly": [
            "AccessRequests", "AccessReviews", "AuditLog", "Authentication", "Client", "HTTPService", "Issuance", "Keys",
            "NotificationDelivery", "Notifications", "OpenIDConnect", "Policies", "PolicyImport",
            "SSHCertificates",
            "ServiceAPI", "Storage", "StrictYAML", "X509Certificates",
        ],
    ]

    @Test func `dependencies point inward`() throws {
        let files = try SourceFile.all(below: "Sources")
        #expect(Set(files.map(\.target)) == Set(Self.allowed.keys))
        let ours = Set(Self.allowed.keys).union(["COpenSSL"])
        for file in files {
            let foreign = Set(file.imports).intersection(ours).subtracting(Self.allowed[file.target] ?? [])
            #expect(foreign.isEmpty, "\(file.path) imports \(foreign.sorted())")
        }
    }

    @Test func `the pure targets do no input or output`() throws {
        let pure: Set = [
            "AccessRequests", "AccessReviews", "Policies", "PolicyImport", "SSHCertificates", "X509Certificates", "AuditLog",
            "StrictYAML", "Notifications",
        ]
        let doors = ["FileManager", "Process(", "URLSession", "Date()", "Date.now", "Glibc", "SystemPackage"]
        for file in try SourceFile.all(below: "Sources") where pure.contains(file.target) {
            for line in file.lines where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                for door in doors { #expect(!line.contains(door), "\(file.path): \(line)") }
            }
        }
    }

    @Test func `unsafe code lives in its three homes`() throws {
        let homes = ["Sources/Keys/OpenSSL/", "Sources/Storage/Drivers/", "Sources/Client/System/"]
        for file in try SourceFile.all(below: "Sources") where !homes.contains(where: file.path.hasPrefix) {
            for line in file.lines {
                let code = line.prefix(while: { $0 != "/" })
                #expect(!code.contains("unsafe "), "\(file.path): \(line)")
                #expect(!line.contains("import COpenSSL"), "\(file.path): \(line)")
            }
        }
    }

    @Test func `nothing traps on purpose`() throws {
        for file in try SourceFile.all(below: "Sources") {
            for line in file.lines where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                for trap in ["fatalError(", "try!", "as!", "preconditionFailure("] {
                    #expect(!line.contains(trap), "\(file.path): \(line)")
                }
            }
        }
    }

    @Test func `every file begins with its licence`() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceFile.all(below: folder) {
                #expect(file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
            }
        }
    }

    @Test func `a status code is written in one file alone`() throws {
        for file in try SourceFile.all(below: "Sources/HTTPService") where !file.path.hasSuffix("/Problems.swift") {
            for line in file.lines {
                #expect(!line.contains("status: 4") && !line.contains("status: 5"), "\(file.path): \(line)")
            }
        }
    }

    @Test func `make knows every rule the README and its own help name`() throws {
        let makefile = try String(contentsOfFile: Repository.root + "/Makefile", encoding: .utf8)
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let named = (makefile + readme).matches(of: /make ([a-z][a-z-]+)/).map { String($0.output.1) }
        #expect(named.contains("demo"))
        for rule in Set(named) { #expect(makefile.contains("\n\(rule):"), "there is no rule `\(rule)`") }
    }
}
