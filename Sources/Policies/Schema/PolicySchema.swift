// SPDX-License-Identifier: Apache-2.0

/// The JSON Schema (2020-12) of a policy file, `policy.schema.json` beside this file, embedded at build time: editors
/// complete and check with it. It knows the form of a file; what a name refers to is known to `PolicySet.load` alone.
package enum PolicySchema {
    package static var text: String { String(decoding: PackageResources.policy_schema_json, as: UTF8.self) }
}
