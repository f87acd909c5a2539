// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Keys

/// The rule itself, since a test cannot give files away unless it runs as root.
struct PrivateFileTests {
    struct Sample: Sendable {
        var mode: UInt32 = 0o600
        var owner: UInt32 = 1000
        var group: UInt32 = 1000
        var error: KeyError?
    }

    @Test(arguments: [
        Sample(), Sample(mode: 0o400), Sample(mode: 0o700), Sample(owner: 0), Sample(mode: 0o400, owner: 0, group: 0),
        // systemd's credentials
        Sample(mode: 0o440, owner: 0, group: 0),
        Sample(mode: 0o440, owner: 1000, group: 0, error: .tooOpen(path: "f", mode: 0o440)),
        Sample(mode: 0o440, owner: 0, group: 4, error: .tooOpen(path: "f", mode: 0o440)),
        Sample(mode: 0o640, owner: 0, group: 0, error: .tooOpen(path: "f", mode: 0o640)),
        Sample(mode: 0o444, owner: 0, group: 0, error: .tooOpen(path: "f", mode: 0o444)),
        Sample(mode: 0o644, error: .tooOpen(path: "f", mode: 0o644)),
        Sample(mode: 0o601, error: .tooOpen(path: "f", mode: 0o601)),
        Sample(owner: 1001, error: .foreignOwner(path: "f", uid: 1001)),
    ])
    func `only the owner and root may be able to use a file`(_ sample: Sample) {
        var error: KeyError?
        do throws(KeyError) {
            try PrivateFile.refuseUnlessPrivate(
                "f", mode: sample.mode, owner: sample.owner, group: sample.group, effectiveUser: 1000)
        } catch let refusal {
            error = refusal
        }
        #expect(error == sample.error)
    }

    @Test func `root does not trust another user's file`() {
        #expect(throws: KeyError.foreignOwner(path: "f", uid: 1000)) {
            try PrivateFile.refuseUnlessPrivate("f", mode: 0o600, owner: 1000, group: 1000, effectiveUser: 0)
        }
    }

    @Test func `a refusal says what, why and what to do`() {
        #expect(
            KeyError.tooOpen(path: "ca/keys/issuing.pem", mode: 0o644).description
                == "`ca/keys/issuing.pem` can be used by others (mode 0644); hint: chmod 600 ca/keys/issuing.pem")
        #expect(
            KeyError.system(path: "a", operation: "create", errno: 2).description
                == "cannot create `a`: no such file or directory")
    }
}
