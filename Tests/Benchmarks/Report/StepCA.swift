// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// step-ca, measured in the same run by a folder of scripts: `$MAYFLY_PEERS` with `run_stepca.sh` and `run_newconn.sh`, which
/// build and run it below `$P` and leave one JSON object a line in `$P/results`.
struct StepCA {
    private let scripts: String
    private let work: String

    struct Figures: Decodable {
        let tag: String
        let rate: Double?
        let serverTime: Double?
        let p50: Double?
        let p99: Double?
        let memory: Double?
        let otherCores: Double?
        let firstCertificate: Double?

        enum CodingKeys: String, CodingKey {
            case tag, rate
            case serverTime = "cpu_us"
            case p50 = "p50_ms"
            case p99 = "p99_ms"
            case memory = "rss_mb"
            case otherCores = "other_cores"
            case firstCertificate = "first_cert_ms"
        }
    }

    init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let scripts = environment["MAYFLY_PEERS"], !scripts.isEmpty else { return nil }
        self.scripts = scripts
        work = environment["P"] ?? (environment["TMPDIR"] ?? "/tmp") + "/mayfly-peers"
    }

    /// One repetition of everything, by kind: `startup`, `x509`, `ssh`, `renew`, `newconn`.
    func repetition() async throws -> [String: Figures] {
        var figures: [String: Figures] = [:]
        let results = work + "/results"
        for (script, arguments, file) in [
            ("run_stepca.sh", [], "step-ca-go127-badgerv2-c8"),
            ("run_newconn.sh", ["stepca-badgerv2"], "newconn-stepca-badgerv2"),
        ] {
            try await run(
                "bash", ["\(scripts)/\(script)"] + arguments, environment: ["P": work, "REPS": "1", "QMAX": "5"],
                timeout: .seconds(300)
            ).checked()
            let lines = try String(contentsOfFile: "\(results)/\(file).jsonl", encoding: .utf8).split(separator: "\n")
            for line in lines where line.hasPrefix("{") {
                let figure = try JSONDecoder().decode(Figures.self, from: Data(line.utf8))
                let kind = file.hasPrefix("newconn") ? "newconn" : figure.tag.split(separator: "-").last.map(String.init)
                figures[kind ?? figure.tag] = figure
            }
        }
        return figures
    }
}
