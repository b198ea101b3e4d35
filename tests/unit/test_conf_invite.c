/*
 * Invitations to conferences
 */
#include "proto/sip/conf_invite.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FOCUS "<focus-uri>sip:alice@lab.test;gruu;opaque=app:conf:focus:id:4F2</focus-uri>"

static void check(const char *elements, const char *media)
{
	CLEANUP(mem_free_string)
	char *document = text_format("<Conferencing version=\"2.0\">%s</Conferencing>", elements);
	struct conf_invite invite;
	const char *why = NULL;

	assert_int_equal(conf_invite_decode(document, strlen(document), &invite, &why),
			 media ? 0 : -EINVAL);
	if (!media)
		assert_non_null(why);
	media = media ? media : "";
	assert_int_equal(invite.im, strchr(media, 'i') != NULL);
	assert_int_equal(invite.audio, strchr(media, 'a') != NULL);
	assert_int_equal(invite.video, strchr(media, 'v') != NULL);
}

static void test_media(void **state)
{
	(void)state;
	check(FOCUS "<im available=\"true\"><first-im/></im>", "i");
	check(FOCUS, "i");
	check(FOCUS "<audio available=\"true\"/>", "a");
	check(FOCUS "<audio/><video available=\"TRUE\"/>", "av");
	check(FOCUS "<im available=\"false\"/><av available=\"true\"/>", "a");
	check(FOCUS "<subject><video/></subject>", "i");
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "", "x", "<Conference/>", "<Conferencing>",
					   "<!DOCTYPE a><Conferencing/>" };
	struct conf_invite invite;
	const char *why;

	(void)state;
	check("", NULL);
	check("<focus-uri>http://a</focus-uri>", NULL);
	check("<a>" FOCUS "</a>", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		assert_int_equal(conf_invite_decode(bad[i], strlen(bad[i]), &invite, &why),
				 -EINVAL);
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_media),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
