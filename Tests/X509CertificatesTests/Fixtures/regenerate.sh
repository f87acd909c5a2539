#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the signing requests anew with openssl (made with OpenSSL 3.0). Private keys stay in a temporary directory.
# Requests that openssl would not make, such as those with malformed names, are built by the tests themselves.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
rm -rf "$here"/{requests,refused-requests}
mkdir requests refused-requests

key() { openssl genpkey -quiet "${@:2}" -out "$1.key" 2>/dev/null || openssl genpkey "${@:2}" -out "$1.key" 2>/dev/null; }
request() { # directory/name, key, further arguments
    openssl req -new -key "$2.key" -subj "/CN=$(basename "$1")" "${@:3}" -out "$1.pem"
}
curve() { key "$1" -algorithm EC -pkeyopt "ec_paramgen_curve:$2" "${@:3}"; }

key ed25519 -algorithm ED25519
curve ecdsa-p256 P-256
curve ecdsa-p384 P-384
curve ecdsa-p521 P-521
for bits in 3072 4096 8192; do key rsa-$bits -algorithm RSA -pkeyopt rsa_keygen_bits:$bits; done
for name in ed25519 ecdsa-p256 ecdsa-p384 ecdsa-p521 rsa-3072 rsa-4096 rsa-8192; do request requests/$name $name; done
request requests/ecdsa-p256-sha512 ecdsa-p256 -sha512
request requests/rsa-3072-sha384 rsa-3072 -sha384
request requests/new-label ecdsa-p256 -newhdr
request requests/all-names ecdsa-p256 \
    -addext 'subjectAltName=DNS:web1.example.com,DNS:xn--bcher-kva.example,IP:10.1.2.3,IP:2001:db8::1,email:Ana.B@example.com,URI:spiffe://example.com/web/1' \
    -addext 'keyUsage=critical,digitalSignature,keyEncipherment' -addext 'extendedKeyUsage=serverAuth,clientAuth' \
    -addext 'basicConstraints=CA:FALSE' -addext 'tlsfeature=status_request'
openssl req -new -key ecdsa-p256.key -subj / -addext 'subjectAltName=critical,DNS:only.example.com' -out requests/no-subject.pem
openssl req -new -key ecdsa-p256.key -subj '/C=DE/O=Example/CN=ana@example.com' -out requests/long-subject.pem

key rsa-2048 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa-exponent-3 -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -pkeyopt rsa_keygen_pubexp:3
key rsa-8200 -algorithm RSA -pkeyopt rsa_keygen_bits:8200
key rsa-pss -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:3072
curve secp256k1 secp256k1
curve p224 P-224
curve brainpool brainpoolP256r1
curve explicit-parameters P-256 -pkeyopt ec_param_enc:explicit
openssl ec -in ecdsa-p256.key -conv_form compressed -out compressed-point.key 2>/dev/null
key ed448 -algorithm ED448
openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -out dsa.parameters 2>/dev/null
key dsa -paramfile dsa.parameters
for name in rsa-2048 rsa-exponent-3 rsa-8200 rsa-pss secp256k1 p224 brainpool explicit-parameters ed448 dsa; do
    request refused-requests/$name $name
done
request refused-requests/compressed-point compressed-point -keyform PEM
request refused-requests/sha1 rsa-3072 -sha1
request refused-requests/sha224 ecdsa-p256 -sha224
request refused-requests/pss-signature rsa-3072 -sigopt rsa_padding_mode:pss
request refused-requests/ca ecdsa-p256 -addext 'basicConstraints=CA:TRUE'
request refused-requests/cert-sign ecdsa-p256 -addext 'keyUsage=digitalSignature,keyCertSign'
request refused-requests/crl-sign ecdsa-p256 -addext 'keyUsage=cRLSign'
request refused-requests/wildcard ecdsa-p256 -addext 'subjectAltName=DNS:*.example.com'
request refused-requests/trailing-dot ecdsa-p256 -addext 'subjectAltName=DNS:web1.example.com.'
request refused-requests/upper-case ecdsa-p256 -addext 'subjectAltName=DNS:Web1.example.com'
request refused-requests/non-ascii ecdsa-p256 -addext 'subjectAltName=DNS:bücher.example'
request refused-requests/address-as-dns ecdsa-p256 -addext 'subjectAltName=DNS:10.1.2.3'
request refused-requests/duplicate-name ecdsa-p256 -addext 'subjectAltName=DNS:a.example.com,DNS:a.example.com'
request refused-requests/other-name ecdsa-p256 -addext 'subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ana@example.com'
request refused-requests/registered-id ecdsa-p256 -addext 'subjectAltName=RID:1.2.3.4'
request refused-requests/two-spiffe-ids ecdsa-p256 -addext 'subjectAltName=URI:spiffe://example.com/a,URI:spiffe://example.com/b'
request refused-requests/unknown-critical ecdsa-p256 -addext '1.2.3.4=critical,DER:0500'
openssl req -new -key ecdsa-p256.key -subj /CN=a/CN=b -out refused-requests/two-common-names.pem
openssl req -new -key ecdsa-p256.key -utf8 -subj /CN=Jürgen -out refused-requests/non-ascii-common-name.pem
openssl req -new -x509 -key ecdsa-p256.key -subj /CN=a -out refused-requests/certificate.pem
mv requests refused-requests "$here"/
