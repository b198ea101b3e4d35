/*
 * PEM files
 */
#include "contents.h"

#include "mcxd/net/pem.h"

#include "mcxd/base/file.h"
#include "mcxd/net/pki.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

static const char *const dns[] = { "fe.lab.test", "lyncweb.lab.test" };
static const char *const ips[] = { "127.0.0.1", "2001:db8::7" };

struct fixture {
	char dir[32], path[64];
	struct pki_pair ca, server;
	struct text why;
};

static int set_up(void **state)
{
	const struct pki_names names = { dns, 2, ips, 2 };
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->dir, sizeof(f->dir), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/file", f->dir);
	assert_int_equal(pki_ensure_authority(f->dir, &f->ca), 0);
	assert_int_equal(pki_ensure_certificate(f->dir, "server", &names, &f->ca, &f->server), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct pki_pair *pairs[] = { &f->ca, &f->server };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		unlink(pairs[i]->cert);
		unlink(pairs[i]->key);
		pki_pair_deinit(pairs[i]);
	}
	unlink(f->path);
	assert_int_equal(rmdir(f->dir), 0);
	text_deinit(&f->why);
	free(f);
	return 0;
}

static void assert_says(struct fixture *f, int err, const char *words)
{
	assert_int_equal(err, -EINVAL);
	if (!strstr(text_str(&f->why), words))
		fail_msg("\"%s\" does not say \"%s\"", text_str(&f->why), words);
	assert_null(strstr(text_str(&f->why), "PEM lib"));
	text_reset(&f->why);
}

static void put(const struct fixture *f, const char *contents)
{
	assert_int_equal(file_replace(f->path, contents, strlen(contents), 0600), 0);
}

static EVP_PKEY *key_of(const char *path)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	EVP_PKEY *key = NULL;

	assert_int_equal(pem_read_key(path, &why, &key), 0);
	return key;
}

static void good_files(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *cert = contents_of(f->server.cert);
	CLEANUP(mem_free_string) char *key = contents_of(f->server.key);
	CLEANUP(mem_free_string) char *both = text_concat("A comment\n", cert, key);

	assert_int_equal(pem_check_cert(f->server.cert, &f->why), 0);
	assert_int_equal(pem_check_key(f->server.key, &f->why), 0);
	assert_int_equal(pem_check_pair(f->server.cert, f->server.key, &f->why), 0);
	assert_int_equal(pem_check_authority(f->ca.cert, f->ca.key, &f->why), 0);
	put(f, both);
	assert_int_equal(pem_check_pair(f->path, f->path, &f->why), 0);
	assert_int_equal(f->why.n, 0);
}

/* As "openssl pkcs8" and "openssl ec" write them: with a kind of block of its own, and with headers in the block. */
static void encrypted_keys(void **state)
{
	static unsigned char password[] = "secret";
	const int n = sizeof(password) - 1;
	struct fixture *f = *state;
	EVP_PKEY *key = key_of(f->server.key);

	for (int is_old = 0; is_old < 2; is_old++) {
		BIO *file = BIO_new_file(f->path, "w");

		assert_non_null(file);
		if (is_old)
			assert_int_equal(
				PEM_write_bio_PrivateKey_traditional(file, key, EVP_aes_128_cbc(),
								     password, n, NULL, NULL),
				1);
		else
			assert_int_equal(PEM_write_bio_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(),
								       (char *)password, n, NULL,
								       NULL),
					 1);
		BIO_free(file);
		assert_says(f, pem_check_key(f->path, &f->why), "the key is encrypted");
		assert_says(f, pem_check_pair(f->server.cert, f->path, &f->why), f->path);
		assert_says(f, pem_check_cert(f->path, &f->why), "no certificate in ");
	}
	EVP_PKEY_free(key);
}

static void files_of_something_else(void **state)
{
	static const char other_kind[] = "-----BEGIN PUBLIC KEY-----\nAAAA\n"
					 "-----END PUBLIC KEY-----\n";
	static const char *const others[] = { "", "junk\n", other_kind };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		put(f, others[i]);
		assert_says(f, pem_check_cert(f->path, &f->why), "no certificate in ");
		assert_says(f, pem_check_key(f->path, &f->why), "no private key in ");
	}
	assert_says(f, pem_check_pair(f->server.key, f->server.cert, &f->why),
		    "no certificate in ");
	assert_says(f, pem_check_cert(f->server.key, &f->why), ", which holds a private key");
	assert_says(f, pem_check_key(f->server.cert, &f->why), ", which holds a certificate");
	assert_says(f, pem_check_cert("/nonexistent", &f->why),
		    "cannot read /nonexistent: No such file or directory");
	assert_says(f, pem_check_key("/", &f->why), "/");
}

static void damaged_files(void **state)
{
	static const char *const ends[] = { "", "-----END CERTIFICATE-----\n",
					    "-----END EC PRIVATE KEY-----\n" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		CLEANUP(mem_free_string)
		char *cert = text_concat("-----BEGIN CERTIFICATE-----\nAAAA\n", ends[i]);
		CLEANUP(mem_free_string)
		char *key = text_concat("-----BEGIN EC PRIVATE KEY-----\nAAAA\n", ends[i]);

		put(f, cert);
		assert_says(f, pem_check_cert(f->path, &f->why), "certificate in it is damaged");
		put(f, key);
		assert_says(f, pem_check_key(f->path, &f->why), "private key in it is damaged");
	}
}

static void pairs_that_do_not_fit(void **state)
{
	struct fixture *f = *state;

	assert_says(f, pem_check_pair(f->server.cert, f->ca.key, &f->why),
		    "the key does not belong to the certificate in ");
	assert_says(f, pem_check_authority(f->ca.cert, f->server.key, &f->why),
		    "the key does not belong to the certificate in ");
	assert_says(f, pem_check_authority(f->server.cert, f->server.key, &f->why),
		    "the certificate is not that of an authority");
}

/* Put the server's certificate, valid for these days from now. */
static void put_valid(struct fixture *f, long from, long until)
{
	FILE *file = fopen(f->path, "we");
	EVP_PKEY *key = key_of(f->ca.key);
	X509 *cert = NULL;

	assert_non_null(file);
	assert_int_equal(pem_read_cert(f->server.cert, &f->why, &cert), 0);
	X509_gmtime_adj(X509_getm_notBefore(cert), from * 86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), until * 86400);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	fclose(file);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void dates(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *good = contents_of(f->server.cert);
	CLEANUP(mem_free_string) char *bad = NULL;
	CLEANUP(mem_free_string) char *chain = NULL;
	CLEANUP(text_deinit) struct text what = TEXT_INIT;

	assert_false(pem_is_out_of_date(f->server.cert, &what));
	put_valid(f, -1, 1);
	assert_false(pem_is_out_of_date(f->path, &what));
	assert_int_equal(what.n, 0);
	put_valid(f, 1, 2);
	assert_true(pem_is_out_of_date(f->path, &what));
	assert_non_null(strstr(text_str(&what), "is not valid before "));
	text_reset(&what);
	put_valid(f, -2, -1);
	assert_true(pem_is_out_of_date(f->path, &what));
	assert_non_null(strstr(text_str(&what), "expired on "));
	text_reset(&what);
	/* also as an intermediate */
	bad = contents_of(f->path);
	chain = text_concat(good, bad);
	put(f, chain);
	assert_true(pem_is_out_of_date(f->path, &what));
	text_reset(&what);
	put(f, "junk");
	assert_false(pem_is_out_of_date(f->path, &what));
	assert_false(pem_is_out_of_date("/nonexistent", &what));
	assert_int_equal(what.n, 0);
}

static void names(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	pem_add_names(f->server.cert, &out);
	assert_string_equal(text_str(&out),
			    "fe.lab.test, lyncweb.lab.test, 127.0.0.1, 2001:db8::7");
	text_reset(&out);
	pem_add_names(f->ca.cert, &out);
	pem_add_names("/nonexistent", &out);
	assert_int_equal(out.n, 0);
}

int main(void)
{
#define PEM_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		PEM_TEST(good_files),
		PEM_TEST(encrypted_keys),
		PEM_TEST(files_of_something_else),
		PEM_TEST(damaged_files),
		PEM_TEST(pairs_that_do_not_fit),
		PEM_TEST(dates),
		PEM_TEST(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
