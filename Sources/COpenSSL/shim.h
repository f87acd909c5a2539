// SPDX-License-Identifier: Apache-2.0
#ifndef MAYFLY_COPENSSL_SHIM_H
#define MAYFLY_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#endif
