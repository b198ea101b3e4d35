/*
 * PKI: keys and certificates
 *
 * What pki.c needs of OpenSSL. For it alone.
 */
#pragma once

#include "mcxd/net/pki.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct text;

/** A new P-256 key, or NULL. */
EVP_PKEY *pki_key_new(void);

/** A new certificate, or NULL: the CA's own; the server's, signed by the CA. */
X509 *pki_ca_new(EVP_PKEY *key);
X509 *pki_server_new(EVP_PKEY *key, const struct pki_names *names, X509 *ca, EVP_PKEY *ca_key);

/** Whether a certificate is of this key, is valid now and in 30 days, and, for pki_server_fits(),
 * is signed by the CA and has exactly these names. Returns NULL, or what is wrong. */
const char *pki_ca_misfit(X509 *cert, EVP_PKEY *key);
const char *pki_server_misfit(X509 *cert, EVP_PKEY *key, const struct pki_names *names, X509 *ca);
