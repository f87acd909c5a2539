#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Holds every X.509 certificate of a directory, as .ci/interop-all makes it, against pkilint (PyPI), in a virtual
# environment that is deleted afterwards. Exit status 0: no finding of severity ERROR or above.
set -euo pipefail
directory=$(readlink -f "$1")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pkilint==0.13.3

count=0 failed=0
for file in "$directory"/*/root.pem "$directory"/*/issuing.pem "$directory"/*/service.pem "$directory"/*/*/cert.pem; do
    count=$((count + 1))
    # The exit status is the number of findings; the document says which. pkilint knows no URI of scheme `spiffe` or `urn` as
    # valid: pkix.invalid_uri_syntax says nothing here.
    "$work/venv/bin/lint_pkix_cert" lint -s WARNING -f JSON "$file" >"$work/findings.json" || true
    if ! python3 - "$file" "$work/findings.json" <<'PYTHON'
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
    then failed=1; fi
done
echo "verify-with-pkilint: $count certificates"
exit "$failed"
