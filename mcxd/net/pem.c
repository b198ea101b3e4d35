/*
 * PEM files
 */
#include "mcxd/net/pem.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL defines the parameters. */
int pem_no_password(char *ret, int size, int is_writing, void *magic)
{
	bool *was_asked = magic;

	(void)ret;
	(void)size;
	(void)is_writing;
	if (was_asked)
		*was_asked = true;
	return -1;
}

/* Returns NULL, with a sentence in why, if it cannot be read. */
static BIO *open_file(const char *path, struct text *why)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		text_addf(why, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	ERR_clear_error();
	return mem_check(BIO_new_fp(file, BIO_CLOSE));
}

/* ---- blocks ---- */

static bool is_cert_block(const char *name)
{
	return !strcmp(name, PEM_STRING_X509) || !strcmp(name, PEM_STRING_X509_OLD) ||
	       !strcmp(name, PEM_STRING_X509_TRUSTED);
}

/* "PRIVATE KEY", and those that begin with EC, RSA, ENCRYPTED, … */
static bool is_key_block(const char *name)
{
	size_t n = strlen(name), n_suffix = strlen(PEM_STRING_PKCS8INF);

	return n >= n_suffix && !strcmp(name + n - n_suffix, PEM_STRING_PKCS8INF);
}

/* Whether there is such a block, or one that is damaged. Reading one as a block does not decrypt it. */
static bool has_block(BIO *file, bool (*is_wanted)(const char *name))
{
	char *name, *header;
	unsigned char *data;
	bool found = false;
	long n;

	BIO_seek(file, 0);
	ERR_clear_error();
	while (!found && PEM_read_bio(file, &name, &header, &data, &n)) {
		found = is_wanted(name);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)n);
	}
	return found || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
}

/* What is wrong with a file that nothing could be read from. OpenSSL's own reasons ("PEM lib", "unsupported") do not tell. */
static int refuse(BIO *file, bool (*is_wanted)(const char *name), const char *what,
		  const char *path, struct text *why)
{
	bool is_of_key = is_wanted == is_key_block;

	if (has_block(file, is_wanted)) {
		text_addf(why, "%s: the %s in it is damaged or of a kind that is not supported",
			  path, what);
	} else {
		text_addf(why, "no %s in %s", what, path);
		if (has_block(file, is_of_key ? is_cert_block : is_key_block))
			text_addf(why, ", which holds a %s",
				  is_of_key ? "certificate" : "private key");
	}
	ERR_clear_error();
	return -EINVAL;
}

/* ---- reading ---- */

int pem_read_cert(const char *path, struct text *why, X509 **ret)
{
	BIO *file = open_file(path, why);
	int err = 0;

	if (!file)
		return -EINVAL;
	*ret = PEM_read_bio_X509_AUX(file, NULL, pem_no_password, NULL);
	if (!*ret)
		err = refuse(file, is_cert_block, "certificate", path, why);
	BIO_free(file);
	return err;
}

int pem_read_key(const char *path, struct text *why, EVP_PKEY **ret)
{
	bool is_encrypted = false;
	BIO *file = open_file(path, why);
	int err = 0;

	if (!file)
		return -EINVAL;
	*ret = PEM_read_bio_PrivateKey(file, NULL, pem_no_password, &is_encrypted);
	if (!*ret && is_encrypted) {
		ERR_clear_error();
		text_addf(why,
			  "%s: the key is encrypted, and mcxd has no password for it; decrypt it "
			  "with openssl pkey -in %s -out NEWFILE",
			  path, path);
		err = -EINVAL;
	} else if (!*ret) {
		err = refuse(file, is_key_block, "private key", path, why);
	}
	BIO_free(file);
	return err;
}

int pem_read_pair(const char *cert_file, const char *key_file, struct text *why, X509 **ret_cert,
		  EVP_PKEY **ret_key)
{
	X509 *cert = NULL;
	EVP_PKEY *key = NULL;
	int err = pem_read_cert(cert_file, why, &cert);

	if (!err)
		err = pem_read_key(key_file, why, &key);
	if (!err && X509_check_private_key(cert, key) != 1) {
		ERR_clear_error();
		text_addf(why, "%s: the key does not belong to the certificate in %s", key_file,
			  cert_file);
		err = -EINVAL;
	}
	if (err) {
		X509_free(cert);
		EVP_PKEY_free(key);
		return err;
	}
	*ret_cert = cert;
	*ret_key = key;
	return 0;
}

int pem_read_authority(const char *cert_file, const char *key_file, struct text *why,
		       X509 **ret_cert, EVP_PKEY **ret_key)
{
	int err = pem_read_pair(cert_file, key_file, why, ret_cert, ret_key);

	if (err || X509_check_ca(*ret_cert) == 1)
		return err;
	X509_free(*ret_cert);
	EVP_PKEY_free(*ret_key);
	*ret_cert = NULL;
	*ret_key = NULL;
	ERR_clear_error();
	text_addf(why,
		  "%s: the certificate is not that of an authority (its basic constraints or key "
		  "usage do not let it sign others)",
		  cert_file);
	return -EINVAL;
}

int pem_check_cert(const char *path, struct text *why)
{
	X509 *cert = NULL;
	int err = pem_read_cert(path, why, &cert);

	X509_free(cert);
	return err;
}

int pem_check_key(const char *path, struct text *why)
{
	EVP_PKEY *key = NULL;
	int err = pem_read_key(path, why, &key);

	EVP_PKEY_free(key);
	return err;
}

int pem_check_pair(const char *cert_file, const char *key_file, struct text *why)
{
	X509 *cert = NULL;
	EVP_PKEY *key = NULL;
	int err = pem_read_pair(cert_file, key_file, why, &cert, &key);

	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

int pem_check_authority(const char *cert_file, const char *key_file, struct text *why)
{
	X509 *cert = NULL;
	EVP_PKEY *key = NULL;
	int err = pem_read_authority(cert_file, key_file, why, &cert, &key);

	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

/* ---- describing ---- */

static void add_date(struct text *out, const char *what, const ASN1_TIME *date)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	mem_check(bio);
	ASN1_TIME_print(bio, date);
	n = BIO_get_mem_data(bio, &text);
	text_add_all(out, what, " ");
	text_add_bytes(out, text, (size_t)n);
	BIO_free(bio);
}

/* A date that cannot be understood is 0, which no comparison with now gives. */
static bool is_out_of_date(const X509 *cert, struct text *what)
{
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		add_date(what, "expired on", X509_get0_notAfter(cert));
	else if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		add_date(what, "is not valid before", X509_get0_notBefore(cert));
	else
		return false;
	return true;
}

bool pem_is_out_of_date(const char *path, struct text *what)
{
	CLEANUP(text_deinit) struct text unused = TEXT_INIT;
	BIO *file = open_file(path, &unused);
	bool found = false;
	X509 *cert;

	if (!file)
		return false;
	while (!found && (cert = PEM_read_bio_X509_AUX(file, NULL, pem_no_password, NULL))) {
		found = is_out_of_date(cert, what);
		X509_free(cert);
	}
	BIO_free(file);
	ERR_clear_error();
	return found;
}

static void add_name(struct text *out, const GENERAL_NAME *name)
{
	char address[INET6_ADDRSTRLEN];
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	size_t n;

	if (type != GEN_DNS && type != GEN_IPADD)
		return;
	n = (size_t)ASN1_STRING_length(value);
	if (type == GEN_IPADD && n != sizeof(struct in_addr) && n != sizeof(struct in6_addr))
		return;
	text_add(out, out->n ? ", " : "");
	if (type == GEN_DNS)
		text_add_bytes(out, ASN1_STRING_get0_data(value), n);
	else
		text_add(out, inet_ntop(n == sizeof(struct in_addr) ? AF_INET : AF_INET6,
					ASN1_STRING_get0_data(value), address, sizeof(address)));
}

void pem_add_names(const char *path, struct text *out)
{
	CLEANUP(text_deinit) struct text unused = TEXT_INIT;
	GENERAL_NAMES *names;
	X509 *cert;

	if (pem_read_cert(path, &unused, &cert) < 0)
		return;
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		add_name(out, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	X509_free(cert);
}
