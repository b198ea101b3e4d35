/*
 * The push service: its channels as JSON and back
 */
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/push_service/state.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

static struct json_object *write_state(struct fixture *f)
{
	return push_service_write(f->push_service, loop_wall_us(f->loop));
}

static void load_state(struct fixture *f, struct json_object *state)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!push_service_check(f->push_service, state, &why))
		fail_msg("%s", text_str(&why));
	push_service_load(f->push_service, state, loop_wall_us(f->loop));
}

static void post(struct fixture *f, const char *uri, const char *target, const char *class,
		 const char *document)
{
	struct outcome o;

	notify(f, uri, target, class, document, &o);
	assert_int_equal(o.status, 200);
	outcome_deinit(&o);
}

/* A toast that was fetched, one that was not, and a tile that its class holds back. */
static struct channel_of_test play(struct fixture *f)
{
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	post(f, c.uri, "toast", "2", TOAST("One"));
	take(f, &c, 0, &o);
	outcome_deinit(&o);
	take(f, &c, 1, &o);
	outcome_deinit(&o);
	post(f, c.uri, "toast", "2", TOAST("Two"));
	post(f, c.uri, "token", "11", TILE);
	return c;
}

static void assert_waiting(struct fixture *f, const struct channel_of_test *c, unsigned after,
			   const char *expected)
{
	CLEANUP(text_deinit) struct text got = TEXT_INIT;
	struct json_object *list;
	struct outcome o;

	take(f, c, after, &o);
	assert_int_equal(o.status, 200);
	list = json_object_object_get(o.body, "notifications");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *n = json_object_array_get_idx(list, i);

		text_add_all(&got, json_object_get_string(json_object_object_get(n, "number")), " ",
			     string_of(n, "kind"), "; ");
	}
	assert_string_equal(text_str(&got), expected);
	outcome_deinit(&o);
}

static void test_channels_come_back(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = play(f), other;
	struct json_object *first = write_state(f), *second, *empty = json_object_new_array();
	struct outcome o;

	load_state(f, empty);
	take(f, &c, 1, &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	other = new_channel(f); /* that is not in the file */
	load_state(f, first);
	take(f, &other, 0, &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	second = write_state(f);
	assert_int_equal(json_object_array_length(second), 1);
	assert_waiting(f, &c, 1, "2 toast; ");
	loop_jump(f->loop, 450000);
	assert_waiting(f, &c, 2, "3 tile; ");
	/* Its notification URI is what it was. */
	post(f, c.uri, "toast", "2", TOAST("Three"));
	assert_waiting(f, &c, 3, "4 toast; ");
	json_object_put(empty);
	json_object_put(first);
	json_object_put(second);
	channel_deinit(&c);
	channel_deinit(&other);
}

#define FLIP                                                                                       \
	"<wp:Notification xmlns:wp=\"WPNotification\" Version=\"2.0\"><wp:Tile Id=\"/a\" "         \
	"Template=\"FlipTile\"><wp:Count Action=\"Clear\"/><wp:Title>Lync</wp:Title>"              \
	"<wp:BackTitle Action=\"Clear\"/><wp:BackContent>back</wp:BackContent></wp:Tile>"          \
	"</wp:Notification>"

/* The file has times to the moment at which it is loaded, so they move by what that takes. */
static void drop_times(const struct outcome *o)
{
	struct json_object *list = notices_of(o);

	for (size_t i = 0; i < json_object_array_length(list); i++)
		json_object_object_del(json_object_array_get_idx(list, i), "receivedAt");
}

static void test_every_field_comes_back(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct json_object *file;
	struct outcome before, after;

	post(f, c.uri, "token", "1", FLIP);
	post(f, c.uri, "toast", "2", TOAST("Hi"));
	post(f, c.uri, "", "3", "raw");
	take(f, &c, 0, &before);
	assert_string_equal(string_of(notice_at(&before, 0), "template"), "FlipTile");
	assert_int_equal(
		json_object_array_length(json_object_object_get(notice_at(&before, 0), "cleared")),
		2);
	file = write_state(f);
	load_state(f, file);
	take(f, &c, 0, &after);
	drop_times(&before);
	drop_times(&after);
	assert_string_equal(json_object_to_json_string(after.body),
			    json_object_to_json_string(before.body));
	outcome_deinit(&before);
	outcome_deinit(&after);
	json_object_put(file);
	channel_deinit(&c);
}

static void test_who_holds_asks_again(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = play(f);
	struct json_object *file = write_state(f);
	struct outcome held;

	loop_jump(f->loop, f->config.connected_ms + 1);
	hold(f, &c, 2, 30, &held);
	await_connection(f, "Connected");
	load_state(f, file);
	await_outcome(f, &held);
	assert_int_equal(held.status, 503);
	outcome_deinit(&held);
	json_object_put(file);
	channel_deinit(&c);
}

/* Owned by the caller. */
static struct json_object *value_of(int i)
{
	switch (i) {
	case 0: return NULL;
	case 1: return json_object_new_string("");
	case 2: return json_object_new_string_len("a\0b", 3);
	case 3: return json_object_new_string("a\nb");
	case 4: return json_object_new_int64(0);
	case 5: return json_object_new_int64(1);
	case 6: return json_object_new_int64(INT64_MAX);
	case 7: return json_object_new_int64(INT64_MIN);
	case 8: return json_object_new_boolean(true);
	case 9: return json_object_new_object();
	default: return json_object_new_array();
	}
}

enum { N_VALUES = 11 };

/* With each value in each member: it is refused with the member's name, or taken and loaded. */
static void try_values(struct fixture *f, struct json_object *file, struct json_object *o)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;
	char *rest, *name;

	json_object_object_foreach (o, key, unused) {
		(void)unused;
		text_add_all(&names, key, " ");
	}
	for (rest = names.data; (name = strsep(&rest, " ")) && *name;)
		for (int i = 0; i < N_VALUES; i++) {
			CLEANUP(text_deinit) struct text why = TEXT_INIT;
			struct json_object *before =
				json_object_get(json_object_object_get(o, name));

			json_object_object_add(o, name, value_of(i));
			if (push_service_check(f->push_service, file, &why))
				push_service_load(f->push_service, file, 0);
			else
				assert_non_null(strstr(text_str(&why), name));
			json_object_object_add(o, name, before);
		}
}

static void test_no_value_does_harm(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = play(f);
	struct json_object *file = write_state(f);
	struct json_object *channel = json_object_array_get_idx(file, 0);

	try_values(f, file, channel);
	try_values(f, file,
		   json_object_array_get_idx(json_object_object_get(channel, "notices"), 0));
	load_state(f, file);
	json_object_put(file);
	channel_deinit(&c);
}

static void refuse(struct fixture *f, struct json_object *file, const char *why)
{
	CLEANUP(text_deinit) struct text got = TEXT_INIT;

	assert_false(push_service_check(f->push_service, file, &got));
	assert_string_equal(text_str(&got), why);
}

static void test_limits_and_doubles(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = play(f);
	struct json_object *file = write_state(f);
	struct json_object *channel = json_object_array_get_idx(file, 0);

	json_object_array_add(file, json_object_get(channel));
	refuse(f, file, "channels[1]: There are two with this \"id\".");
	f->config.max_channels = 1;
	refuse(f, file, "channels: There can be 1 (push_service.max_channels).");
	json_object_array_del_idx(file, 1, 1);
	f->config.max_queue = 1;
	refuse(f, file,
	       "channels[0]: notices: There can be 1 at a channel (push_service.max_queue).");
	json_object_array_add(file, json_object_new_int(7));
	f->config.max_channels = 2;
	f->config.max_queue = 2;
	refuse(f, file, "channels[1]: A channel is an object.");
	json_object_array_del_idx(file, 1, 1);
	json_object_object_add(channel, "colour", json_object_new_string("red"));
	refuse(f, file, "channels[0]: Unknown member \"colour\".");
	json_object_put(file);
	channel_deinit(&c);
}

int main(void)
{
#define STATE_TEST(fn)                                                                             \
	cmocka_unit_test_setup_teardown(fn, push_service_set_up, push_service_tear_down)
	const struct CMUnitTest tests[] = {
		STATE_TEST(test_channels_come_back),   STATE_TEST(test_every_field_comes_back),
		STATE_TEST(test_who_holds_asks_again), STATE_TEST(test_no_value_does_harm),
		STATE_TEST(test_limits_and_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
