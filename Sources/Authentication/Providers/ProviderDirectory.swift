// SPDX-License-Identifier: Apache-2.0

package import OpenIDConnect
import Policies

/// The identity providers of this installation.
package struct ProviderDirectory: Sendable {
    package struct Entry: Sendable {
        package let declaration: ProviderDeclaration
        package let provider: OpenIDProvider

        package init(declaration: ProviderDeclaration, provider: OpenIDProvider) {
            self.declaration = declaration
            self.provider = provider
        }
    }

    /// In the order of the configuration.
    package let entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    package subscript(name: String) -> Entry? { entries.first { $0.declaration.name == name } }

    func stillVouches(for identity: Identity) -> Bool {
        self[identity.provider]?.declaration.stillVouches(for: identity) ?? false
    }
}
