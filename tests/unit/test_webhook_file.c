/*
 * The file with the secret of webhooks
 */
#include "mcxd/webhook_file.h"

#include "proto/auth/webhook.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	char *path;
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->dir, sizeof(f->dir), "/tmp/mcxd-webhook-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = text_concat(f->dir, "/webhook.secret");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void it_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct webhook_secret first, again;
	struct stat st;

	assert_int_equal(webhook_file_load(f->path, &first), 0);
	assert_int_equal(first.n, WEBHOOK_NEW_SECRET);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(webhook_file_load(f->path, &again), 0);
	assert_int_equal(again.n, first.n);
	assert_memory_equal(again.bytes, first.bytes, first.n);
	unlink(f->path);
	assert_int_equal(webhook_file_load(f->path, &again), 0);
	assert_memory_not_equal(again.bytes, first.bytes, first.n);
}

static void write_file(const struct fixture *f, const char *what)
{
	FILE *file = fopen(f->path, "we");

	assert_non_null(file);
	fputs(what, file);
	fclose(file);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "", "whsec_\n", "a good deal of other characters\n",
					   "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=\n" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		struct webhook_secret secret;

		write_file(f, bad[i]);
		assert_int_equal(webhook_file_load(f->path, &secret), -EINVAL);
		webhook_file_check(f->path, &why);
		assert_non_null(strstr(text_str(&why), f->path));
		if (*bad[i])
			assert_null(strstr(text_str(&why), "YWFh"));
	}
}

static void a_missing_one_is_fine(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct webhook_secret secret;

	webhook_file_check("", &why);
	webhook_file_check(f->path, &why);
	assert_int_equal(why.n, 0);
	assert_int_equal(webhook_file_load("/nonexistent/webhook.secret", &secret), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_made_once),
		TEST(what_is_none_is_refused),
		TEST(a_missing_one_is_fine),
	};

	return cmocka_run_group_tests_name("webhook_file", tests, NULL, NULL);
}
