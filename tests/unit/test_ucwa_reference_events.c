/*
 * The events that are sent against those in Microsoft's reference
 *
 * golden/ucwa_events.txt has what the "Events" sections of the reference pages list: page, type, resource, sender,
 * priority, and the list or resource that it is in. golden/ucwa_events_omitted.txt says what of it is never sent, and why; "*" is
 * the whole page. What is in neither has been forgotten.
 */
#include "golden.h"

#include "mcxd/core/event.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/event.h"
#include "web/ucwa/events.h"

#include <stdbool.h>
#include <string.h>

enum { PAGE, TYPE, RESOURCE, SENDER, PRIORITY, IN, N_WORDS };

typedef void line_h(void *magic, const char *const words[N_WORDS]);

static void each(const char *file, line_h *on_line, void *magic)
{
	CLEANUP(text_deinit) struct text all = golden_read(file);
	CLEANUP(mem_free_string) char *copy = mem_strdup(text_str(&all));
	char *rest = copy;

	for (char *line; (line = strsep(&rest, "\n"));) {
		const char *words[N_WORDS] = { "", "", "", "", "", "" };

		if (!*line || *line == '#')
			continue;
		for (size_t i = 0; i < N_WORDS && line; i++)
			words[i] = strsep(&line, " ");
		assert_true(*words[RESOURCE]);
		on_line(magic, words);
	}
}

/* Of the samples' events no page has this one: an event whose page lists only that it was started. */
static const char *const sampled[][2] = {
	{ "message", "completed" },
	{ "phoneAudioInvitation", "completed" }, /* its text says how it completes */
	{ "onlineMeetingInvitation", "completed" },
};

/* ---- what is sent ---- */

static bool is_kind(enum ucwa_event_kind kind, const char *const words[N_WORDS])
{
	struct ucwa_event_shape e;

	ucwa_event_shape(kind, &e);
	return !strcmp(e.rel, words[RESOURCE]) && !strcmp(e.sender, words[SENDER]) &&
	       !strcmp(e.in ? e.in : "-", words[IN]) &&
	       (!strcmp(e.type, words[TYPE]) ||
		(e.other_type && !strcmp(e.other_type, words[TYPE])));
}

/* N_UCWA_EVENT_KINDS: it is never sent. */
static enum ucwa_event_kind kind_of(const char *const words[N_WORDS])
{
	int kind = 0;

	while (kind < N_UCWA_EVENT_KINDS && !is_kind((enum ucwa_event_kind)kind, words))
		kind++;
	return (enum ucwa_event_kind)kind;
}

struct search {
	const char *const *words;
	enum ucwa_event_kind kind;
	bool found;
};

static void find_omitted(void *magic, const char *const words[N_WORDS])
{
	struct search *s = magic;

	s->found |= !strcmp(words[PAGE], s->words[PAGE]) &&
		    (!strcmp(words[TYPE], "*") || (!strcmp(words[TYPE], s->words[TYPE]) &&
						   !strcmp(words[RESOURCE], s->words[RESOURCE])));
}

static bool is_omitted(const char *const words[N_WORDS])
{
	struct search s = { .words = words };

	each("ucwa_events_omitted.txt", find_omitted, &s);
	return s.found;
}

static void check(void *magic, const char *const words[N_WORDS])
{
	bool sent = kind_of(words) < N_UCWA_EVENT_KINDS;
	size_t *n = magic;

	(*n)++;
	if (sent == is_omitted(words))
		fail_msg("%s: %s %s of %s in %s is %s", words[PAGE], words[RESOURCE], words[TYPE],
			 words[SENDER], words[IN], sent ? "sent by now" : "not sent");
}

static void test_everything_is_sent(void **state)
{
	size_t n = 0;

	(void)state;
	each("ucwa_events.txt", check, &n);
	assert_true(n > 100);
}

static void find_kind(void *magic, const char *const words[N_WORDS])
{
	struct search *s = magic;

	s->found |= is_kind(s->kind, words);
}

static void test_nothing_else_is_sent(void **state)
{
	(void)state;
	for (int kind = 0; kind < N_UCWA_EVENT_KINDS; kind++) {
		struct search s = { .kind = (enum ucwa_event_kind)kind };
		struct ucwa_event_shape e;

		ucwa_event_shape(s.kind, &e);
		for (size_t i = 0; i < ARRAY_SIZE(sampled); i++)
			s.found |= !strcmp(e.rel, sampled[i][0]) && !strcmp(e.type, sampled[i][1]);
		each("ucwa_events.txt", find_kind, &s);
		if (!s.found)
			fail_msg("no page lists %s %s of %s", e.rel, e.type, e.sender);
	}
}

/* ---- how long it may wait ---- */

static void check_priority(void *magic, const char *const words[N_WORDS])
{
	static const char *const names[N_URGENCIES] = {
		[URGENCY_HIGH] = "High", [URGENCY_MEDIUM] = "Medium", [URGENCY_LOW] = "Low"
	};
	enum ucwa_event_kind kind = kind_of(words);
	size_t *n = magic;

	for (int core = 0; core < N_EVENT_KINDS; core++) {
		if (ucwa_event_kind_of((enum event_kind)core) != kind)
			continue;
		assert_string_equal(names[event_urgency((enum event_kind)core)], words[PRIORITY]);
		(*n)++;
	}
}

static void test_priorities(void **state)
{
	size_t n = 0;

	(void)state;
	each("ucwa_events.txt", check_priority, &n);
	assert_true(n > 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_sent),
		cmocka_unit_test(test_nothing_else_is_sent),
		cmocka_unit_test(test_priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
