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
}
