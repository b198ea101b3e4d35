/*
 * PKI
 */
#include "mcxd/net/pki.h"

#include "mcxd/base/file.h"
#include "mcxd/base/log.h"
#include "mcxd/net/pem.h"
#include "mcxd/net/pki_x509.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#define CATEGORY  "net"
#define KEY_MODE  0600
#define CERT_MODE 0644
#define DIR_MODE  0755

/* A key and its certificate; either is NULL while it is missing. */
struct pair {
	const char *key_path, *cert_path;
	EVP_PKEY *key;
	X509 *cert;
	bool was_there; /* a file of either name was there */
};

static void pair_drop(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
	p->key = NULL;
	p->cert = NULL;
}

static int openssl_failed(const char *path)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	log_error(CATEGORY, NULL, "%s: OpenSSL: %s", path, reason ? reason : "failed");
	return -EIO;
}

/* Open for reading; *ret is NULL if there is no such file. */
static int open_file(const char *path, FILE **ret)
{
	int err;

	*ret = fopen(path, "re");
	if (*ret || errno == ENOENT)
		return 0;
	err = -errno;
	log_error(CATEGORY, NULL, "cannot read %s: %s", path, strerror(-err));
	return err;
}

/* A file that holds something else counts as missing. One that cannot be read is an error, because the key in it
 * may be in use elsewhere. */
static int pair_load(struct pair *p)
{
	FILE *file;
	int err = open_file(p->key_path, &file);

	if (err)
		return err;
	p->was_there = file;
	if (file) {
		p->key = PEM_read_PrivateKey(file, NULL, pem_no_password, NULL);
		/* Its mode may have been changed since. */
		if (p->key && fchmod(fileno(file), KEY_MODE) < 0)
			log_warn(CATEGORY, NULL, "cannot make %s private: %s", p->key_path,
				 strerror(errno));
		fclose(file);
	}
	err = open_file(p->cert_path, &file);
	if (err)
		return err;
	p->was_there |= file != NULL;
	if (file) {
		p->cert = PEM_read_X509(file, NULL, pem_no_password, NULL);
		fclose(file);
	}
	ERR_clear_error();
	return 0;
}

static int write_bio(const char *path, BIO *bio, mode_t mode)
{
	char *data;
	long n = BIO_get_mem_data(bio, &data);
	int err = file_replace(path, data, (size_t)n, mode);

	if (err)
		log_error(CATEGORY, NULL, "cannot write %s: %s", path, strerror(-err));
	return err;
}

static int save_key(const char *path, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int err;

	if (bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		err = write_bio(path, bio, KEY_MODE);
	else
		err = openssl_failed(path);
	BIO_free(bio);
	return err;
}

static int save_cert(const char *path, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int err;

	if (bio && PEM_write_bio_X509(bio, cert))
		err = write_bio(path, bio, CERT_MODE);
	else
		err = openssl_failed(path);
	BIO_free(bio);
	return err;
}

/* The key first: if the process dies in between, the next start finds that the certificate does not fit, and makes
 * both anew. */
static int pair_save(const struct pair *p)
{
	int err;

	if (!p->key)
		return openssl_failed(p->key_path);
	if (!p->cert)
		return openssl_failed(p->cert_path);
	err = save_key(p->key_path, p->key);
	if (err)
		return err;
	err = save_cert(p->cert_path, p->cert);
	if (!err)
		log_info(CATEGORY, NULL, "made a new certificate: %s", p->cert_path);
	return err;
}

/* Whether the pair can stay; if it has to be replaced, logs why. */
static bool pair_is_there(const struct pair *p, const char *misfit)
{
	if (p->was_there && (!p->key || !p->cert))
		misfit = p->key ? "it holds no certificate" : "its key is missing";
	else if (!p->was_there)
		return false;
	if (misfit)
		log_warn(CATEGORY, NULL, "replacing %s: %s", p->cert_path, misfit);
	return !misfit;
}

static int ensure_ca(struct pair *ca)
{
	int err = pair_load(ca);

	if (err)
		return err;
	if (pair_is_there(ca, ca->key && ca->cert ? pki_ca_misfit(ca->cert, ca->key) : NULL))
		return 0;
	pair_drop(ca);
	ca->key = pki_key_new();
	if (ca->key)
		ca->cert = pki_ca_new(ca->key);
	return pair_save(ca);
}

static int ensure_server(struct pair *server, const struct pki_names *names, const struct pair *ca)
{
	const char *misfit = NULL;
	int err = pair_load(server);

	if (err)
		return err;
	if (server->key && server->cert)
		misfit = pki_server_misfit(server->cert, server->key, names, ca->cert);
	if (pair_is_there(server, misfit))
		return 0;
	pair_drop(server);
	server->key = pki_key_new();
	if (server->key)
		server->cert = pki_server_new(server->key, names, ca->cert, ca->key);
	return pair_save(server);
}

static int check_names(const struct pki_names *names)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (names->n_dns == 0) {
		log_error(CATEGORY, NULL, "the server's certificate needs at least one name");
		return -EINVAL;
	}
	for (size_t i = 0; i < names->n_dns; i++)
		if (!names->dns[i][0]) {
			log_error(CATEGORY, NULL,
				  "the server's certificate cannot have an empty name");
			return -EINVAL;
		}
	for (size_t i = 0; i < names->n_ips; i++)
		if (inet_pton(AF_INET, names->ips[i], address) != 1 &&
		    inet_pton(AF_INET6, names->ips[i], address) != 1) {
			log_error(CATEGORY, NULL, "%s: not an IP address", names->ips[i]);
			return -EINVAL;
		}
	return 0;
}

static int ensure_directory(const char *dir)
{
	int err;

	if (mkdir(dir, DIR_MODE) == 0 && chmod(dir, DIR_MODE) == 0)
		return 0;
	if (errno == EEXIST)
		return 0;
	err = -errno;
	log_error(CATEGORY, NULL, "cannot create %s: %s", dir, strerror(-err));
	return err;
}

static struct pki_pair paths_of(const char *dir, const char *name)
{
	return (struct pki_pair){ .cert = text_format("%s/%s.pem", dir, name),
				  .key = text_format("%s/%s.key", dir, name) };
}

/* Hands the paths over if all went well. */
static int finish(struct pair *p, struct pki_pair *paths, int err, struct pki_pair *ret)
{
	pair_drop(p);
	if (err || !ret)
		pki_pair_deinit(paths);
	else
		*ret = *paths;
	return err;
}

int pki_ensure_authority(const char *dir, struct pki_pair *ret)
{
	struct pki_pair paths = paths_of(dir, "ca");
	struct pair ca = { .key_path = paths.key, .cert_path = paths.cert };
	int err = ensure_directory(dir);

	if (!err)
		err = ensure_ca(&ca);
	return finish(&ca, &paths, err, ret);
}

int pki_ensure_certificate(const char *dir, const char *name, const struct pki_names *names,
			   const struct pki_pair *authority, struct pki_pair *ret)
{
	struct pki_pair paths = paths_of(dir, name);
	struct pair server = { .key_path = paths.key, .cert_path = paths.cert };
	struct pair ca = { .key_path = authority->key, .cert_path = authority->cert };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int err = check_names(names);

	if (!err) {
		err = pem_read_authority(authority->cert, authority->key, &why, &ca.cert, &ca.key);
		if (err)
			log_error(CATEGORY, NULL, "%s", text_str(&why));
	}
	if (!err)
		err = ensure_server(&server, names, &ca);
	pair_drop(&ca);
	return finish(&server, &paths, err, ret);
}

void pki_pair_deinit(struct pki_pair *pair)
{
	free(pair->cert);
	free(pair->key);
	*pair = (struct pki_pair){ 0 };
}
