/*
 * The settings of mcxd, and the README's table of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contents.h"

#include "mcxd/settings.h"

#include "mcxd/base/file.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/core/core.h"
#include "mcxd/net/pki.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

#include <unistd.h>

static void test_table_is_sound(void **state)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	(void)state;
	if (!setting_check_table(&settings_table, &why))
		fail_msg("%s", text_str(&why));
}

static void test_readme_has_the_table(void **state)
{
	CLEANUP(mem_free_string) char *printed = contents_between(README, "settings");
	CLEANUP(text_deinit) struct text table = TEXT_INIT;

	(void)state;
	setting_markdown(&settings_table, &table);
	/* If this fails, put the output of `mcxd --settings` between the two marks. */
	assert_string_equal(printed, text_str(&table));
}

static void check_refused(const char *arg, const char *why)
{
	struct settings s = { 0 };
	CLEANUP(text_deinit) struct text error = TEXT_INIT;

	setting_defaults(&settings_table, &s);
	assert_true(setting_set_arg(&settings_table, &s, arg, &error) < 0);
	assert_non_null(strstr(text_str(&error), why));
	setting_deinit(&settings_table, &s);
}

static const struct {
	const char *arg, *why;
} refused[] = {
	{ "core.server_fqdn=", "expected a host name" },
	{ "core.server_fqdn=a b", "expected a host name" },
	{ "edge.fqdn=edge.lab.test:5061", "expected a host name" },
	{ "edge.fqdn=edge;lr", "expected a host name" },
	{ "edge.allowed_domains=push.lync.com push@lync.com",
	  "neither a host name nor an address" },
	{ "federation.push.lync.com=push", "expected a SIP URI" },
	{ "federation.a b=sip:x", "not a host name" },
	{ "edge.trusted_peers=fe.lab.test", "neither an address nor a network" },
	{ "clearing_house.address=x", "expected a SIP address" },
	{ "clearing_house.address=sip:push@push.lync.com", "expected a SIP address" },
	{ "push.target=", "a SIP URI with a user part" },
	{ "push.target=foo", "a SIP URI with a user part" },
	{ "push.target=sip:", "a SIP URI with a user part" },
	{ "push.target=sip:x", "a SIP URI with a user part" },
	{ "push.target=tel:1", "a SIP URI with a user part" },
	{ "push.target=<sip:push@push.lync.com>", "a SIP URI with a user part" },
	{ "edge.next_hop=sip:", "expected a SIP URI" },
	{ "https.public_url=foo", "expected http:// or https://" },
	{ "https.public_url=https://", "expected http:// or https://" },
	{ "https.public_url=https://lab.test/", "expected http:// or https://" },
	{ "https.allowed_origins=https://app.lab.test *", "the origins must be listed" },
	{ "https.allowed_origins=app.lab.test", "expected http:// or https://" },
	{ "https.allowed_origins=https://app.lab.test/", "and nothing behind it" },
	{ "https.allowed_origins=null", "expected http:// or https://" },
	{ "push_service.base_url=ftp://lab.test", "expected http:// or https://" },
	{ "push_service.base_url=http://lab.test/path", "expected http:// or https://" },
	{ "sip.tcp=5060", "an address and a port" },
	{ "sip.tcp=example.com:5060", "expected a numeric address, such as" },
	{ "https.listen=::1:5060", "expected a numeric address, such as" },
	{ "https.listen=[127.0.0.1]:1", "expected a numeric address, such as" },
	{ "edge.tls=localhost:1", "expected a numeric address, such as" },
	{ "sip.udp=127.0.0.1:65536", "the port must be 0 to 65535" },
	{ "push_service.listen=", "use --roles" },
	{ "sip.tcp=127.0.0.1:70000", "port" },
	{ "edge.tls_client=perhaps", "words are none, optional and required" },
	{ "pki.trust=none.pem /dev/null", "cannot read none.pem" },
	{ "pki.trust=/dev/null", "no certificate in /dev/null" },
	{ "sip.key_file=/dev/null", "no private key in /dev/null" },
	{ "clearing_house.allow_hosts=127.0.0.1:80x", "\"127.0.0.1:80x\" is not of the form" },
	{ "clearing_house.allow_hosts=a:80 http://a", "\"http://a\" is not of the form" },
	{ "clearing_house.allow_hosts=a:80:*", "is not of the form" },
	{ "clearing_house.allow_hosts=:*", "is not of the form" },
	{ "push.allow_hosts=*.lab.test", "is not of the form" },
	{ "edge.tls_allow=*.lab.test", "neither a host name nor an address" },
	{ "net.trusted_proxies=proxy.lab.test", "neither an address nor a network" },
	{ "net.trusted_proxies=10.0.0.1/8", "behind the prefix all bits are zero" },
	{ "push.next_hop=127.0.0.1:5061", "SIP URI" },
	{ "core.invite_timeout=soon", "core.invite_timeout" },
	{ "core.invite_timeuot=1s", "core.invite_timeout" },
	{ "users.file=/nowhere/users.ini", "cannot read /nowhere/users.ini: No such file" },
	{ "users.file=/tmp", "cannot read /tmp: Is a directory" },
	{ "clearing_house.ca_file=/tmp", "cannot read /tmp: Is a directory" },
	{ "clearing_house.ca_file=/dev/null", "no certificate in /dev/null" },
	{ "hosts.=127.0.0.1", "hosts.: not a host name" },
	{ "hosts.a b=127.0.0.1", "not a host name, such as edge.lab.test" },
	{ "hosts.a..b=127.0.0.1", "not a host name" },
	{ "hosts.127.0.0.1=127.0.0.2", "expected a host name, not an address" },
	{ "hosts.a=", "hosts.a: expected a numeric address without a port" },
	{ "sip.tcp_authentication=", "must be none, digest, ntlm, or digest and ntlm" },
	{ "sip.tcp_authentication=basic", "must be none, digest, ntlm, or digest and ntlm" },
	{ "sip.tcp_authentication=none digest", "must be none, digest, ntlm, or digest and ntlm" },
	{ "sip.tcp_authentication=ntlm,ntlm", "must be none, digest, ntlm, or digest and ntlm" },
	{ "sip.realm=", "must be a text without quotes and backslashes" },
	{ "sip.realm=a\"b", "must be a text without quotes and backslashes" },
	{ "sip.digest_algorithms=", "must be SHA-256, MD5 or both" },
	{ "sip.digest_algorithms=SHA-1", "\"SHA-1\" is neither SHA-256 nor MD5" },
	{ "hosts.a=b", "hosts.a: expected a numeric address" },
	{ "hosts.a=127.0.0.1:5060", "hosts.a: expected a numeric address" },
	{ "log.format=yaml", "unknown format \"yaml\"; formats are text and json" },
	{ "log.level=loud", "unknown level \"loud\"; levels are error, warn, info and debug" },
	{ "log.level=info,kitchen=debug", "unknown room \"kitchen\"; rooms are " },
	{ "lab.max_body=1", "must be" },
	{ "lab.max_message=1k", "unknown setting" },
};

static void test_bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		check_refused(refused[i].arg, refused[i].why);
}

static void test_good_values(void **state)
{
	static const char *const args[] = {
		"core.server_fqdn=localhost",
		"edge.allowed_domains=push.lync.com, other.test 127.0.0.1",
		"edge.allowed_domains=",
		"federation.push.lync.com=sip:127.0.0.1:5061;transport=tls",
		"clearing_house.address=Push@push.lync.com",
		"push.target=sips:push@push.lync.com:5061;transport=tls",
		"hosts.Edge.lab.test=127.0.0.2",
		"hosts.six=::1",
		"net.trusted_proxies=127.0.0.1, 10.0.0.0/8 fd00::/8",
		"hosts.six=[::1]",
		"https.public_url=",
		"https.public_url=https://lyncweb.lab.test",
		"push_service.base_url=http://[::1]:8080",
	};
	struct settings s = { 0 };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	(void)state;
	setting_defaults(&settings_table, &s);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		setting_set_arg(&settings_table, &s, args[i], &why);
	assert_string_equal(text_str(&why), "");
	setting_deinit(&settings_table, &s);
}

static void test_values_that_do_not_go_together(void **state)
{
	struct settings s = { 0 };
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	(void)state;
	setting_defaults(&settings_table, &s);
	settings_check(&s, &errors);
	assert_string_equal(text_str(&errors), "");
	s.core.min_expires_s = s.core.max_expires_s + 1;
	settings_check(&s, &errors);
	assert_string_equal(
		text_str(&errors),
		"core.min_expires (7201s) must not be longer than core.max_expires (7200s)\n");
	text_reset(&errors);
	s.core.min_expires_s = s.core.max_expires_s;
	s.https.proxy_protocol = true;
	settings_check(&s, &errors);
	assert_string_equal(text_str(&errors), "https.proxy_protocol needs net.trusted_proxies\n");
	setting_deinit(&settings_table, &s);
}

/* A SIP listener that other machines can reach, of each role, and the two cures. */
static void test_network_is_not_trusted(void **state)
{
	static const struct {
		const char *listen, *cure;
	} rows[] = {
		{ "sip.udp=0.0.0.0:5060", "sip.udp_authentication=digest" },
		{ "sip.tcp=192.0.2.1:5060", "sip.tcp_authentication=ntlm" },
		{ "sip.tls=[::]:5061", "sip.tls_authentication=digest ntlm" },
		{ "sip.tls=[2001:db8::1]:5061", "sip.tls_client=required" },
		{ "sip.tcp=[::ffff:192.0.2.1]:5060", "net.trust_network=yes" },
		{ "edge.tcp=0.0.0.0:5070", "net.trust_network=yes" },
		{ "clearing_house.tcp=[::]:5080", "net.trust_network=yes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text errors = TEXT_INIT;
		const char *listen = rows[i].listen;
		struct settings s = { 0 };

		setting_defaults(&settings_table, &s);
		setting_set_arg(&settings_table, &s, listen, NULL);
		settings_check(&s, &errors);
		assert_memory_equal(text_str(&errors), listen, strcspn(listen, "="));
		assert_non_null(strstr(text_str(&errors), "authentication"));
		assert_non_null(strstr(text_str(&errors), "net.trust_network = yes"));
		text_reset(&errors);
		setting_set_arg(&settings_table, &s, rows[i].cure, NULL);
		settings_check(&s, &errors);
		assert_string_equal(text_str(&errors), "");
		setting_deinit(&settings_table, &s);
	}
}

/* Certificates are demanded by default; without them the network would have to be trusted. */
static void test_certificates_prove(void **state)
{
	static const char *const sections[] = { "edge", "clearing_house" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		CLEANUP(mem_free_string) char *listen = text_concat(sections[i], ".tls=0.0.0.0:0");
		CLEANUP(mem_free_string)
		char *client = text_concat(sections[i], ".tls_client=optional");
		CLEANUP(text_deinit) struct text errors = TEXT_INIT;
		struct settings s = { 0 };

		setting_defaults(&settings_table, &s);
		setting_set_arg(&settings_table, &s, listen, NULL);
		settings_check(&s, &errors);
		assert_string_equal(text_str(&errors), "");
		setting_set_arg(&settings_table, &s, client, NULL);
		settings_check(&s, &errors);
		assert_non_null(strstr(text_str(&errors), "tls_client = required"));
		setting_deinit(&settings_table, &s);
	}
}

static void assert_hops(const char *const args[], const char *expected)
{
	struct settings s = { 0 };
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	setting_defaults(&settings_table, &s);
	for (; *args; args++)
		assert_int_equal(setting_set_arg(&settings_table, &s, *args, NULL), 0);
	settings_check(&s, &errors);
	assert_string_equal(text_str(&errors), expected);
	setting_deinit(&settings_table, &s);
}

static void test_next_hops_are_known(void **state)
{
	(void)state;
	assert_hops((const char *[]){ "push.next_hop=sip:edge.lab.test;transport=tls",
				      "edge.next_hop=sip:push.lync.com:5081", NULL },
		    "push.next_hop: the name edge.lab.test is not in [hosts]; add edge.lab.test = "
		    "ADDRESS there, because mcxd asks no name server\n"
		    "edge.next_hop: the name push.lync.com is not in [hosts]; add push.lync.com = "
		    "ADDRESS there, because mcxd asks no name server\n");
	assert_hops((const char *[]){ "push.next_hop=sip:Edge.lab.test;transport=tls",
				      "edge.next_hop=sip:[::1]:5081", "hosts.edge.LAB.test=::1",
				      NULL },
		    "");
	assert_hops((const char *[]){ "push.next_hop=sip:localhost:5071",
				      "edge.next_hop=sip:127.0.0.1", NULL },
		    "");
}

/* ---- dump, load, dump ---- */

struct trip {
	char dir[32];
	char *dump_path;
	struct pki_pair pair;
	char *file;  /* with both of them; one that settings can name */
	char *token; /* a file with one */
	struct settings s;
};

static int trip_setup(void **state)
{
	struct trip *t = MEM_NEW(struct trip);
	CLEANUP(mem_free_string) char *cert = NULL;
	CLEANUP(mem_free_string) char *key = NULL;
	CLEANUP(mem_free_string) char *both = NULL;

	snprintf(t->dir, sizeof(t->dir), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	t->dump_path = text_format("%s/dump.ini", t->dir);
	t->file = text_format("%s/a \"file\" ;#.pem ", t->dir);
	assert_int_equal(pki_ensure_authority(t->dir, &t->pair), 0);
	cert = contents_of(t->pair.cert);
	key = contents_of(t->pair.key);
	both = text_concat(key, cert);
	assert_int_equal(file_replace(t->file, both, strlen(both), 0600), 0);
	t->token = text_format("%s/token", t->dir);
	assert_int_equal(file_replace(t->token, "0123456789abcdef", 16, 0600), 0);
	setting_defaults(&settings_table, &t->s);
	*state = t;
	return 0;
}

static int trip_teardown(void **state)
{
	struct trip *t = *state;

	setting_deinit(&settings_table, &t->s);
	unlink(t->dump_path);
	unlink(t->file);
	unlink(t->token);
	unlink(t->pair.cert);
	unlink(t->pair.key);
	pki_pair_deinit(&t->pair);
	rmdir(t->dir);
	free(t->dump_path);
	free(t->file);
	free(t->token);
	free(t);
	return 0;
}

static void assert_comes_back(struct trip *t)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	CLEANUP(text_deinit) struct text dump = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;

	setting_dump(&settings_table, &t->s, &dump);
	setting_deinit(&settings_table, &t->s);
	t->s = (struct settings){ 0 };
	setting_defaults(&settings_table, &t->s);
	assert_int_equal(file_replace(t->dump_path, dump.data, dump.n, 0600), 0);
	setting_load(&settings_table, &t->s, t->dump_path, &errors);
	assert_string_equal(text_str(&errors), "");
	setting_dump(&settings_table, &t->s, &again);
	assert_string_equal(text_str(&again), text_str(&dump));
}

static void test_defaults_come_back(void **state)
{
	assert_comes_back(*state);
}

static bool is_default(const struct trip *t, const struct setting *row)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	setting_add_value(row, &t->s, &value);
	return !strcmp(text_str(&value), row->def ? row->def : "");
}

static void set_number(struct trip *t, size_t offset, int64_t number)
{
	*(int64_t *)(void *)((char *)&t->s + offset) = number;
}

/* A valid value of this row that is not its default; if any text is valid, one with awkward characters. */
static void set_string(struct trip *t, const struct setting *row, size_t i)
{
	static const char *const nasty[] = {
		" leading, trailing ",
		"a ; b # c",
		"",
		"\"quoted\"",
		"back\\slash\\",
		"gr\303\274\303\237e [x] = y : z",
		";",
		"#",
		"\"",
	};
	const char *const picky[] = {
		"127.0.0.1:0",
		"sip:127.0.0.1:1;transport=tcp",
		"debug,sip=error",
		"no",
		"yes",
		t->file,
		t->token,
		t->pair.cert,
		"sip:a@lab.test",
		"a@lab.test",
		"b.lab.test",
		"http://lab.test:1",
		"/dev/null",
		"optional",
		"required",
		"json",
		"10.0.0.0/8",
		"digest ntlm",
		"MD5",
	};
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	for (size_t k = 0; is_default(t, row) && k < ARRAY_SIZE(nasty); k++)
		setting_value_set(row, &t->s, nasty[(i + k) % ARRAY_SIZE(nasty)], &why);
	for (size_t k = 0; is_default(t, row) && k < ARRAY_SIZE(picky); k++)
		setting_value_set(row, &t->s, picky[k], &why);
}

static void set_map(struct trip *t, const struct setting *row)
{
	bool is_hosts = !strcmp(row->section, "hosts");
	const struct setting_map *map = is_hosts ? &t->s.hosts : &t->s.routes;
	const char *const values[] = { is_hosts ? "::1" : "sip:127.0.0.1:5061;transport=tls",
				       is_hosts ? "127.0.0.2" : "sips:b" };
	const char *const names[] = { "Edge.lab.test", "b" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(mem_free_string)
		char *arg = text_concat(row->section, ".", names[i], "=", values[i]);

		setting_set_arg(&settings_table, &t->s, arg, NULL);
	}
	assert_int_equal(map->n, 2);
}

static void set_row(struct trip *t, const struct setting *row, size_t i)
{
	const struct setting_override *o = row->overrides;

	if (row->type == SETTING_MAP) {
		set_map(t, row);
		return;
	}
	if (row->type == SETTING_STRING || row->type == SETTING_BOOL) {
		set_string(t, row, i);
	} else {
		set_number(t, row->offset, i % 2 ? row->max : row->min);
		if (is_default(t, row))
			set_number(t, row->offset, i % 2 ? row->min : row->max);
	}
	for (size_t k = 0; o && o[k].section; k++)
		if (k % 2 == 0) /* every other section overrides it */
			set_number(t, o[k].offset, row->min + (int64_t)k);
	if (is_default(t, row))
		fail_msg("%s.%s kept its default", row->section, row->key);
}

static void test_other_values_come_back(void **state)
{
	struct trip *t = *state;

	for (size_t i = 0; i < settings_table.n_rows; i++)
		set_row(t, &settings_table.rows[i], i);
	assert_comes_back(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_readme_has_the_table),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_good_values),
		cmocka_unit_test(test_values_that_do_not_go_together),
		cmocka_unit_test(test_network_is_not_trusted),
		cmocka_unit_test(test_certificates_prove),
		cmocka_unit_test(test_next_hops_are_known),
		cmocka_unit_test_setup_teardown(test_defaults_come_back, trip_setup, trip_teardown),
		cmocka_unit_test_setup_teardown(test_other_values_come_back, trip_setup,
						trip_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
