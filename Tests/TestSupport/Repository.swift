// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the sources and what was built from them lie.
package enum Repository {
    /// The folder of `Package.swift`.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The folder of the program that runs: the test bundle's, where the `mayfly` binary lies too.
    package static let binaries: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }()
}
