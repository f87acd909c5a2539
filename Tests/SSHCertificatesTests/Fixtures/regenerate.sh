#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the fixtures anew with ssh-keygen (made with OpenSSH 9.2). Private keys stay in a temporary directory.
# The sk- keys are built from the points of ordinary keys: nothing in these tests needs a token.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
rm -rf "$here"/{keys,refused-keys,certificates,refused-certificates,signatures}
mkdir -p keys refused-keys certificates refused-certificates signatures

generate() { ssh-keygen -q -N '' -C "$1@example.com" -f "$1" "${@:2}"; }
generate ed25519 -t ed25519
generate ecdsa-p256 -t ecdsa -b 256
generate ecdsa-p384 -t ecdsa -b 384
generate ecdsa-p521 -t ecdsa -b 521
generate rsa-3072 -t rsa -b 3072
generate rsa-2048 -t rsa -b 2048
generate dsa -t dsa
for ca in ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521; do
    case $ca in ed25519) generate ca-$ca -t ed25519 ;; *) generate ca-$ca -t ecdsa -b "${ca#ecdsa-p}" ;; esac
done
generate ca-rsa-3072 -t rsa -b 3072
generate ca-rsa-2048 -t rsa -b 2048

# The blob of an sk- key: the fields of the plain key under another name, then the application (PROTOCOL.u2f).
string() { printf '%08x' "$(printf %s "$1" | wc -c)" | xxd -r -p; printf %s "$1"; }
security_key() { # plain key, plain type, sk type
    { string "$3"; awk '{print $2}' "$1.pub" | base64 -d | tail -c +$((4 + ${#2} + 1)); string ssh:; } > blob
    echo "$3 $(base64 -w0 blob) sk-$1@example.com" > "sk-$1.pub"
}
generate ed25519-2 -t ed25519 && generate ecdsa-p256-2 -t ecdsa -b 256
mv ed25519-2.pub plain.pub && security_key plain ssh-ed25519 sk-ssh-ed25519@openssh.com && mv sk-plain.pub sk-ed25519.pub
mv ecdsa-p256-2.pub plain.pub && security_key plain ecdsa-sha2-nistp256 sk-ecdsa-sha2-nistp256@openssh.com && mv sk-plain.pub sk-ecdsa-p256.pub

subjects='ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-3072 sk-ed25519 sk-ecdsa-p256'
for key in $subjects; do cp "$key.pub" keys/; done
cp rsa-2048.pub dsa.pub refused-keys/

valid='20260101000000Z:20260101010000Z'
certify() { # file, CA, subject, ssh-keygen options
    cp "$3.pub" subject.pub
    ssh-keygen -q -s "ca-$2" -V "$valid" "${@:4}" subject.pub
    mv subject-cert.pub "$1.pub"
}
user() { certify "$1" "$2" "$3" -I ana@example.com/prod-web/oncall -n deploy@host:web1.example.com,deploy@zone:prod-web -z 7 "${@:4}"; }
# Every subject, every option that fits it.
for key in $subjects; do
    verify=(); case $key in sk-*) verify=(-O verify-required -O no-touch-required) ;; esac
    user "certificates/user-$key" ed25519 "$key" -O clear -O permit-pty -O permit-agent-forwarding \
        -O force-command='systemctl status "web server"' -O source-address=10.0.0.0/8,192.0.2.7,2001:db8::/32 "${verify[@]}"
    certify "certificates/host-$key" ecdsa-p256 "$key" -h -I web1 -n 192.0.2.7,2001:db8::7,web1.prod.example.com -z 8
done
# Every CA key, with the extensions ssh-keygen gives by default.
for ca in ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521; do user "certificates/ca-$ca" $ca ed25519; done
user certificates/ca-rsa-sha512 rsa-3072 ed25519 -t rsa-sha2-512
user certificates/ca-rsa-sha256 rsa-3072 ed25519 -t rsa-sha2-256
user certificates/unknown-extension ed25519 ed25519 -O extension:ticket@example.com=INC-1

# Certificates that OpenSSH makes and this CA does not.
user refused-certificates/serial-zero ed25519 ed25519 -z 0
user refused-certificates/unknown-critical-option ed25519 ed25519 -O critical:only-on-monday@example.com=1
user refused-certificates/unordered-principals ed25519 ed25519 -n root,deploy
user refused-certificates/verify-required-on-plain-key ed25519 ed25519 -O verify-required
user refused-certificates/weak-ca rsa-2048 ed25519
user refused-certificates/weak-key ed25519 rsa-2048
certify refused-certificates/no-principals ed25519 ed25519 -I nobody -z 9
certify refused-certificates/host-with-wildcard ed25519 ed25519 -h -I web -z 9 -n '*.example.com'
valid=always:forever
user refused-certificates/endless ed25519 ed25519

printf 'log me in\n' > message
for key in ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-3072; do
    ssh-keygen -q -Y sign -n login@example.com -f $key - < message > signatures/$key-sha512.sig
    ssh-keygen -q -Y sign -n login@example.com -O hashalg=sha256 -f $key - < message > signatures/$key-sha256.sig
done
cp message signatures/

cp -r keys refused-keys certificates refused-certificates signatures "$here"
