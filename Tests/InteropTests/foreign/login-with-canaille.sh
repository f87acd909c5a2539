#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Logs a person in with canaille (PyPI), an OpenID provider on Authlib that checks PKCE, nonce and redirect address, in a
# virtual environment of its own: with ES256, RS256 and EdDSA, by the forms that a browser would fill in.
#
# Needs .build/debug/mayfly and the Debian package python3-venv.
set -euo pipefail
cd "$(dirname "$0")/../../.."
mayfly=$PWD/.build/debug/mayfly
browser=$PWD/Tests/InteropTests/foreign/canaille-browser.py

work=$(mktemp -d)
processes=()
end() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null && wait "$process" || true; done
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
export HOME=$work/home SWIFT_BACKTRACE=enable=no PYTHONWARNINGS=ignore
unset SSH_AUTH_SOCK MAYFLY_HOME
mkdir "$HOME"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'canaille[front,oidc,sqlite,server]==0.3.6'
canaille() { "$work/venv/bin/canaille" "$@"; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
redirect=$(free_port)
wait_for() {
    local tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then echo "login-with-canaille: \`$*\` never succeeded" >&2; cat "$work"/*.log >&2; exit 1; fi
        sleep 0.1
    done
}

# Keys as inline TOML tables.
keys=$(python3 - "$work/venv/bin/canaille" <<'PYTHON'
import json, subprocess, sys
keys = []
for kind in ("rsa", "ec", "okp"):
    text = subprocess.run([sys.argv[1], "jwk", "create", kind, "--format", "json"], capture_output=True, check=True, text=True).stdout
    key = json.loads(text[text.index("{"):])
    keys.append("{" + ", ".join(f"{name} = {json.dumps(value)}" for name, value in key.items()) + "}")
print("[" + ", ".join(keys) + "]")
PYTHON
)
export CANAILLE_CONFIG=$work/canaille.toml
cat >"$CANAILLE_CONFIG" <<TOML
SECRET_KEY = "$(head -c 24 /dev/urandom | base64)"
SERVER_NAME = "127.0.0.1:$port"
PREFERRED_URL_SCHEME = "http"
[CANAILLE]
DATABASE = "sql"
JAVASCRIPT = false
HTMX = false
AUTHENTICATION_FACTORS = ["password"]
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///$work/canaille.db"
PASSWORD_SCHEMES = "pbkdf2_sha512"
[CANAILLE_OIDC]
REQUIRE_NONCE = true
ACTIVE_JWKS = $keys
TOML
{
    canaille install
    canaille create user --user-name ana@example.com --password ana-password-1 --family-name A --given-name Ana --emails ana@example.com
    canaille create group --display-name sre --members ana@example.com
} >"$work/setup.log" 2>&1
providers=
for algorithm in ES256 RS256 EdDSA; do
    name=$(tr '[:upper:]' '[:lower:]' <<<"$algorithm")
    canaille create client --client-id "$name" --client-secret "secret-of-$name" --client-name mayfly \
        --client-uri http://127.0.0.1:9 --redirect-uris "http://127.0.0.1:$redirect/callback" \
        --grant-types authorization_code --response-types code --scope openid --scope profile --scope email --scope groups \
        --token-endpoint-auth-method client_secret_basic --id-token-signed-response-alg "$algorithm" >>"$work/setup.log" 2>&1
    printf 'secret-of-%s\n' "$name" >"$work/secret-$name"
    chmod 600 "$work/secret-$name"
done
# Without it `aud` would be empty.
canaille get client 2>/dev/null | python3 -c '
import json, sys
text = sys.stdin.read()
for client in json.loads(text[text.index("["):]): print(client["id"])' |
    while read -r id; do canaille set client "$id" --audience "$id" >>"$work/setup.log" 2>&1; done

"$work/venv/bin/canaille" run --bind "127.0.0.1:$port" --workers 0 >"$work/canaille.log" 2>&1 </dev/null &
processes+=($!)
wait_for curl -sf --noproxy '*' "http://127.0.0.1:$port/.well-known/openid-configuration"

ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/admin"
# A CA for each client, since no two providers may assert the same domain.
for name in es256 rs256 eddsa; do
    ca=$work/ca-$name
    mkdir "$ca"
    cat >"$ca/mayfly.yaml" <<YAML
name: Example
listen: "127.0.0.1:0"
policies: "$PWD/policies"
providers:
  canaille:
    type: people
    issuer: "http://127.0.0.1:$port"
    client_id: $name
    client_secret_file: "$work/secret-$name"
    # canaille does not say whether it has verified an e-mail address.
    domains: [example.com]
    groups: [sre]
    groups_claim: groups
    user_claim: sub
    scopes: [profile, email, groups]
    redirect_port: $redirect
YAML
    "$mayfly" init --dir "$ca" --admin root --admin-login root --admin-key "$work/admin.pub" >/dev/null 2>&1
    "$mayfly" serve --dir "$ca" 2>"$work/$name.log" &
    server=$!
    processes+=($server)
    wait_for grep -q 'mayfly: serving ' "$work/$name.log"
    login() {
        BROWSER=$work/browser MAYFLY_HOME=$work/home-$name timeout 60 "$mayfly" login \
            "$(sed -n 's/^mayfly: serving //p' "$work/$name.log")" --provider canaille \
            --fingerprint "$(sed -n 's/^mayfly: service CA //p' "$work/$name.log")"
    }
    printf '#!/bin/sh\nexec "%s" "%s" "$1" ana@example.com "%s" >>"%s" 2>&1\n' \
        "$work/venv/bin/python" "$browser" ana-password-1 "$work/browser.log" >"$work/browser"
    chmod 755 "$work/browser"
    login || { cat "$work/browser.log" "$work/canaille.log" >&2; exit 1; }
    found=$(MAYFLY_HOME=$work/home-$name "$mayfly" whoami)
    grep -q 'ana@example.com' <<<"$found" && grep -q sre <<<"$found" || { echo "$found" >&2; exit 1; }
    kill "$server"
    wait "$server" || true
    echo "login-with-canaille: $name"
done
