// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// How a provider was when it was asked last.
package struct ProviderCondition: Sendable, Equatable {
    package let checkedAt: Date
    /// Nil while it is well.
    package let trouble: Trouble?

    package struct Trouble: Sendable, Equatable {
        package let error: ProviderError
        /// Of the first failure after which nothing succeeded.
        package let since: Date
    }
}
