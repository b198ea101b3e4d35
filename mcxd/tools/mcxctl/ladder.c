/*
 * mcxctl: ladder
 */
#include "mcxd/ladder/ladder.h"

#include "mcxd/ladder/label.h"
#include "mcxd/ladder/title.h"

#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Decode the records of an answer; malformed ones are skipped with a complaint. Returns how many are in *ret;
 * the caller frees each of them, and *ret. */
static size_t read_records(struct json_object *answer, struct record ***ret)
{
	struct json_object *records = json_in_path(answer, "records");
	size_t n_items = ctl_get_length(answer, "records"), n = 0;

	*ret = (struct record **)mem_zalloc(n_items * sizeof(struct record *));
	for (size_t i = 0; i < n_items; i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;

		if (record_decode(json_object_array_get_idx(records, i), &(*ret)[n], &why) == 0)
			n++;
		else
			ctl_complain("skipped a record: %s", text_str(&why));
	}
	return n;
}

static void draw(const struct ctl *c, const char *id, struct json_object *story)
{
	CLEANUP(mem_free_string)
	char *title =
		ctl_conversation_title(json_in_path(story, "conversation"), id, c->options.ascii);
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct record **records;
	size_t n = read_records(story, &records);

	ladder_draw(&out, (const struct record *const *)records, n,
		    &(struct ladder_options){ .width = (int)c->options.width,
					      .ascii = c->options.ascii,
					      .color = ctl_is_colored(&c->options),
					      .title = title });
	ctl_write_drawn(&out);
	for (size_t i = 0; i < n; i++)
		free(records[i]);
	free((void *)records);
}

static int draw_whole(struct ctl *c, const char *id)
{
	CLEANUP(mem_free_string) char *path = text_concat("conversations/", id, "/story");
	struct json_object *story;
	int code = ctl_call(c, "GET", path, NULL, &story);

	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(story);
	else
		draw(c, id, story);
	json_object_put(story);
	return code;
}

/* ---- while it happens ---- */

enum { MAX_LADDERS = 8 };

/* Conversations under way, the last first: records of several come by turns. */
struct follower {
	const struct ctl *ctl;
	struct {
		uint64_t conversation;
		struct ladder *ladder;
	} open[MAX_LADDERS];
	struct text out;
};

/* The columns are those of all hops that a push takes, and of both parties, as the first record has them. */
static struct ladder *open_ladder(struct follower *f, const struct record *r)
{
	const char *from = r->users[0], *to = r->users[1];
	CLEANUP(mem_free_string) char *phone = text_concat(RECORD_PHONE_PREFIX, to ? to : "");
	CLEANUP(mem_free_string)
	char *id = text_format("%llu", (unsigned long long)r->conversation);
	CLEANUP(text_deinit) struct text title = TEXT_INIT;
	const char *hops[] = { from ? from : r->from,     RECORD_HOP_FRONT_END,    RECORD_HOP_EDGE,
			       RECORD_HOP_CLEARING_HOUSE, RECORD_HOP_PUSH_SERVICE, phone };

	ladder_title(&title, &(struct ladder_title){ .id = id, .from = to ? from : NULL, .to = to },
		     f->ctl->options.ascii);
	return ladder_open(&f->out,
			   &(struct ladder_options){ .width = (int)f->ctl->options.width,
						     .ascii = f->ctl->options.ascii,
						     .color = ctl_is_colored(&f->ctl->options),
						     .title = text_str(&title) },
			   hops, ARRAY_SIZE(hops) - !to);
}

/* Have the ladder of this record's conversation in front. */
static void turn_to(struct follower *f, const struct record *r)
{
	struct ladder *ladder = NULL;
	int at = 0;

	while (at < MAX_LADDERS - 1 && f->open[at].ladder &&
	       f->open[at].conversation != r->conversation)
		at++;
	if (f->open[at].ladder && f->open[at].conversation == r->conversation)
		ladder = f->open[at].ladder;
	else
		ladder_close(f->open[at].ladder);
	if (at == 0 && ladder)
		return;
	if (f->open[0].ladder)
		text_add(&f->out, "\n");
	memmove(&f->open[1], &f->open[0], (size_t)at * sizeof(f->open[0]));
	f->open[0].conversation = r->conversation;
	f->open[0].ladder = ladder ? ladder : open_ladder(f, r);
	ladder_head(f->open[0].ladder);
}

static void on_record(void *magic, struct json_object *o)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct follower *f = magic;
	struct record *r;

	if (f->ctl->options.json) {
		ctl_print_json(o);
		return;
	}
	if (record_decode(o, &r, &why) < 0) {
		ctl_complain("skipped a record: %s", text_str(&why));
		return;
	}
	if (r->conversation && ladder_shape(r) != LADDER_SKIP) {
		turn_to(f, r);
		ladder_add(f->open[0].ladder, r);
		ctl_write_drawn(&f->out);
		text_reset(&f->out);
	}
	free(r);
}

/* Of one conversation all that there is, too; else what begins or goes on from now on. */
static int draw_live(struct ctl *c, const char *id)
{
	struct follower f = { .ctl = c };
	CLEANUP(mem_free_string) char *filters = ctl_filters(&c->options, "");
	CLEANUP(mem_free_string)
	char *path = text_concat("journal?follow=1", filters, id ? "&from=1&conversation=" : "",
				 id ? id : "");
	int code = ctl_follow(c, path, on_record, &f);

	for (int i = 0; i < MAX_LADDERS; i++)
		ladder_close(f.open[i].ladder);
	text_deinit(&f.out);
	return code;
}

int ctl_ladder(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *id = NULL;
	int code;

	if (c->options.follow && !n_args)
		return draw_live(c, NULL);
	if (*c->options.user) {
		ctl_complain("--user goes with --follow and without a number");
		return CTL_USAGE;
	}
	code = ctl_number_of(c, CTL_CONVERSATION, n_args ? args[0] : "last", &id);
	if (code != CTL_YES)
		return code;
	return c->options.follow ? draw_live(c, id) : draw_whole(c, id);
}
