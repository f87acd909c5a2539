// SPDX-License-Identifier: Apache-2.0

import Keys

extension Configuration {
    /// The commented `mayfly.yaml` that `init` writes and that lies in `ca/`.
    var template: String {
        """
        # The configuration of this CA. What may be issued to whom is policy and lies in the policy files.
        # Paths are relative to this directory. Durations: 30s, 10m, 8h, 7d, 1w.

        # The name of this installation; stands in its CA certificates and names its audit log.
        name: \(name)

        # Where the service listens.
        listen: "\(listen)"

        # How people reach it, for the links in notifications; by default the first of `hosts` and the port of `listen`.
        \(url.map { "url: \($0)" } ?? "#url: https://ca.example.com")

        # Revocation lists (CRL, KRL), OCSP and CA certificates over plain HTTP, for servers that fetch them by themselves.
        # `url` is how they reach it: it stands in every X.509 certificate. Without it, certificates name no list.
        \(publish.map { "publish:\n  listen: \"\($0.listen)\"" + ($0.url.map { "\n  url: \($0)" } ?? "") + ($0.isSharded ? "\n  shards: true" : "") } ?? "#publish:\n#  listen: \"127.0.0.1:8080\"\n#  url: http://ca.example.com:8080")

        # The DNS names and addresses clients use for it; they stand in the server's certificate.
        hosts:
        \(hosts.map { "  - \"\($0)\"" }.joined(separator: "\n"))

        # The directory of policy files. Read again when one changes, and on SIGHUP.
        policies: \(policies)

        # Take policies from git: the directory lies in a checkout whose HEAD is signed by a key in this file
        # (ssh-keygen(1), ALLOWED SIGNERS). What is not committed and signed does not count; an older commit is refused.
        #policy_signers: policy_signers

        # Local users: names, groups, SSH public keys.
        users: \(users)

        # Identity providers: whom they may name, and what they supply. docs/identity-providers.md has all keys.
        #providers:
        #  corp:
        #    type: people
        #    issuer: https://login.example.com
        #    client_id: mayfly
        #    client_secret_file: keys/corp-client-secret
        #    domains: [example.com]
        #    groups: [sre, developers]
        #    groups_claim: groups
        #  github:
        #    type: workload
        #    issuer: https://token.actions.githubusercontent.com
        #    audience: https://ca.example.com
        #    claims: [repository, ref, environment]
        #    require: {repository_owner: example}

        # The passphrase of the private keys. Encryption helps only if this file lies elsewhere: a systemd
        # credential, another disk. Made by `init` unless it exists.
        passphrase_file: \(passphraseFile)

        # Key algorithms, used by `init` alone: ed25519, ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa-3072, rsa-4096.
        # TLS libraries that are not the newest know no Ed25519; sshd has for ten years.
        keys:
        \(CADirectory.Key.allCases.filter { $0 != .log }.map { "  \($0.rawValue): \(keys[$0]?.rawValue ?? "ed25519")" }
            .joined(separator: "\n"))

        # The longest lifetimes of this installation. No policy can exceed them.
        ceilings:
          ssh: 24h
          ssh_host: 90d
          x509: 30d
          session: 12h
          # A session nobody uses for this long is over, too.
          session_idle: 4h

        # How long a client may take to send one request.
        request_deadline: 30s

        # Who is told of access requests (docs/notifications.md). Secrets lie in files that others cannot read; try one with
        # `mayfly notify test NAME`.
        #receivers:
        #  oncall:
        #    type: slack
        #    url_file: keys/slack_url
        #  pager:
        #    type: webhook
        #    url: https://pager.example.com/hooks/mayfly
        #    secret_file: keys/pager_secret
        #    events: [access.break-glass, access.review-overdue]

        """
    }
}
