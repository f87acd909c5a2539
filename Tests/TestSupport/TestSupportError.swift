// SPDX-License-Identifier: Apache-2.0

/// Why a program or a server of a test could not be started, or did not do what was asked of it.
package enum TestSupportError: Error, Equatable, CustomStringConvertible {
    case programMissing(String)
    case cannotStart(command: String, errno: Int32)
    case cannotCreate(path: String, errno: Int32)
    case noFreePort(errno: Int32)
    case timedOut(command: String, after: Duration, errors: String)
    case failed(command: String, status: Int32, errors: String)
    case exitedEarly(name: String, status: Int32, log: String)
    case notReady(name: String, after: Duration, log: String)
    case neverCame(what: String, after: Duration)

    package var description: String {
        switch self {
        case .programMissing(let name):
            "`\(name)` is not installed; `.ci/install-packages run` installs all the tests need"
        case .cannotStart(let command, let errno): "cannot start `\(command)`: errno \(errno)"
        case .cannotCreate(let path, let errno): "cannot create `\(path)`: errno \(errno)"
        case .noFreePort(let errno): "no free port on 127.0.0.1: errno \(errno)"
        case .timedOut(let command, let limit, let errors): "`\(command)` was killed after \(limit)\n\(errors)"
        case .failed(let command, let status, let errors): "`\(command)` ended with status \(status)\n\(errors)"
        case .exitedEarly(let name, let status, let log): "\(name) ended with status \(status) before it was ready\n\(log)"
        case .notReady(let name, let limit, let log): "\(name) was not ready after \(limit)\n\(log)"
        case .neverCame(let what, let limit): "did not come to pass within \(limit): \(what)"
        }
    }
}
