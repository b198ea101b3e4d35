/*
 * PKI: keys and certificates
 */
#include "mcxd/net/pki_x509.h"

#include "mcxd/base/random.h"
#include "mcxd/net/pki.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOUR_S       3600L
#define DAY_S        (24 * HOUR_S)
#define CA_DAYS      3650
#define SERVER_DAYS  365
#define RENEW_DAYS   30
#define SERIAL_BYTES 16

EVP_PKEY *pki_key_new(void)
{
	return EVP_EC_gen("P-256");
}

/* Random, positive and not zero (RFC 5280 section 4.1.2.2). */
static bool set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool done;

	random_bytes(bytes, sizeof(bytes));
	bytes[0] = (unsigned char)((bytes[0] & 0x3F) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	return done;
}

static bool set_common_name(X509 *cert, const char *name)
{
	/* The field holds at most 64 characters (RFC 5280, ub-common-name); clients check the
	 * subjectAltName. */
	size_t n = strlen(name) > 64 ? 64 : strlen(name);

	return X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_commonName,
					  MBSTRING_UTF8, (const unsigned char *)name, (int)n, -1,
					  0) == 1;
}

/* By the machine's clock and not the lab's, because every client checks certificates against the former, and files
 * outlive a lab whose clock was moved. */
static bool set_validity(X509 *cert, long days)
{
	time_t now = time(NULL);

	return X509_time_adj_ex(X509_getm_notBefore(cert), 0, -HOUR_S, &now) &&
	       X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, -HOUR_S, &now);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool done;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	done = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return done;
}

static X509 *cert_new(EVP_PKEY *key, const char *common_name, long days)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
	    set_common_name(cert, common_name) && set_validity(cert, days) &&
	    X509_set_pubkey(cert, key))
		return cert;
	X509_free(cert);
	return NULL;
}

X509 *pki_ca_new(EVP_PKEY *key)
{
	char name[32], suffix[9];
	X509 *cert;

	/* Two CAs in one trust store must not have the same name and different keys. */
	random_hex(4, suffix);
	snprintf(name, sizeof(name), "mcxd lab CA %s", suffix);
	cert = cert_new(key, name, CA_DAYS);
	if (cert && X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
	    add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	    add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
	    X509_sign(cert, key, EVP_sha256()))
		return cert;
	X509_free(cert);
	return NULL;
}

static bool push_name(GENERAL_NAMES *list, int type, ASN1_STRING *value)
{
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (!name || !value || !sk_GENERAL_NAME_push(list, name)) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(value);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, value);
	return true;
}

static ASN1_STRING *ia5_string(const char *s)
{
	ASN1_STRING *string = ASN1_IA5STRING_new();

	if (string && !ASN1_STRING_set(string, s, (int)strlen(s))) {
		ASN1_STRING_free(string);
		return NULL;
	}
	return string;
}

/* Built by hand, because in OpenSSL's text form a name with a comma would become two. */
static GENERAL_NAMES *alt_names(const struct pki_names *names)
{
	GENERAL_NAMES *list = sk_GENERAL_NAME_new_null();

	for (size_t i = 0; list && i < names->n_dns; i++)
		if (!push_name(list, GEN_DNS, ia5_string(names->dns[i])))
			goto fail;
	for (size_t i = 0; list && i < names->n_ips; i++)
		if (!push_name(list, GEN_IPADD, a2i_IPADDRESS(names->ips[i])))
			goto fail;
	return list;
fail:
	GENERAL_NAMES_free(list);
	return NULL;
}

static bool add_alt_names(X509 *cert, const struct pki_names *names)
{
	GENERAL_NAMES *list = alt_names(names);
	bool done =
		list && X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT);

	GENERAL_NAMES_free(list);
	return done;
}

X509 *pki_server_new(EVP_PKEY *key, const struct pki_names *names, X509 *ca, EVP_PKEY *ca_key)
{
	X509 *cert = cert_new(key, names->dns[0], SERVER_DAYS);

	if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca)) &&
	    add_extension(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(cert, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(cert, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
	    add_extension(cert, ca, NID_subject_key_identifier, "hash") &&
	    add_extension(cert, ca, NID_authority_key_identifier, "keyid:always") &&
	    add_alt_names(cert, names) && X509_sign(cert, ca_key, EVP_sha256()))
		return cert;
	X509_free(cert);
	return NULL;
}

static const char *misfit(X509 *cert, EVP_PKEY *key)
{
	time_t now = time(NULL), soon = now + RENEW_DAYS * DAY_S;

	if (X509_check_private_key(cert, key) != 1)
		return "it belongs to another key";
	if (X509_cmp_time(X509_get0_notBefore(cert), &now) >= 0)
		return "it is not valid yet";
	if (X509_cmp_time(X509_get0_notAfter(cert), &soon) <= 0)
		return "it expires within 30 days";
	return NULL;
}

const char *pki_ca_misfit(X509 *cert, EVP_PKEY *key)
{
	if (X509_check_ca(cert) != 1)
		return "it is not a CA certificate";
	return misfit(cert, key);
}

static bool has_names(X509 *cert, const struct pki_names *names)
{
	GENERAL_NAMES *have = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	GENERAL_NAMES *want = alt_names(names);
	bool same = have && want && sk_GENERAL_NAME_num(have) == sk_GENERAL_NAME_num(want);

	for (int i = 0; same && i < sk_GENERAL_NAME_num(want); i++)
		same = GENERAL_NAME_cmp(sk_GENERAL_NAME_value(have, i),
					sk_GENERAL_NAME_value(want, i)) == 0;
	GENERAL_NAMES_free(have);
	GENERAL_NAMES_free(want);
	return same;
}

const char *pki_server_misfit(X509 *cert, EVP_PKEY *key, const struct pki_names *names, X509 *ca)
{
	if (X509_check_issued(ca, cert) != X509_V_OK ||
	    X509_verify(cert, X509_get0_pubkey(ca)) != 1)
		return "it is not signed by this CA";
	if (!has_names(cert, names))
		return "its names differ";
	return misfit(cert, key);
}
