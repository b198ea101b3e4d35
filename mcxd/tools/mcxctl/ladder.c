/*
 * mcxctl: ladder
 */
#include "mcxd/ladder/ladder.h"
#include "mcxd/tools/mcxctl/mcxctl.h"

/* The number of the newest conversation; complains and returns an exit code other than CTL_YES when
 * there is none. */
static int find_last(struct ctl *c, char **ret_id)
{
	struct json_object *answer, *conversations;
	int code = ctl_call(c, "GET", "conversations", NULL, &answer);
	size_t n;

	if (code != CTL_YES)
		return code;
	conversations = ctl_get_object(answer, "conversations");
	n = conversations ? json_object_array_length(conversations) : 0;
	if (n) {
		*ret_id =
			mem_strdup(ctl_get(json_object_array_get_idx(conversations, n - 1), "id"));
	} else {
		ctl_complain("There was no conversation yet.");
		code = CTL_NO;
	}
	json_object_put(answer);
	return code;
}

static char *title_of(const char *id, struct json_object *conversation, bool ascii)
{
	CLEANUP(text_deinit) struct text title = TEXT_INIT;

	text_addf(&title, "Conversation %s", id);
	if (!conversation)
		return text_take(&title);
	text_addf(&title, ": %s %s %s", ctl_get(conversation, "from"), ascii ? "->" : "→",
		  ctl_get(conversation, "to"));
	if (*ctl_get(conversation, "firstLine"))
		text_addf(&title, ", \"%s\"", ctl_get(conversation, "firstLine"));
	if (*ctl_get(conversation, "status"))
		text_addf(&title, ": %s %s", ctl_get(conversation, "status"),
			  ctl_get(conversation, "reason"));
	else
		text_addf(&title, ": %s", ctl_get(conversation, "state"));
	return text_take(&title);
}

static void draw(const struct ctl *c, const char *id, struct json_object *story)
{
	CLEANUP(mem_free_string)
	char *title = title_of(id, ctl_get_object(story, "conversation"), c->options.ascii);
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct ctl_records records;

	ctl_records_init(&records, ctl_get_object(story, "records"), story);
	ladder_draw(&out, records.pointers, records.n,
		    &(struct ladder_options){ .width = (int)c->options.width,
					      .ascii = c->options.ascii,
					      .title = title });
	fputs(text_str(&out), stdout);
	ctl_records_deinit(&records);
}

int ctl_ladder(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	struct json_object *story;
	int code = CTL_YES;

	(void)n_args;
	if (strcmp(args[0], "last") == 0)
		code = find_last(c, &id);
	else
		id = mem_strdup(args[0]);
	if (code != CTL_YES)
		return code;
	if (id[strspn(id, "0123456789")] || !*id) {
		ctl_complain("\"%s\" is not the number of a conversation", id);
		return CTL_USAGE;
	}
	path = text_format("conversations/%s/story", id);
	code = ctl_call(c, "GET", path, NULL, &story);
	if (code != CTL_YES)
		return code;
	if (c->options.json) {
		ctl_print_json(story);
		json_object_put(story);
	} else {
		draw(c, id, story);
	}
	return CTL_YES;
}
