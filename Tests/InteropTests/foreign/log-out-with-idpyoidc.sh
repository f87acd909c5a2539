#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Has idpyoidc (PyPI), the OpenID provider of Identity Python, end a login: who logs out there has no session here any more, by its
# back-channel logout, and whoever logged in otherwise keeps theirs.
#
# Needs .build/debug/mayfly and the Debian packages curl and python3-venv.
set -euo pipefail
cd "$(dirname "$0")/../../.."
mayfly=$PWD/.build/debug/mayfly

work=$(mktemp -d)
processes=()
end() {
    [ $? -eq 0 ] || tail -n 20 "$work"/*.log >&2 || true
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null && wait "$process" || true; done
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
export HOME=$work/home SWIFT_BACKTRACE=enable=no PYTHONWARNINGS=ignore
unset SSH_AUTH_SOCK MAYFLY_HOME
mkdir "$HOME" "$work/provider"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'idpyoidc==5.0.0'

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() {
    local tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then echo "log-out-with-idpyoidc: \`$*\` never succeeded" >&2; exit 1; fi
        sleep 0.1
    done
}
port=$(free_port)
ca_port=$(free_port)
redirect=$(free_port)

ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/admin"
# Letters and digits, for it does not undo what RFC 6749 §2.3.1 does to others.
od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$work/secret"
chmod 600 "$work/secret"
mkdir "$work/ca"
cat >"$work/ca/mayfly.yaml" <<YAML
name: Example
listen: "127.0.0.1:$ca_port"
hosts: [localhost]
policies: "$PWD/policies"
providers:
  idpyoidc:
    type: people
    issuer: "http://127.0.0.1:$port"
    client_id: mayfly
    client_secret_file: "$work/secret"
    domains: [example.com]
    redirect_port: $redirect
YAML
"$mayfly" init --dir "$work/ca" --admin root --admin-login root --admin-key "$work/admin.pub" >/dev/null 2>&1
(
    cd "$work/provider"
    exec "$work/venv/bin/python" "$OLDPWD/Tests/InteropTests/foreign/idpyoidc-provider.py" "$port" "$(cat "$work/secret")" \
        "http://127.0.0.1:$redirect/callback" "https://localhost:$ca_port/v1/login/logouts" "$work/ca/public/service.pem"
) >"$work/provider.log" 2>&1 </dev/null &
processes+=($!)
wait_for curl -q -sf --noproxy '*' "http://127.0.0.1:$port/.well-known/openid-configuration"
"$mayfly" serve --dir "$work/ca" 2>"$work/mayfly.log" &
processes+=($!)
wait_for grep -q 'mayfly: serving ' "$work/mayfly.log"
fingerprint=$(sed -n 's/^mayfly: service CA //p' "$work/mayfly.log")

# A browser with cookies: HOME ADDRESS
cat >"$work/browse" <<'SH'
#!/bin/bash
set -euo pipefail
cookies=$1.cookies
fetch() { curl -q -s --noproxy '*' --max-time 20 --cookie "$cookies" --cookie-jar "$cookies" "$@"; }
page=$(fetch --location "$2")
token=$(sed -n 's/.*name=token value=\([^>]*\)>.*/\1/p' <<<"$page")
[ -n "$token" ] || exit 0
fetch --location --output /dev/null "${2%%/authorization*}/verify/user" --data username=ana --data password=ana-password-1 \
    --data "token=$token"
SH
chmod 755 "$work/browse"
log_in() {
    printf '#!/bin/sh\nexec "%s" "%s" "$1" >>"%s" 2>&1\n' "$work/browse" "$work/$1" "$work/browser.log" >"$work/browser-$1"
    chmod 755 "$work/browser-$1"
    BROWSER=$work/browser-$1 MAYFLY_HOME=$work/$1 timeout 60 "$mayfly" login "https://localhost:$ca_port" \
        --provider idpyoidc --fingerprint "$fingerprint"
}
whoami() { MAYFLY_HOME=$work/$1 "$mayfly" whoami; }

log_in laptop
log_in desk
whoami laptop | grep -q ana@example.com
"$work/browse" "$work/laptop" "http://127.0.0.1:$port/session"
if found=$(whoami laptop 2>&1); then echo "log-out-with-idpyoidc: still logged in: $found" >&2; exit 1; fi
grep -q 'the session was ended' <<<"$found"
whoami desk | grep -q ana@example.com
MAYFLY_HOME=$work/admin-home "$mayfly" login "https://localhost:$ca_port" --user root --ssh-key "$work/admin" \
    --fingerprint "$fingerprint" >/dev/null
MAYFLY_HOME=$work/admin-home "$mayfly" audit tail | grep 'end  idpyoidc' | grep -q 'the identity provider ended the login'
echo "log-out-with-idpyoidc: ended"
