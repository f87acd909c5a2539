// SPDX-License-Identifier: Apache-2.0

/// The browser of the person, if they have one here.
package enum Browser {
    /// Commands that open an address, to be tried in turn: those of `$BROWSER`, which colons separate, with the address in place of
    /// `%s` or at the end; else `xdg-open` where there is a display.
    package static func commands(opening url: String, environment: [String: String]) -> [[String]] {
        if let browsers = environment["BROWSER"], !browsers.isEmpty {
            return browsers.split(separator: ":").map { command in
                let words = command.split(separator: " ").map(String.init)
                return words.contains { $0.contains("%s") } ? words.map { $0.replacing("%s", with: url) } : words + [url]
            }.filter { $0.count > 1 }
        }
        let hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
        let path = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/xdg-open" }
        return hasDisplay && path.contains(where: AtomicFile.exists) ? [["xdg-open", url]] : []
    }

    /// Whether the person sits at the other end of an SSH connection, and so does the browser they would use. Who says what opens an
    /// address has one here all the same.
    package static func isElsewhere(environment: [String: String]) -> Bool {
        environment["SSH_CONNECTION"]?.isEmpty == false && environment["BROWSER"]?.isEmpty != false
    }
}
