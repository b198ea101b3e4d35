/*
 * Toasts and tiles
 */
#include "proto/push/mpns.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define OPEN  "<wp:Notification xmlns:wp=\"WPNotification\">"
#define CLOSE "</wp:Notification>"

static int decode(const char *s, struct mpns_notification *ret)
{
	const char *why = NULL;
	int r = mpns_decode(s, strlen(s), ret, &why);

	if (r < 0) {
		assert_non_null(why);
		assert_null(ret->text1);
		assert_int_equal(ret->count, -1);
	}
	return r;
}

static void test_toast(void **state)
{
	struct mpns_notification toast = {
		.kind = MPNS_TOAST,
		.text1 = mem_strdup("Alice"),
		.text2 = mem_strdup("2 < 3 & \"so\""),
		.param = mem_strdup("/im?push=1"),
		.count = -1,
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct mpns_notification back;

	(void)state;
	mpns_encode(&t, &toast);
	assert_string_equal(text_str(&t), "<?xml version=\"1.0\" encoding=\"utf-8\"?>" OPEN
					  "<wp:Toast><wp:Text1>Alice</wp:Text1>"
					  "<wp:Text2>2 &lt; 3 &amp; &quot;so&quot;</wp:Text2>"
					  "<wp:Param>/im?push=1</wp:Param></wp:Toast>" CLOSE);
	assert_int_equal(decode(text_str(&t), &back), 0);
	assert_int_equal(back.kind, MPNS_TOAST);
	assert_string_equal(back.text1, toast.text1);
	assert_string_equal(back.text2, toast.text2);
	assert_string_equal(back.param, toast.param);
	assert_null(back.title);
	mpns_deinit(&back);
	mpns_deinit(&toast);
}

static void test_tile(void **state)
{
	struct mpns_notification tile = { .kind = MPNS_TILE, .count = 3 };
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct mpns_notification back;

	(void)state;
	mpns_encode(&t, &tile);
	assert_string_equal(text_str(&t), "<?xml version=\"1.0\" encoding=\"utf-8\"?>" OPEN
					  "<wp:Tile><wp:Count>3</wp:Count></wp:Tile>" CLOSE);
	assert_int_equal(decode(text_str(&t), &back), 0);
	assert_int_equal(back.kind, MPNS_TILE);
	assert_int_equal(back.count, 3);
	mpns_deinit(&back);

	text_reset(&t);
	tile.count = 1000;
	mpns_encode(&t, &tile);
	assert_non_null(strstr(text_str(&t), "<wp:Count>99</wp:Count>"));
}

static void test_other_writers(void **state)
{
	struct mpns_notification back;

	(void)state;
	assert_int_equal(
		decode("<Notification xmlns=\"WPNotification\" Version=\"2.0\">\n"
		       "  <Tile Id=\"x\">\n    <BackgroundImage>red.jpg</BackgroundImage>\n"
		       "    <Count>123456789012345678901</Count>\n    <Title>Lync</Title>\n"
		       "    <BackTitle>b</BackTitle>\n  </Tile>\n</Notification>\n",
		       &back),
		0);
	assert_string_equal(back.background_image, "red.jpg");
	assert_string_equal(back.title, "Lync");
	assert_int_equal(back.count, MPNS_MAX_COUNT);
	mpns_deinit(&back);
	assert_int_equal(decode(OPEN "<wp:Toast/>" CLOSE, &back), 0);
	assert_null(back.text1);
	mpns_deinit(&back);
	assert_int_equal(decode(OPEN "<wp:Tile><wp:Count/></wp:Tile>" CLOSE, &back), 0);
	assert_int_equal(back.count, 0);
	mpns_deinit(&back);
}

static void test_templates(void **state)
{
	static const char flip[] =
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<wp:Notification xmlns:wp=\"WPNotification\" Version=\"2.0\">"
		"<wp:Tile Id=\"/Main.xaml?a=1&amp;b=2\" Template=\"FlipTile\">"
		"<wp:WideBackContent>wide back</wp:WideBackContent>"
		"<wp:BackgroundImage>red.jpg</wp:BackgroundImage><wp:Count>7</wp:Count>"
		"<wp:Title>Lync</wp:Title><wp:BackBackgroundImage "
		"Action=\"Clear\"></wp:BackBackgroundImage>"
		"<wp:BackTitle>back</wp:BackTitle><wp:BackContent>content</wp:BackContent></"
		"wp:Tile>" CLOSE;
	static const char iconic[] =
		OPEN "<wp:Tile Template=\"IconicTile\"><wp:IconImage>i.png</wp:IconImage>"
		     "<wp:WideContent1>one</wp:WideContent1><wp:Count Action=\"Clear\"/>"
		     "<wp:BackgroundColor>#FF524742</wp:BackgroundColor></wp:Tile>" CLOSE;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct mpns_notification n;

	(void)state;
	assert_int_equal(decode(flip, &n), 0);
	assert_int_equal(n.tile_template, MPNS_FLIP_TILE);
	assert_string_equal(n.tile_id, "/Main.xaml?a=1&b=2");
	assert_string_equal(n.back_title, "back");
	assert_null(n.back_background_image);
	mpns_encode(&again, &n);
	assert_string_equal(text_str(&again), flip);
	mpns_deinit(&n);

	assert_int_equal(decode(iconic, &n), 0);
	assert_int_equal(n.tile_template, MPNS_ICONIC_TILE);
	assert_null(n.tile_id);
	assert_string_equal(n.icon_image, "i.png");
	assert_string_equal(n.background_color, "#FF524742");
	assert_true(n.clears_count);
	assert_int_equal(n.count, -1);
	mpns_deinit(&n);
	assert_int_equal(decode(OPEN "<wp:Tile Template=\"RoundTile\"/>" CLOSE, &n), -EINVAL);
	assert_int_equal(decode(OPEN "<wp:Tile><wp:Title Action=\"Clear\"/><wp:Title>x</wp:Title>"
				     "</wp:Tile>" CLOSE,
				&n),
			 -EINVAL);
}

/* Every element that there is goes there and back, and is cleared by its own bit. */
static void test_every_field(void **state)
{
	(void)state;
	assert_true(mpns_n_fields() <= 32);
	for (size_t i = 0; i < mpns_n_fields(); i++) {
		struct mpns_notification n = { .kind = mpns_field(i)->kind, .count = -1 }, back;
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		*mpns_slot(&n, i) = mem_strdup("value & more");
		mpns_encode(&t, &n);
		assert_int_equal(decode(text_str(&t), &back), 0);
		for (size_t j = 0; j < mpns_n_fields(); j++) {
			if (j == i)
				assert_string_equal(mpns_string(&back, j), "value & more");
			else
				assert_null(mpns_string(&back, j));
		}
		assert_int_equal(back.cleared, 0);
		mpns_deinit(&back);
		mpns_deinit(&n);
		text_reset(&t);
		n = (struct mpns_notification){ .kind = mpns_field(i)->kind,
						.count = -1,
						.cleared = UINT32_C(1) << i };
		mpns_encode(&t, &n);
		assert_int_equal(decode(text_str(&t), &back), 0);
		assert_int_equal(back.cleared, n.cleared);
		mpns_deinit(&back);
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"hello",
		"<wp:Notification><wp:Toast/></wp:Notification>",
		"<Notification><Toast/></Notification>",
		OPEN CLOSE,
		OPEN "<wp:Raw/>" CLOSE,
		OPEN "<Toast/>" CLOSE,
		OPEN "<wp:Toast/><wp:Tile/>" CLOSE,
		OPEN "<wp:Toast><wp:Text1>a</wp:Text1>" CLOSE,
		OPEN "<wp:Toast><wp:Text1>a</wp:Text1><wp:Text1>b</wp:Text1></wp:Toast>" CLOSE,
		OPEN "<wp:Tile><wp:Count>-1</wp:Count></wp:Tile>" CLOSE,
		OPEN "<wp:Tile><wp:Count>1</wp:Count><wp:Count>1</wp:Count></wp:Tile>" CLOSE,
		"<!DOCTYPE a [<!ENTITY b \"c\">]>" OPEN
		"<wp:Toast><wp:Text1>&b;</wp:Text1></wp:Toast>" CLOSE,
	};
	struct mpns_notification back;
	char big[MPNS_MAX_BYTES + 200];
	int n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &back), -EINVAL);
	n = snprintf(big, sizeof(big), OPEN "<wp:Toast><wp:Text1>%*s</wp:Text1></wp:Toast>" CLOSE,
		     MPNS_MAX_BYTES, "");
	assert_true(n > MPNS_MAX_BYTES);
	assert_int_equal(decode(big, &back), -EINVAL);
}

static void test_headers(void **state)
{
	enum mpns_kind kind;
	int delay = -1;

	(void)state;
	assert_int_equal(mpns_kind_of("toast", &kind), 0);
	assert_int_equal(kind, MPNS_TOAST);
	assert_int_equal(mpns_kind_of("token", &kind), 0);
	assert_int_equal(kind, MPNS_TILE);
	assert_int_equal(mpns_kind_of(NULL, &kind), 0);
	assert_int_equal(kind, MPNS_RAW);
	assert_int_equal(mpns_kind_of("tile", &kind), -EINVAL);
	assert_int_equal(mpns_kind_of("", &kind), -EINVAL);
	assert_string_equal(mpns_target(MPNS_TILE), "token");
	assert_null(mpns_target(MPNS_RAW));

	assert_int_equal(mpns_class(MPNS_TOAST), 2);
	assert_int_equal(mpns_class_delay_s(MPNS_TOAST, "2", &delay), 0);
	assert_int_equal(delay, 0);
	assert_int_equal(mpns_class_delay_s(MPNS_TOAST, "12", &delay), 0);
	assert_int_equal(delay, 450);
	assert_int_equal(mpns_class_delay_s(MPNS_RAW, "23", &delay), 0);
	assert_int_equal(delay, 900);
	assert_int_equal(mpns_class_delay_s(MPNS_TILE, NULL, &delay), 0);
	assert_int_equal(delay, 0);
	assert_int_equal(mpns_class_delay_s(MPNS_TILE, "2", &delay), -EINVAL);
	assert_int_equal(mpns_class_delay_s(MPNS_TILE, "31", &delay), -EINVAL);
	assert_int_equal(mpns_class_delay_s(MPNS_TILE, "", &delay), -EINVAL);
}

static void test_answers(void **state)
{
	(void)state;
	/* The answer that a row describes is classified as that row. */
	for (int i = 0; i < N_MPNS_STATUSES; i++) {
		const struct mpns_row *row = mpns_row((enum mpns_status)i);

		assert_int_equal(
			mpns_status_of(row->http_status, row->notification, row->subscription), i);
	}
	assert_int_equal(mpns_status_of(200, NULL, NULL), MPNS_RECEIVED);
	assert_int_equal(mpns_status_of(202, "received", "active"), MPNS_RECEIVED);
	assert_int_equal(mpns_status_of(200, "Dropped", "Active"), MPNS_BAD_REQUEST);
	assert_int_equal(mpns_status_of(404, NULL, NULL), MPNS_EXPIRED);
	assert_int_equal(mpns_status_of(302, NULL, NULL), MPNS_BAD_REQUEST);
	assert_int_equal(mpns_status_of(418, NULL, NULL), MPNS_BAD_REQUEST);
	assert_int_equal(mpns_status_of(500, NULL, NULL), MPNS_UNAVAILABLE);
	assert_int_equal(mpns_status_of(0, NULL, NULL), MPNS_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_toast),         cmocka_unit_test(test_tile),
		cmocka_unit_test(test_other_writers), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_templates),     cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_headers),       cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
