#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the key revocation lists anew with ssh-keygen (made with OpenSSH 9.2), from the keys next door and a new CA key.
# The serials are chosen so that each list has the sections it is named after.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.krl ca.pub
ssh-keygen -q -t ed25519 -N '' -C ca@example.com -f "$work/ca"
cp "$work/ca.pub" ca.pub

list() { ssh-keygen -q -k -f "$1.krl" -z 7 -s ca.pub -; }
printf 'serial: %s\n' 1 1000000 18446744073709551615 | list list
printf 'serial: 10-99\n' | list range
seq -f 'serial: %.0f' 100 2 400 | list bitmap
printf 'id: %s\n' ana@example.com/prod-web/oncall bob@example.com | list key-ids
ssh-keygen -q -k -f keys.krl ../keys/ed25519.pub ../keys/rsa-3072.pub
printf 'sha1: %s\n' "$(cat ../keys/ed25519.pub)" | ssh-keygen -q -k -f sha1.krl -
printf 'sha256: %s\n' "$(cat ../keys/ecdsa-p256.pub)" | ssh-keygen -q -k -f sha256.krl -
ssh-keygen -q -k -f any-ca.krl -s none - <<<'serial: 42'
{
    printf 'serial: %s\n' 1 7 5000-6000 18446744073709551615
    seq -f 'serial: %.0f' 10000 3 11000
    echo 'id: ana@example.com'
    printf 'key: %s\n' "$(cat ../keys/ecdsa-p384.pub)"
    printf 'sha1: %s\n' "$(cat ../keys/ed25519.pub)"
    printf 'sha256: %s\n' "$(cat ../keys/ecdsa-p256.pub)"
} | list everything
