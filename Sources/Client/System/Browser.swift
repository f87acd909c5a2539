// SPDX-License-Identifier: Apache-2.0

/// The browser of the person, if they have one here.
package enum Browser {
    /// What opens an address: `$BROWSER`, else `xdg-open` where there is a display.
    package static func opener(environment: [String: String]) -> String? {
        if let browser = environment["BROWSER"], !browser.isEmpty { return browser }
        let hasDisplay = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
        let path = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/xdg-open" }
        return hasDisplay && path.contains(where: AtomicFile.exists) ? "xdg-open" : nil
    }

    /// Whether the person sits at the other end of an SSH connection, and so does the browser they would use. Who says what opens an
    /// address has one here all the same.
    package static func isElsewhere(environment: [String: String]) -> Bool {
        environment["SSH_CONNECTION"]?.isEmpty == false && environment["BROWSER"]?.isEmpty != false
    }
}
