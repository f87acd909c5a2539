// SPDX-License-Identifier: Apache-2.0

/// Policies of the tests: each role is for the administrator and differs from the others in one thing.
enum TestPolicy {
    static let ssh = """
        version: 1
        zones:
          lab: {hosts: [localhost, "*.lab.example.com"]}
          far: {hosts: ["*.far.example.com"]}
        roles:
          shell:
            ssh: {logins: ["{user.login}"], zones: [lab], extensions: [pty, port-forwarding]}
          bare:
            ssh: {logins: ["{user.login}"], zones: [lab]}
          far:
            ssh: {logins: ["{user.login}"], zones: [far]}
          other-login:
            ssh: {logins: [deploy], zones: [lab]}
          plain:
            ssh: {principals: [ops]}
          forced:
            ssh: {logins: ["{user.login}"], zones: [lab], force_command: "echo forced, not $SSH_ORIGINAL_COMMAND"}
          from-here:
            ssh: {logins: ["{user.login}"], zones: [lab], source_address: [192.0.2.0/24, 127.0.0.0/8, "::1/128"]}
          from-elsewhere:
            ssh: {logins: ["{user.login}"], zones: [lab], source_address: [192.0.2.0/24]}
          from-requester:
            ssh: {logins: ["{user.login}"], zones: [lab], source_address: requester}
          token:
            ssh: {logins: ["{user.login}"], zones: [lab], verify_required: true}
          host:
            ssh_host: {zones: [lab]}
        allow:
          - id: admins-do-all
            who: {groups: [admins]}
            roles: [shell, bare, far, other-login, plain, forced, from-here, from-elsewhere, from-requester, token, host]
            lifetime: {default: 15m, max: 8h}
        """

    static let x509 = """
        version: 1
        roles:
          client:
            x509: {usage: [client], common_name: "{user.login}", uris: ["spiffe://example.com/people/{user.login}"]}
          administrator-name:
            x509: {usage: [client], common_name: ada@example.com}
          server:
            x509: {usage: [server], dns: [localhost, "*.lab.example.com"], ips: ["127.0.0.1", "::1"]}
          both:
            x509: {usage: [client, server], common_name: both.lab.example.com, dns: [both.lab.example.com, localhost]}
          operator:
            capabilities: [audit.read, policies.reload]
          named:
            x509: {usage: [client], dns: [app.example.com], emails: [ada@example.com], ips: ["192.0.2.7"], uris: ["urn:example:app"]}
        allow:
          - id: admins-do-all
            who: {groups: [admins]}
            roles: [client, administrator-name, server, both, named, operator]
            lifetime: {default: 15m, max: 8h}
        """
}
