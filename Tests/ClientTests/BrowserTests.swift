// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Client

struct BrowserTests {
    private static let url = "https://idp.example.com/?a=%20b&c=%s"

    @Test(arguments: [
        ("firefox", [["firefox", url]]),
        ("/opt/browser --new-tab", [["/opt/browser", "--new-tab", url]]),
        ("w3m:firefox --to=%s --from %s:", [["w3m", url], ["firefox", "--to=" + url, "--from", url]]),
        (":", []), (" : ", []), ("%s", []),
    ])
    func `what opens an address is a list of commands`(_ variable: String, _ commands: [[String]]) {
        #expect(
            Browser.commands(opening: Self.url, environment: ["BROWSER": variable, "DISPLAY": ":0", "PATH": "/"]) == commands)
    }

    @Test func `without a display there is none`() {
        #expect(Browser.commands(opening: Self.url, environment: ["BROWSER": "", "PATH": "/usr/bin"]).isEmpty)
    }
}
