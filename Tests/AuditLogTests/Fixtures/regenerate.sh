#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes log.pub and checkpoint.txt with openssl and coreutils alone, so that the reader is judged by bytes it did not write.
# The golden files events.jsonl and summaries.txt come from: UPDATE_GOLDEN=1 swift test --filter AuditLogTests
set -eu
cd "$(dirname "$0")"
name=log.example.com/mayfly
size=8
# The root over the eight leaves that Certificate Transparency implementations share, 5dc9da79…f4604328.
root=XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

openssl genpkey -algorithm ed25519 -out "$work/key.pem"
openssl pkey -in "$work/key.pem" -pubout -outform DER | tail -c 32 >"$work/public"
{ printf '%s\n\001' "$name"; cat "$work/public"; } | openssl dgst -sha256 -binary | head -c 4 >"$work/id"
hexadecimal=$(od -An -tx1 "$work/id" | tr -d ' \n')
printf '%s+%s+%s\n' "$name" "$hexadecimal" "$({ printf '\001'; cat "$work/public"; } | base64 -w0)" >log.pub

printf '%s\n%s\n%s\n' "$name" "$size" "$root" >"$work/body"
openssl pkeyutl -sign -rawin -inkey "$work/key.pem" -in "$work/body" -out "$work/signature"
{
    cat "$work/body"
    printf '\n\342\200\224 %s %s\n' "$name" "$(cat "$work/id" "$work/signature" | base64 -w0)"
} >checkpoint.txt
