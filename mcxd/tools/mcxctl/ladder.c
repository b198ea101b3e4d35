/*
 * mcxctl: ladder
 */
#include "mcxd/ladder/ladder.h"

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

/* The number of the newest conversation; complains and returns an exit code other than CTL_YES if there is
 * none. */
static int find_last(struct ctl *c, char **ret_id)
{
	struct json_object *answer, *conversations;
	int code = ctl_call(c, "GET", "conversations", NULL, &answer);
	size_t n;

	if (code != CTL_YES)
		return code;
	conversations = json_in_path(answer, "conversations");
	n = ctl_get_length(answer, "conversations");
	if (n) {
		*ret_id =
			mem_strdup(ctl_get(json_object_array_get_idx(conversations, n - 1), "id"));
	} else {
		ctl_complain("there has been no conversation yet");
		code = CTL_NO;
	}
	json_object_put(answer);
	return code;
}

static char *title_of(const char *id, struct json_object *conversation, bool ascii)
{
	CLEANUP(text_deinit) struct text title = TEXT_INIT;

	ladder_title(&title,
		     &(struct ladder_title){ .id = id,
					     .from = ctl_get(conversation, "from"),
					     .to = ctl_get(conversation, "to"),
					     .first_line = ctl_get(conversation, "firstLine"),
					     .status = ctl_get(conversation, "status"),
					     .reason = ctl_get(conversation, "reason"),
					     .state = ctl_get(conversation, "state") },
		     ascii);
	return text_take(&title);
}

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
	char *title = title_of(id, json_in_path(story, "conversation"), c->options.ascii);
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

int ctl_conversation(struct ctl *c, const char *arg, char **ret_id)
{
	if (strcmp(arg, "last") == 0)
		return find_last(c, ret_id);
	if (arg[strspn(arg, "0123456789")] || !*arg) {
		ctl_complain("\"%s\" is not a conversation number", arg);
		return CTL_USAGE;
	}
	*ret_id = mem_strdup(arg);
	return CTL_YES;
}

int ctl_ladder(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	struct json_object *story;
	int code = ctl_conversation(c, args[0], &id);

	(void)n_args;
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
