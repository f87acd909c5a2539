#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Logs a person in with canaille (PyPI), an OpenID provider on Authlib that checks PKCE, nonce and redirect address, in a
# virtual environment of its own: with ES256, RS256 and EdDSA, in a Chromium that nobody sees. Then with refresh tokens:
# a session goes on while canaille says so, its token is revoked at logout, and it ends when the person is locked or removed there.
#
# canaille has no back-channel logout.
#
# Needs .build/debug/mayfly and the Debian packages python3-venv, chromium and chromium-driver.
set -euo pipefail
cd "$(dirname "$0")/../../.."
mayfly=$PWD/.build/debug/mayfly
browser=$PWD/Tests/InteropTests/foreign/canaille-browser.py

work=$(mktemp -d)
processes=()
end() {
    [ $? -eq 0 ] || tail -n 5 "$work/setup.log" >&2 || true
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
# People are asked whether they agree: no client is ours.
TRUSTED_DOMAINS = ["elsewhere.example"]
ACTIVE_JWKS = $keys
TOML
{
    canaille install
    canaille create user --user-name ana@example.com --password ana-password-1 --family-name A --given-name Ana --emails ana@example.com
    canaille create group --display-name sre --members ana@example.com
} >"$work/setup.log" 2>&1
client() { # ID ALGORITHM GRANT…
    local id=$1 algorithm=$2 grant options=()
    shift 2
    for grant in "$@"; do options+=(--grant-types "$grant"); done
    canaille create client --client-id "$id" --client-secret "secret-of-$id" --client-name mayfly \
        --client-uri http://127.0.0.1:9 --redirect-uris "http://127.0.0.1:$redirect/callback" \
        "${options[@]}" --response-types code --scope openid --scope profile --scope email --scope groups \
        --token-endpoint-auth-method client_secret_basic --id-token-signed-response-alg "$algorithm" >>"$work/setup.log" 2>&1
    printf 'secret-of-%s\n' "$id" >"$work/secret-$id"
    chmod 600 "$work/secret-$id"
}
for algorithm in ES256 RS256 EdDSA; do
    client "$(tr '[:upper:]' '[:lower:]' <<<"$algorithm")" "$algorithm" authorization_code
done
client refresh ES256 authorization_code refresh_token
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
printf '#!/bin/sh\nexec python3 -u "%s" "$1" ana@example.com "%s" >>"%s" 2>&1\n' \
    "$browser" ana-password-1 "$work/browser.log" >"$work/browser"
chmod 755 "$work/browser"

# A CA for each client, since no two providers may assert the same domain.
start() { # CLIENT, and more lines of the provider
    name=$1
    local ca=$work/ca-$name
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
$2
YAML
    "$mayfly" init --dir "$ca" --admin root --admin-login root --admin-key "$work/admin.pub" >/dev/null 2>&1
    "$mayfly" serve --dir "$ca" 2>"$work/$name.log" &
    server=$!
    processes+=($server)
    wait_for grep -q 'mayfly: serving ' "$work/$name.log"
}
stop() { kill "$server"; wait "$server" || true; }
log_in() { # HOME OPTION…
    local home=$1
    shift
    BROWSER=$work/browser MAYFLY_HOME=$work/home-$home timeout 60 "$mayfly" login \
        "$(sed -n 's/^mayfly: serving //p' "$work/$name.log")" "$@" \
        --fingerprint "$(sed -n 's/^mayfly: service CA //p' "$work/$name.log")"
}
ana() { MAYFLY_HOME=$work/home-$name "$mayfly" "$@"; }
is_ana() {
    local found
    found=$(ana whoami) && grep -q 'ana@example.com' <<<"$found" && grep -q sre <<<"$found" || { echo "$found" >&2; return 1; }
}
log_in_as_ana() {
    log_in "$name" --provider canaille || { cat "$work/browser.log" "$work/canaille.log" >&2; exit 1; }
    is_ana
}

agreed=0
for client in es256 rs256 eddsa; do
    start $client ""
    log_in_as_ana
    stop
    # Each client is one that the person has not agreed to before.
    [ "$(grep -c '^consent at ' "$work/browser.log")" = $((++agreed)) ] || { cat "$work/browser.log" >&2; exit 1; }
    echo "login-with-canaille: $client"
done

# With refresh tokens, each good for one use. canaille gives no ID token with them, so userinfo says who the person is.
start refresh "    userinfo: asked
    refresh: 1s
    refresh_grace: 5m"
log_in admin --user root --ssh-key "$work/admin" >/dev/null
# Refresh tokens of which canaille says: WHERE
tokens() { python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM token WHERE refresh_token IS NOT NULL AND " + sys.argv[2]).fetchone()[0])' \
    "$work/canaille.db" "$1"; }
none_is_good() { [ "$(tokens "revokation_date IS NULL")" = 0 ]; }
at_least() { [ "$(tokens "$1")" -ge "$2" ]; }
is_over() { ! ana whoami; }
ended_because() {
    wait_for is_over
    MAYFLY_HOME=$work/home-admin "$mayfly" audit tail | grep 'end  canaille' | tail -n 1 | grep -q "$1" || {
        MAYFLY_HOME=$work/home-admin "$mayfly" audit tail >&2
        exit 1
    }
    echo "login-with-canaille: ended: $1"
}
user() { canaille get user 2>/dev/null | python3 -c 'import json, sys
text = sys.stdin.read()
print(next(user["id"] for user in json.loads(text[text.index("["):]) if user["user_name"] == "ana@example.com"))'; }

log_in_as_ana
wait_for at_least "revokation_date IS NOT NULL" 3
is_ana
echo "login-with-canaille: asked again"
ana logout
wait_for none_is_good
echo "login-with-canaille: revoked"

log_in_as_ana
canaille set user "$(user)" --lock-date 2020-01-01T00:00:00+00:00 >>"$work/setup.log" 2>&1
ended_because 'refused to renew the login: `invalid_request`'
canaille set user "$(user)" --lock-date 2999-01-01T00:00:00+00:00 >>"$work/setup.log" 2>&1

log_in_as_ana
canaille delete user --user-name ana@example.com --noconfirm >>"$work/setup.log" 2>&1
ended_because 'refused to renew the login: `invalid'
stop
