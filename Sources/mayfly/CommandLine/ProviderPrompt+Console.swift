// SPDX-License-Identifier: Apache-2.0

import Client
import Glibc
import ServiceAPI

extension ProviderPrompt {
    /// Tells the person on standard error where to go; opens a browser where there is one.
    static func console(_ environment: [String: String]) -> ProviderPrompt {
        let hasOpener = !Browser.commands(opening: "", environment: environment).isEmpty
        let isElsewhere = Browser.isElsewhere(environment: environment)
        return ProviderPrompt(
            hasBrowser: hasOpener && !isElsewhere,
            open: { url, port in
                Console.note("log in at \(url)")
                if isElsewhere {
                    // It comes back to 127.0.0.1 of whatever machine it runs on.
                    Console.note(
                        "a browser on another machine comes back through `ssh -L \(port):127.0.0.1:\(port)` to this one")
                }
                for command in Browser.commands(opening: url, environment: environment) {
                    if (try? ChildProgram.start(command[0], Array(command.dropFirst()))) != nil { return }
                }
                if hasOpener { Console.note("no browser starts; open the address yourself") }
            },
            show: { device in
                let address = device.verificationURIComplete ?? device.verificationURI
                if isatty(STDERR_FILENO) == 1, let code = QRCode(address) { Console.draw(code.terminalText) }
                Console.note("on a device with a browser, open \(device.verificationURI)")
                Console.note("and type the code \(device.userCode)")
                Console.note("type no code that somebody else gave you: whoever began the login gets the session")
            },
            wait: { Console.progress("the login waits for you", left: $0) })
    }
}
