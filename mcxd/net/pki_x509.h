/*
 * PKI: keys and certificates
 *
 * What pki.c needs from OpenSSL. Only pki.c includes it.
 */
#pragma once

#include "mcxd/net/pki.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/** A new P-256 key, or NULL. */
EVP_PKEY *pki_key_new(void);

/** A new certificate, or NULL: the CA's, signed by itself; the server's, signed by the CA. */
X509 *pki_ca_new(EVP_PKEY *key);
X509 *pki_server_new(EVP_PKEY *key, const struct pki_names *names, X509 *ca, EVP_PKEY *ca_key);

/** NULL if a certificate belongs to this key and is valid now and in 30 days, and if the server's is signed by
 *  the CA and has exactly these names; otherwise what is wrong. */
const char *pki_ca_misfit(X509 *cert, EVP_PKEY *key);
const char *pki_server_misfit(X509 *cert, EVP_PKEY *key, const struct pki_names *names, X509 *ca);
