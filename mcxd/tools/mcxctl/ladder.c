/*
 * mcxctl: ladder
 */
#include "mcxd/ladder/ladder.h"

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
					      .title = title });
	ctl_write(&out);
	for (size_t i = 0; i < n; i++)
		free(records[i]);
	free((void *)records);
}

int ctl_ladder(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	struct json_object *story;
	int code = ctl_number_of(c, CTL_CONVERSATION, n_args ? args[0] : "last", &id);

	if (code != CTL_YES)
		return code;
	path = text_format("conversations/%s/story", id);
	code = ctl_call(c, "GET", path, NULL, &story);
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(story);
	else
		draw(c, id, story);
	json_object_put(story);
	return CTL_YES;
}
