// SPDX-License-Identifier: Apache-2.0
//
// A security key in software, for tests: what OpenSSH loads in place of a FIDO token (sk-api.h, version 10). The handle of a
// key is its private half, so the "token" needs no memory. SECURITY_KEY_FLAGS says what it reports with a signature:
// 1 it was touched, 4 PIN or fingerprint were checked (PROTOCOL.u2f), in sum.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ECDSA = 0, ED25519 = 1, GENERAL_FAILURE = -1, UNSUPPORTED = -2, SECRET_BYTES = 32, POINT_BYTES = 65 };

struct enrollment {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_length;
    uint8_t *handle;
    size_t handle_length;
    uint8_t *signature;
    size_t signature_length;
    uint8_t *attestation;
    size_t attestation_length;
    uint8_t *authenticator_data;
    size_t authenticator_data_length;
};

struct signature {
    uint8_t flags;
    uint32_t counter;
    uint8_t *r;
    size_t r_length;
    uint8_t *s;
    size_t s_length;
};

static uint8_t *copy(const uint8_t *bytes, size_t count) {
    uint8_t *memory = malloc(count > 0 ? count : 1);
    if (memory != NULL && count > 0) memcpy(memory, bytes, count);
    return memory;
}

uint32_t sk_api_version(void) { return 0x000a0000; }

static EVP_PKEY *ecdsa_key(const uint8_t *secret, uint8_t *point) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *scalar = BN_bin2bn(secret, SECRET_BYTES, NULL);
    EC_POINT *public_point = EC_POINT_new(group);
    EC_POINT_mul(group, public_point, scalar, NULL, NULL, NULL);
    EC_POINT_point2oct(group, public_point, POINT_CONVERSION_UNCOMPRESSED, point, POINT_BYTES, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_BYTES);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    if (EVP_PKEY_fromdata_init(context) != 1 || EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1) key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EC_POINT_free(public_point);
    BN_free(scalar);
    EC_GROUP_free(group);
    return key;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_length, const char *application, uint8_t flags,
              const char *pin, void **options, struct enrollment **result) {
    uint8_t public_key[POINT_BYTES], secret[SECRET_BYTES];
    size_t public_length = sizeof public_key, secret_length = sizeof secret;
    if (algorithm == ED25519) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        if (key == NULL || EVP_PKEY_get_raw_public_key(key, public_key, &public_length) != 1 ||
            EVP_PKEY_get_raw_private_key(key, secret, &secret_length) != 1)
            return GENERAL_FAILURE;
        EVP_PKEY_free(key);
    } else if (algorithm == ECDSA) {
        EVP_PKEY *generated = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        BIGNUM *scalar = NULL;
        if (generated == NULL || EVP_PKEY_get_bn_param(generated, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) != 1 ||
            BN_bn2binpad(scalar, secret, SECRET_BYTES) != SECRET_BYTES)
            return GENERAL_FAILURE;
        EVP_PKEY_free(ecdsa_key(secret, public_key));
        BN_free(scalar);
        EVP_PKEY_free(generated);
    } else {
        return UNSUPPORTED;
    }
    struct enrollment *enrollment = calloc(1, sizeof *enrollment);
    enrollment->flags = flags;
    enrollment->public_key = copy(public_key, public_length);
    enrollment->public_key_length = public_length;
    enrollment->handle = copy(secret, secret_length);
    enrollment->handle_length = secret_length;
    enrollment->signature = copy(NULL, 0);
    enrollment->attestation = copy(NULL, 0);
    enrollment->authenticator_data = copy(NULL, 0);
    *result = enrollment;
    return 0;
}

static int sign_ed25519(const uint8_t *secret, const uint8_t *message, size_t length, struct signature *signature) {
    uint8_t bytes[64];
    size_t count = sizeof bytes;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, SECRET_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int signed_ = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                  EVP_DigestSign(context, bytes, &count, message, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!signed_) return GENERAL_FAILURE;
    signature->r = copy(bytes, count);
    signature->r_length = count;
    return 0;
}

static int sign_ecdsa(const uint8_t *secret, const uint8_t *message, size_t length, struct signature *signature) {
    uint8_t point[POINT_BYTES], der[128], half[SECRET_BYTES];
    size_t count = sizeof der;
    EVP_PKEY *key = ecdsa_key(secret, point);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int signed_ = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                  EVP_DigestSign(context, der, &count, message, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    const uint8_t *next = der;
    ECDSA_SIG *parts = signed_ ? d2i_ECDSA_SIG(NULL, &next, (long)count) : NULL;
    if (parts == NULL) return GENERAL_FAILURE;
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), half, sizeof half);
    signature->r = copy(half, sizeof half);
    signature->r_length = sizeof half;
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), half, sizeof half);
    signature->s = copy(half, sizeof half);
    signature->s_length = sizeof half;
    ECDSA_SIG_free(parts);
    return 0;
}

// What is signed: the digest of the application, the flags, the counter, the digest of the message (PROTOCOL.u2f).
int sk_sign(uint32_t algorithm, const uint8_t *data, size_t length, const char *application, const uint8_t *handle,
            size_t handle_length, uint8_t flags, const char *pin, void **options, struct signature **result) {
    if (handle_length != SECRET_BYTES) return GENERAL_FAILURE;
    const char *reported = getenv("SECURITY_KEY_FLAGS");
    if (reported != NULL) flags = (uint8_t)atoi(reported);
    uint8_t message[SHA256_DIGEST_LENGTH + 1 + 4 + SHA256_DIGEST_LENGTH] = {0};
    SHA256((const uint8_t *)application, strlen(application), message);
    message[SHA256_DIGEST_LENGTH] = flags;
    message[SHA256_DIGEST_LENGTH + 4] = 7;
    SHA256(data, length, message + SHA256_DIGEST_LENGTH + 5);
    struct signature *signature = calloc(1, sizeof *signature);
    signature->flags = flags;
    signature->counter = 7;
    int failure = algorithm == ED25519 ? sign_ed25519(handle, message, sizeof message, signature)
                  : algorithm == ECDSA ? sign_ecdsa(handle, message, sizeof message, signature)
                                       : UNSUPPORTED;
    if (failure != 0) free(signature);
    else *result = signature;
    return failure;
}

int sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *count) {
    *keys = NULL;
    *count = 0;
    return 0;
}
