#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Holds every X.509 certificate, revocation list and OCSP answer of a directory, as .ci/interop-all makes it, against pkilint
# (PyPI), in a virtual environment that is deleted afterwards. Exit status 0: no finding of severity ERROR or above.
set -euo pipefail
directory=$(readlink -f "$1")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pkilint==0.13.3

count=0 failed=0
# The exit status of pkilint is the number of findings; the document says which. It knows no URI of scheme `spiffe` or `urn` as
# valid: pkix.invalid_uri_syntax says nothing here.
lint() {
    local file=$1
    shift
    count=$((count + 1))
    "$work/venv/bin/$1" lint -s WARNING -f JSON "${@:2}" "$file" >"$work/findings.json" || true
    python3 - "$file" "$work/findings.json" <<'PYTHON' || failed=1
import json, sys

known = {"pkix.invalid_uri_syntax"}
findings = [
    (found["severity"], found["code"], found.get("message") or "")
    for result in json.load(open(sys.argv[2]))["results"]
    for found in result["finding_descriptions"]
    if found["code"] not in known
]
for finding in findings:
    print(sys.argv[1], *finding)
sys.exit(any(severity in ("ERROR", "FATAL") for severity, _, _ in findings))
PYTHON
}

for file in "$directory"/*/root.pem "$directory"/*/issuing.pem "$directory"/*/service.pem "$directory"/*/*/cert.pem; do
    lint "$file" lint_pkix_cert
done
for file in "$directory"/*/lists/*.crl; do
    type=CRL
    [ "${file##*/}" != root.crl ] || type=ARL
    lint "$file" lint_crl -t $type -p PKIX
done
for file in "$directory"/*/lists/*.ocsp; do lint "$file" lint_ocsp_response; done
echo "verify-with-pkilint: $count certificates, lists and answers"
exit "$failed"
