// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Why a CA key does not go on to its next state.
package enum CAKeyError: Error, Equatable {
    /// What is on record does not fit together.
    case damaged(CAKeyPurpose)
    case busy
    case noVault
    case alreadyPrepared(CAKeyPurpose, key: String)
    case tooMany(CAKeyPurpose)
    case nonePrepared(CAKeyPurpose)
    case unknownKey(CAKeyPurpose, key: String)
    /// Which one is meant is not said.
    case keyNeeded(CAKeyPurpose, candidates: [String])
    case wrongState(CAKeyPurpose, key: String, CAKeyState, act: CAKeyOrder.Act)
    /// Hosts that do not trust `key` yet would let nobody in, or learn of no revocation any more.
    case notAdopted(CAKeyPurpose, key: String, hosts: [String], act: CAKeyOrder.Act)
    /// Hosts whose certificate the key signed, and which cannot renew it afterwards.
    case hostsDepend(key: String, hosts: [String])
    /// What is wrong with the certificate of an issuing CA.
    case certificateUnusable(String)
    /// The root's list does not name it, so that its certificates would be accepted on.
    case notOnRootList(key: String)
    case stillUsed(CAKeyPurpose, key: String, until: Date)
}

extension CAKeyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let purpose): "the keys on record for `\(purpose.rawValue)` do not fit together"
        case .busy: "another change of the CA keys is under way"
        case .noVault: "this server keeps no CA keys that could be rotated"
        case .alreadyPrepared(let purpose, let key): "`\(key)` is prepared for `\(purpose.rawValue)` already"
        case .tooMany(let purpose): "there are \(Self.mostPublished) published keys for `\(purpose.rawValue)` already"
        case .nonePrepared(let purpose): "no key is prepared for `\(purpose.rawValue)`"
        case .unknownKey(let purpose, let key): "`\(key)` is not a key of `\(purpose.rawValue)`"
        case .keyNeeded(let purpose, let candidates):
            candidates.isEmpty
                ? "no key of `\(purpose.rawValue)` is in a state for this"
                : "it could be each of these keys: \(candidates.joined(separator: ", "))"
        case .wrongState(let purpose, let key, let state, let act):
            "`\(key)` of `\(purpose.rawValue)` is \(state.rawValue), so it cannot be \(act.participle)"
        case .notAdopted(_, let key, let hosts, let act):
            "\(Self.counted(hosts)) not reported that sshd there trusts `\(key)`, so nothing is \(act.participle): "
                + Self.listed(hosts)
        case .hostsDepend(let key, let hosts):
            "\(Self.counted(hosts)) a certificate of `\(key)` installed and could not renew it: \(Self.listed(hosts))"
        case .certificateUnusable(let reason): "the certificate of the issuing CA cannot be used: \(reason)"
        case .notOnRootList(let key): "the root's revocation list does not name the issuing CA `\(key)`"
        case .stillUsed(_, let key, let until):
            "the last certificate of `\(key)` ends at \(until.formatted(.iso8601)); until then it would be refused"
        }
    }

    package var hint: String? {
        switch self {
        case .damaged: "restore the database from a backup"
        case .busy: "try again, and look at `mayfly ca status`"
        case .noVault: nil
        case .alreadyPrepared(let purpose, let key):
            "activate it with `mayfly ca rotate \(purpose.rawValue) activate`, or give it up with "
                + "`mayfly ca rotate \(purpose.rawValue) revoke --key \(key)`"
        case .tooMany: "retire those whose certificates have ended; `mayfly ca status` lists them"
        case .nonePrepared(let purpose): "prepare one with `mayfly ca rotate \(purpose.rawValue) prepare`"
        case .unknownKey: "`mayfly ca status` lists them"
        case .keyNeeded: "name it with `--key`; `mayfly ca status` lists them"
        case .wrongState(let purpose, _, .active, _):
            "prepare and activate another key first: `mayfly ca rotate \(purpose.rawValue) prepare`"
        case .wrongState: "`mayfly ca status` says what comes next"
        case .notAdopted:
            "wait until `mayfly host sync` ran there, or remove hosts that are gone with `mayfly host remove`; whoever may do "
                + "this may also say `--force` and lock them out"
        case .hostsDepend:
            "wait until they have renewed; whoever may do this may also say `--force`, and enrol them again"
        case .certificateUnusable:
            "`mayfly ca request` makes a key for it, and whoever has the root key signs it with `mayfly ca sign`"
        case .notOnRootList:
            "whoever has the root key makes one that does: `mayfly ca crl --revoke CERTIFICATE`, into `public/root.crl` of the server"
        case .stillUsed: "wait until then; whoever may do this may also say `--force`"
        }
    }

    /// Half of what a host takes (`TrustedAuthorities`), so that nobody has to count.
    static let mostPublished = 8

    private static func counted(_ hosts: [String]) -> String { hosts.count == 1 ? "1 host has" : "\(hosts.count) hosts have" }

    private static func listed(_ hosts: [String]) -> String {
        let shown = hosts.prefix(10).joined(separator: ", ")
        return hosts.count > 10 ? shown + " and \(hosts.count - 10) more" : shown
    }
}
