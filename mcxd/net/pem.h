/*
 * PEM files
 *
 * Keys and certificates as people bring them: what is wrong with a file is said in words that name it, and OpenSSL never asks for
 * a password on the terminal, which would stop a daemon for as long as nobody answers (at a reload, for ever).
 */
#pragma once

#include <stdbool.h>

/* OpenSSL's X509 and EVP_PKEY, so that only those who use what is in them need its headers. */
struct x509_st;
struct evp_pkey_st;
struct text;

/** A callback for passwords, in OpenSSL's form: there are none. magic: NULL, or a bool that becomes true when one was asked for. */
int pem_no_password(char *ret, int size, int is_writing, void *magic);

/* Each returns 0, or -EINVAL with a sentence in *why that names the file. */

/** The first certificate in a file. */
int pem_read_cert(const char *path, struct text *why, struct x509_st **ret);

/** The first private key in a file; one that is encrypted is an error. */
int pem_read_key(const char *path, struct text *why, struct evp_pkey_st **ret);

/** A certificate and the key that it must fit. */
int pem_read_pair(const char *cert_file, const char *key_file, struct text *why,
		  struct x509_st **ret_cert, struct evp_pkey_st **ret_key);

/** The same of an authority: the certificate must be one that may sign others. */
int pem_read_authority(const char *cert_file, const char *key_file, struct text *why,
		       struct x509_st **ret_cert, struct evp_pkey_st **ret_key);

/* The same without a use for what was read. */
int pem_check_cert(const char *path, struct text *why);
int pem_check_key(const char *path, struct text *why);
int pem_check_pair(const char *cert_file, const char *key_file, struct text *why);
int pem_check_authority(const char *cert_file, const char *key_file, struct text *why);

/** Whether a certificate in the file is not valid at this time, by the machine's clock: the first such one is described in *what,
 *  as "expired on Jan  1 00:00:00 2026 GMT". */
bool pem_is_out_of_date(const char *path, struct text *what);

/** Append the names of the first certificate in a file: its DNS names and addresses, with ", " in between. */
void pem_add_names(const char *path, struct text *out);
