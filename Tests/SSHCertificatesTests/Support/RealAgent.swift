// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SSHCertificates

/// A real ssh-agent of one's own, alive for one exchange of messages.
enum RealAgent {
    /// Sends all messages, one after another, through perl, which every Debian has.
    private static let relay = """
        use IO::Socket::UNIX;
        my $agent = IO::Socket::UNIX->new(Peer => $ENV{SSH_AUTH_SOCK}) or die;
        binmode STDIN; binmode STDOUT;
        while (read(STDIN, my $length, 4) == 4) {
            read(STDIN, my $request, unpack("N", $length));
            syswrite $agent, $length . $request;
            read($agent, $length, 4) == 4 or die;
            read($agent, my $reply, unpack("N", $length));
            print $length . $reply;
        }
        """

    /// The bodies of all replies, and what `ssh-add -L` lists in between.
    static func exchange(beforeListing: [[UInt8]], afterListing: [[UInt8]]) throws -> (replies: [[UInt8]], listing: String) {
        try withTemporaryDirectory { directory in
            try directory.write(relay, to: "relay")
            try directory.write(Array(beforeListing.joined()), to: "first")
            try directory.write(Array(afterListing.joined()), to: "second")
            // KILL, because Process starts children with all other signals blocked when a Dispatch thread calls it.
            let script = """
                perl relay < first > replies && ssh-add -L && perl relay < second >> replies
                status=$?; kill -KILL $SSH_AGENT_PID; exit $status
                """
            let listing = try ForeignProgram.sshAgent.text(
                ["-a", directory.appending(path: "agent").path, "sh", "-c", script], in: directory)
            var replies: [[UInt8]] = []
            var rest = [UInt8](try Data(contentsOf: directory.appending(path: "replies")))[...]
            while !rest.isEmpty {
                let length = try SSHAgentReply.bodyLength(header: Array(rest.prefix(SSHAgentReply.lengthBytes)))
                rest = rest.dropFirst(SSHAgentReply.lengthBytes)
                replies.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            return (replies, listing)
        }
    }
}
