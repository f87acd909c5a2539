#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Holds every certificate of a directory, as .ci/interop-all makes it, against Go's verifiers (Debian: golang-go
# golang-golang-x-crypto-dev). Exit status 0: all accepted.
set -euo pipefail
directory=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Debian's packages of Go libraries, and no network.
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/cache GOFLAGS=
go build -o "$work/verify" "$here/verify.go"

failed=0 count=0
while read -r kind authority certificate arguments; do
    count=$((count + 1))
    # shellcheck disable=SC2086 # words
    if ! "$work/verify" "$kind" "$directory/$authority" "$directory/$certificate" $arguments; then
        echo "verify-with-go: refused: $kind $certificate $arguments" >&2
        failed=1
    fi
done <"$directory/certificates"
echo "verify-with-go: $count checks"
[ "$count" -gt 0 ] && exit "$failed"
