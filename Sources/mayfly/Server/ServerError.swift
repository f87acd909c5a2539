// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// Why the service does not start, or a file of it is not taken.
enum ServerError: ExplainedError, Equatable {
    case notInitialized(String)
    case alreadyInitialized(String)
    case unreadable(String)
    case unwritable(String)
    case databaseUnusable(String, String)
    case publicFileDamaged(String)
    case addressInUse(String)
    /// Sentences, one for each name that two sources assert.
    case namesOverlap([String])
    case authoritiesUnusable(String)
    case invalidOption(String)
    case clockNotAccepted(now: String, lastEvent: String, named: String?, directory: String)

    var description: String {
        switch self {
        case .notInitialized(let path): "`\(path)` holds no CA"
        case .alreadyInitialized(let path): "`\(path)` holds a CA already"
        case .unreadable(let path): "`\(path)` cannot be read"
        case .unwritable(let path): "`\(path)` cannot be written"
        case .databaseUnusable(let path, let reason): "`\(path)` cannot be used: \(reason)"
        case .publicFileDamaged(let path): "`\(path)` is damaged or belongs to another CA"
        case .addressInUse(let address): "`\(address)` is in use by another program"
        case .namesOverlap(let sentences): sentences.joined(separator: "; ")
        case .authoritiesUnusable(let path): "`\(path)` holds no certificates in PEM"
        case .invalidOption(let text): text
        case .clockNotAccepted(let now, let lastEvent, let named, _):
            named.map { "the last event is of \(lastEvent), not of `\($0)`" }
                ?? "it is \(now) here, but the last event of the log is of \(lastEvent)"
        }
    }

    var hint: String? {
        switch self {
        case .notInitialized(let path): "make one with `mayfly init --dir \(path)`"
        case .alreadyInitialized(let path): "start it with `mayfly serve --dir \(path)`; keys are never overwritten"
        case .unreadable, .unwritable, .databaseUnusable: "check that it exists, and its owner and mode"
        case .publicFileDamaged: "restore it from a backup; it belongs to the private keys beside it"
        case .addressInUse: "choose another `listen` address in `mayfly.yaml`"
        case .namesOverlap: "let only one of them assert it: take it out of `users.yaml`, or of the provider in `mayfly.yaml`"
        case .clockNotAccepted(_, let lastEvent, _, let directory):
            "set the clock if it is wrong; if the event is, repeat with `--dir \(directory) --last-event \(lastEvent)`, which ends all sessions"
        default: nil
        }
    }
}

extension ServerError {
    /// The reason in the user's words why listening failed, where it is one they can mend.
    init?(listening error: any Error, on address: ListenAddress) {
        guard let error = error as? IOError, error.errnoCode == EADDRINUSE else { return nil }
        self = .addressInUse(address.description)
    }
}
