/*
 * Keys for tests of TLS
 */
#include "keys.h"

#include "mcxd/net/pki.h"
#include "proto/text/mem.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

static void make_pair(const char *dir, const char *name, const char *file,
		      const struct pki_pair *ca, struct pki_pair *ret)
{
	const char *const dns[] = { name }, *const ips[] = { "127.0.0.1" };
	const struct pki_names names = { dns, 1, ips, 1 };

	assert_int_equal(pki_ensure_certificate(dir, file, &names, ca, ret), 0);
}

void keys_make(struct keys *k)
{
	snprintf(k->dir, sizeof(k->dir), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	assert_int_equal(pki_ensure_authority(k->dir, &k->ca), 0);
	make_pair(k->dir, "lab.test", "server", &k->ca, &k->server);
	make_pair(k->dir, "client.test", "client", &k->ca, &k->client);
}

void keys_remove(struct keys *k)
{
	struct pki_pair *pairs[] = { &k->ca, &k->server, &k->client };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		unlink(pairs[i]->cert);
		unlink(pairs[i]->key);
		pki_pair_deinit(pairs[i]);
	}
	assert_int_equal(rmdir(k->dir), 0);
}

struct keys keys_ours, keys_foreign;

int keys_set_up(void **state)
{
	(void)state;
	keys_make(&keys_ours);
	keys_make(&keys_foreign);
	return 0;
}

int keys_tear_down(void **state)
{
	(void)state;
	keys_remove(&keys_ours);
	keys_remove(&keys_foreign);
	return 0;
}
