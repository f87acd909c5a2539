// SPDX-License-Identifier: Apache-2.0

import AuditLog
package import FoundationEssentials
import SSHCertificates
import ServiceAPI

/// Goes through everything a command of this client needs, up to the first thing that is wrong.
package struct Doctor: Sendable {
    private let environment: [String: String]
    private let url: String?
    private let clock: @Sendable () -> Date

    /// Certificates begin a minute in the past: a clock that is further behind does not take them yet.
    private static let clockTolerance: Double = 60  // seconds

    /// - Parameter url: of the server; nil for that of the last login.
    package init(environment: [String: String], url: String?, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.environment = environment
        self.url = url
        self.clock = clock
    }

    /// One finding for each step, in their order; none after a failed one but that it was skipped.
    package func findings() async -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        var hasFailed = false
        for step in DoctorStep.allCases {
            if hasFailed {
                findings.append(DoctorFinding(step: step, result: .skipped))
                continue
            }
            do {
                findings.append(DoctorFinding(step: step, result: .ok, detail: try await detail(of: step)))
            } catch {
                hasFailed = true
                findings.append(Self.finding(step, error))
            }
        }
        return findings
    }

    private static func finding(_ step: DoctorStep, _ error: any Error) -> DoctorFinding {
        switch error {
        case let error as DoctorFailure:
            DoctorFinding(step: step, result: .failed, detail: error.description, hint: error.hint)
        case let error as ClientError:
            DoctorFinding(step: step, result: .failed, detail: error.description, hint: error.hint)
        default: DoctorFinding(step: step, result: .failed, detail: "\(error)")
        }
    }

    private func detail(of step: DoctorStep) async throws -> String {
        switch step {
        case .state: try state()
        case .server: try await server()
        case .trust: try await trust()
        case .clock: try await clockDifference()
        case .provider: try await provider()
        case .session: try await session()
        case .ssh: try await ssh()
        case .agent: try await agent()
        case .credentials: try credentials()
        case .hostCA: try await hostCA()
        case .roles: try await roles()
        }
    }

    private var known: ServerState {
        get throws { try Home(environment: environment).server(url) }
    }

    private func connected<Result>(
        withSession: Bool, _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        let state = try known
        return try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(),
            session: withSession ? try state.session(now: clock()) : nil, body)
    }
}

// The server.
extension Doctor {
    private func state() throws -> String {
        let state = try known
        try StateFiles.check(state.path)
        _ = (try state.identity(), try state.serviceCA(), try state.authorities())
        return state.path
    }

    private func server() async throws -> String {
        let address = try known.address
        do {
            _ = try await ServiceCA.presented(by: address)
        } catch ClientError.noServiceCA {
            // Something answers; what it is, the next step says.
        }
        return address.url
    }

    private func trust() async throws -> String {
        let state = try known
        let fingerprint = try state.identity().fingerprint
        let presented = try await ServiceCA.presented(by: state.address, fingerprint: fingerprint)
        guard try state.serviceCA() == presented.pem else { throw ClientError.damaged(path: state.path + "/service.pem") }
        do {
            _ = try await connected(withSession: false) { try await $0.serverTime() }
        } catch ClientError.untrustedServer(let server) {
            // The CA is the right one, so it is the certificate below it, and most often its dates.
            throw DoctorFailure(
                description: "the certificate of `\(server)` is not valid now, though it is of the right service CA",
                hint: "compare the clocks here and there; the server renews its certificate by itself")
        }
        return "service CA \(fingerprint)"
    }

    private func clockDifference() async throws -> String {
        let began = clock()
        guard let there = try await connected(withSession: false, { try await $0.serverTime() }) else {
            return "the server does not say what time it is"
        }
        let ended = clock()
        // The server's second is somewhere between the two; the header has whole seconds.
        let here = began.addingTimeInterval(ended.timeIntervalSince(began) / 2)
        let difference = here.timeIntervalSince(there)
        let text = "\(Int(abs(difference).rounded())) s \(difference < 0 ? "behind" : "ahead of") the server"
        guard abs(difference) <= Self.clockTolerance else {
            throw DoctorFailure(
                description: "the clock here is \(text), which says it is \(there.formatted(.iso8601))",
                hint: "set the clock, and let NTP keep it: certificates are valid for minutes")
        }
        return abs(difference) < 2 ? "as the server's" : text
    }

    /// One that is down matters to those without a session alone.
    private func provider() async throws -> String {
        let state = try known
        guard let name = try state.identity().provider else { return "none, since the last login needed none" }
        let found = try await connected(withSession: false) { try await $0.loginProviders().providers }
        guard let provider = found.first(where: { $0.name == name }) else {
            throw DoctorFailure(
                description: "the server has no identity provider `\(TerminalText.text(name))` any more",
                hint: "log in another way, with `--provider` or `--user`")
        }
        guard !provider.available else { return TerminalText.text(name) }
        let problem = "the server does not reach identity provider `\(TerminalText.text(name))`"
        if let session = try? state.session(now: clock()) {
            return "\(problem), which is needed again at \(session.expiresAt.formatted(.iso8601))"
        }
        throw DoctorFailure(
            description: problem,
            hint: "log in another way meanwhile, with an SSH key and `--user`; administrators see the reason in `mayfly status`"
        )
    }

    private func session() async throws -> String {
        let session = try known.session(now: clock())
        let current = try await connected(withSession: true) { client in
            try await client.sessions().first { $0.isCurrent }
        }
        guard let current else { throw ClientError.unexpectedReply("this session is not among the open ones") }
        let user = TerminalText.word(current.user ?? current.provider)
        return "\(user) until \(session.expiresAt.formatted(.iso8601)), unused until \(current.idleEndsAt.formatted(.iso8601))"
    }
}

// This machine, and what the server lets one do.
extension Doctor {
    private func ssh() async throws -> String {
        let version = try await ChildProgram.answer("ssh", ["-V"]).output
        let types = try await ChildProgram.run("ssh", ["-Q", "key-cert"])
        let text = TerminalText.text(
            String(decoding: version, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? "")
        guard String(decoding: types, as: UTF8.self).split(separator: "\n").contains("ssh-ed25519-cert-v01@openssh.com") else {
            throw DoctorFailure(description: "`\(text)` knows no Ed25519 certificates", hint: "install OpenSSH 6.5 or newer")
        }
        return text
    }

    private func agent() async throws -> String {
        guard let socket = environment["SSH_AUTH_SOCK"], !socket.isEmpty else {
            return "none, which only `mayfly issue ssh --agent` needs"
        }
        let held = try await SSHAgentConnection(socket: socket).identities().count
        return "\(held) \(held == 1 ? "key" : "keys") at \(TerminalText.text(socket))"
    }

    private func credentials() throws -> String {
        let count = try SSHCredentialCache(known).check(now: clock())
        return "\(count) for `mayfly ssh`"
    }

    private func hostCA() async throws -> String {
        let state = try known
        let kept = try state.authorities().sshHostCA
        // Two while it is being replaced.
        guard let keys = try? TrustedAuthorities.keys(kept) else {
            throw ClientError.damaged(path: state.path + "/authorities.json")
        }
        let published = try await connected(withSession: false) { try await $0.authorities().sshHostCA }
        guard published == kept else {
            throw DoctorFailure(
                description: "the server has another SSH host CA than at the last login",
                hint: "log in again with `mayfly login`, and hosts with certificates of the new one are known")
        }
        return keys.map(\.fingerprint).joined(separator: ", ")
    }

    private func roles() async throws -> String {
        let roles = try await connected(withSession: true) { try await $0.roles().roles }
        guard !roles.isEmpty else {
            throw DoctorFailure(
                description: "no role is open to you, so there is nothing to get",
                hint: "whoever may change the policies can give you one")
        }
        return roles.map { TerminalText.word($0.name) }.joined(separator: ", ")
    }
}
