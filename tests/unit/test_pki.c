/*
 * PKI
 */
#include "contents.h"

#include "mcxd/net/pki.h"

#include "mcxd/base/file.h"
#include "mcxd/base/log.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const dns[] = { "lync.lab.test", "lyncdiscover.lab.test", "localhost" };
static const char *const ips[] = { "127.0.0.1", "::1" };
static const struct pki_names names = { dns, 3, ips, 2 };

/* A certificate named "server", and the authority that signs it. */
struct files {
	char *ca_key, *ca_cert, *server_key, *server_cert;
};

static int ensure(const char *dir, const struct pki_names *n, struct files *ret)
{
	struct pki_pair ca = { 0 }, server = { 0 };
	int err = pki_ensure_authority(dir, &ca);

	if (!err)
		err = pki_ensure_certificate(dir, "server", n, &ca, &server);
	if (!err && ret) {
		*ret = (struct files){ mem_strdup(ca.key), mem_strdup(ca.cert),
				       mem_strdup(server.key), mem_strdup(server.cert) };
	}
	pki_pair_deinit(&ca);
	pki_pair_deinit(&server);
	return err;
}

static void files_deinit(struct files *f)
{
	free(f->ca_key);
	free(f->ca_cert);
	free(f->server_key);
	free(f->server_cert);
	*f = (struct files){ 0 };
}

struct fixture {
	char parent[32];
	char *dir;
	struct files files;
	int log_fd;
};

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->parent, sizeof(f->parent), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(f->parent));
	f->dir = text_format("%s/state", f->parent);
	f->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_set_fd(f->log_fd);
	assert_int_equal(ensure(f->dir, &names, &f->files), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->files.ca_key);
	unlink(f->files.ca_cert);
	unlink(f->files.server_key);
	unlink(f->files.server_cert);
	/* Fails when temporary files are left. */
	assert_int_equal(rmdir(f->dir), 0);
	assert_int_equal(rmdir(f->parent), 0);
	files_deinit(&f->files);
	log_set_fd(STDERR_FILENO);
	close(f->log_fd);
	free(f->dir);
	free(f);
	return 0;
}

static X509 *read_cert(const char *path)
{
	FILE *file = fopen(path, "re");
	X509 *cert;

	assert_non_null(file);
	cert = PEM_read_X509(file, NULL, NULL, NULL);
	assert_non_null(cert);
	/* Nothing else in the file. */
	assert_null(PEM_read_X509(file, NULL, NULL, NULL));
	fclose(file);
	return cert;
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;

	assert_non_null(file);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	assert_non_null(key);
	fclose(file);
	return key;
}

static void write_cert(const char *path, X509 *cert)
{
	FILE *file = fopen(path, "we");

	assert_int_equal(PEM_write_X509(file, cert), 1);
	fclose(file);
}

static int verify(const struct fixture *f, const char *host, const char *ip)
{
	X509 *ca = read_cert(f->files.ca_cert), *cert = read_cert(f->files.server_cert);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int result;

	X509_STORE_add_cert(store, ca);
	X509_STORE_CTX_init(context, store, cert, NULL);
	X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
	param = X509_STORE_CTX_get0_param(context);
	if (host)
		X509_VERIFY_PARAM_set1_host(param, host, 0);
	if (ip)
		X509_VERIFY_PARAM_set1_ip_asc(param, ip);
	result = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	X509_free(ca);
	X509_free(cert);
	return result;
}

static void certificates_pass_strict_verification(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < names.n_dns; i++)
		assert_int_equal(verify(f, dns[i], NULL), X509_V_OK);
	for (size_t i = 0; i < names.n_ips; i++)
		assert_int_equal(verify(f, NULL, ips[i]), X509_V_OK);
	assert_int_equal(verify(f, "other.lab.test", NULL), X509_V_ERR_HOSTNAME_MISMATCH);
	assert_int_equal(verify(f, NULL, "127.0.0.2"), X509_V_ERR_IP_ADDRESS_MISMATCH);
}

static void assert_validity(X509 *cert, int days)
{
	int past_days, past_s, left_days, left_s;

	assert_int_equal(ASN1_TIME_diff(&past_days, &past_s, X509_get0_notBefore(cert), NULL), 1);
	assert_int_equal(past_days, 0);
	assert_in_range(past_s, 3600, 3700);
	assert_int_equal(ASN1_TIME_diff(&left_days, &left_s, X509_get0_notBefore(cert),
					X509_get0_notAfter(cert)),
			 1);
	assert_int_equal(left_days, days);
}

static void certificates_have_the_right_purposes(void **state)
{
	const struct fixture *f = *state;
	X509 *ca = read_cert(f->files.ca_cert), *cert = read_cert(f->files.server_cert);
	EVP_PKEY *key = read_key(f->files.server_key);
	char group[32];

	assert_int_equal(X509_check_ca(ca), 1);
	assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_pathlen(ca), 0);
	assert_validity(ca, 3650);
	assert_int_equal(X509_check_ca(cert), 0);
	assert_int_equal(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(cert), XKU_SSL_SERVER | XKU_SSL_CLIENT);
	assert_validity(cert, 365);
	assert_int_not_equal(
		ASN1_INTEGER_cmp(X509_get0_serialNumber(ca), X509_get0_serialNumber(cert)), 0);
	assert_non_null(X509_get0_authority_key_id(cert));
	assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(cert),
					       X509_get0_subject_key_id(ca)),
			 0);
	assert_int_equal(X509_check_private_key(cert, key), 1);
	assert_int_equal(EVP_PKEY_get_group_name(key, group, sizeof(group), NULL), 1);
	assert_string_equal(group, "prime256v1");
	EVP_PKEY_free(key);
	X509_free(ca);
	X509_free(cert);
}

static int mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (int)(st.st_mode & 07777);
}

static void keys_are_private(void **state)
{
	struct fixture *f = *state;
	mode_t mask = umask(0);

	unlink(f->files.ca_key);
	assert_int_equal(ensure(f->dir, &names, NULL), 0);
	umask(0777);
	assert_int_equal(chmod(f->files.server_key, 0644), 0);
	assert_int_equal(ensure(f->dir, &names, NULL), 0);
	umask(mask);
	assert_int_equal(mode_of(f->dir), 0755);
	assert_int_equal(mode_of(f->files.ca_key), 0600);
	assert_int_equal(mode_of(f->files.server_key), 0600);
	assert_int_equal(mode_of(f->files.ca_cert), 0644);
	assert_int_equal(mode_of(f->files.server_cert), 0644);
}

/* Which of the two certificates an ensure with these names replaces. */
static void assert_replaces(struct fixture *f, const struct pki_names *n, bool ca, bool server)
{
	CLEANUP(mem_free_string) char *old_ca = contents_of(f->files.ca_cert);
	CLEANUP(mem_free_string) char *old_server = contents_of(f->files.server_cert);
	CLEANUP(mem_free_string) char *new_ca = NULL;
	CLEANUP(mem_free_string) char *new_server = NULL;

	assert_int_equal(ensure(f->dir, n, NULL), 0);
	new_ca = contents_of(f->files.ca_cert);
	new_server = contents_of(f->files.server_cert);
	assert_int_equal(strcmp(old_ca, new_ca) != 0, ca);
	assert_int_equal(strcmp(old_server, new_server) != 0, server);
	assert_int_equal(verify(f, n->dns[0], NULL), X509_V_OK);
}

static void good_files_are_kept(void **state)
{
	struct fixture *f = *state;

	assert_replaces(f, &names, false, false);
}

static void other_names_make_another_certificate(void **state)
{
	struct fixture *f = *state;
	static const char *const comma[] = { "lync.lab.test,IP:10.0.0.1" };
	const struct pki_names fewer = { dns, 2, ips, 2 };
	const struct pki_names other_ip = { dns, 2, ips, 1 };

	assert_replaces(f, &fewer, false, true);
	assert_replaces(f, &fewer, false, false);
	assert_replaces(f, &other_ip, false, true);
	/* It stays one name, whatever characters it contains. */
	assert_int_equal(ensure(f->dir, &(struct pki_names){ comma, 1, NULL, 0 }, NULL), 0);
	assert_int_not_equal(verify(f, NULL, "10.0.0.1"), X509_V_OK);
}

static void missing_files_are_made(void **state)
{
	struct fixture *f = *state;

	unlink(f->files.server_key);
	assert_replaces(f, &names, false, true);
	unlink(f->files.ca_key);
	assert_replaces(f, &names, true, true);
}

static void damaged_files_are_replaced(void **state)
{
	struct fixture *f = *state;
	EVP_PKEY *other = EVP_EC_gen("P-256");
	FILE *file;

	assert_int_equal(file_replace(f->files.server_cert, "junk", 4, 0644), 0);
	assert_replaces(f, &names, false, true);
	file = fopen(f->files.server_key, "we");
	PEM_write_PrivateKey(file, other, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	EVP_PKEY_free(other);
	assert_replaces(f, &names, false, true);
	assert_int_equal(file_replace(f->files.ca_key, "", 0, 0600), 0);
	assert_replaces(f, &names, true, true);
}

static void set_end(X509 *cert, int days, const char *key_path)
{
	EVP_PKEY *key = read_key(key_path);

	X509_gmtime_adj(X509_getm_notAfter(cert), days * 86400L);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	EVP_PKEY_free(key);
}

static void certificates_that_expire_soon_are_replaced(void **state)
{
	struct fixture *f = *state;
	X509 *cert = read_cert(f->files.server_cert);

	set_end(cert, 31, f->files.ca_key);
	write_cert(f->files.server_cert, cert);
	assert_replaces(f, &names, false, false);
	set_end(cert, 29, f->files.ca_key);
	write_cert(f->files.server_cert, cert);
	assert_replaces(f, &names, false, true);
	set_end(cert, -1, f->files.ca_key);
	write_cert(f->files.server_cert, cert);
	assert_replaces(f, &names, false, true);
	X509_free(cert);
	for (int days = 29; days >= -1; days -= 30) {
		cert = read_cert(f->files.ca_cert);
		set_end(cert, days, f->files.ca_key);
		write_cert(f->files.ca_cert, cert);
		assert_replaces(f, &names, true, true);
		X509_free(cert);
	}
}

/* The same names, but signed by somebody else. */
static void another_signer_does_not_pass(void **state)
{
	struct fixture *f = *state;
	X509 *cert = read_cert(f->files.server_cert);

	set_end(cert, 300, f->files.server_key);
	write_cert(f->files.server_cert, cert);
	X509_free(cert);
	assert_replaces(f, &names, false, true);
}

static void bad_requests_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const bad_ip[] = { "127.0.0.256" };
	static const char *const no_name[] = { "" };
	CLEANUP(mem_free_string) char *nowhere = text_format("%s/a/b", f->parent);
	CLEANUP(mem_free_string) char *in_file = text_format("%s/x", f->files.ca_cert);
	struct files files = { 0 };

	assert_int_equal(ensure(f->dir, &(struct pki_names){ dns, 1, bad_ip, 1 }, NULL), -EINVAL);
	assert_int_equal(ensure(f->dir, &(struct pki_names){ no_name, 1, NULL, 0 }, NULL), -EINVAL);
	assert_int_equal(ensure(f->dir, &(struct pki_names){ NULL, 0, ips, 1 }, NULL), -EINVAL);
	assert_int_equal(ensure(nowhere, &names, &files), -ENOENT);
	assert_int_equal(ensure(in_file, &names, &files), -ENOTDIR);
	assert_null(files.ca_cert);
}

int main(void)
{
#define PKI_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		PKI_TEST(certificates_pass_strict_verification),
		PKI_TEST(certificates_have_the_right_purposes),
		PKI_TEST(keys_are_private),
		PKI_TEST(good_files_are_kept),
		PKI_TEST(other_names_make_another_certificate),
		PKI_TEST(missing_files_are_made),
		PKI_TEST(damaged_files_are_replaced),
		PKI_TEST(certificates_that_expire_soon_are_replaced),
		PKI_TEST(another_signer_does_not_pass),
		PKI_TEST(bad_requests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
