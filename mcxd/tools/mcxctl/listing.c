/*
 * mcxctl: listings
 */
#include "mcxd/base/distance.h"
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* ---- those with a word in their names ---- */

/* Of word, in letters: one in three of them may be wrong. */
struct nearest {
	const char *word;
	size_t distance; /* at least this is too far */
	char *name;      /* NULL: nothing is near; free() it */
};

static void compare(struct nearest *n, const char *p, size_t length)
{
	char *name = mem_memdup(p, length);
	size_t distance = distance_between(name, n->word);

	if (distance < n->distance) {
		n->distance = distance;
		free(n->name);
		n->name = name;
	} else {
		free(name);
	}
}

/* A name, its section, and what it is called there. */
static void compare_all(struct nearest *n, const char *name)
{
	size_t section = strcspn(name, ".");

	compare(n, name, strlen(name));
	compare(n, name, section);
	if (name[section])
		compare(n, name + section + 1, strlen(name + section + 1));
}

/* Complain that no name has the word; the nearest is suggested. */
static void complain_of_word(const struct ctl_listing *listing, struct json_object *rows)
{
	size_t too_far = strlen(listing->word) / 3 + 1;
	struct nearest n = { .word = listing->word,
			     .distance =
				     too_far < DISTANCE_MAX_WORD ? too_far : DISTANCE_MAX_WORD };

	for (size_t i = 0; i < json_object_array_length(rows); i++)
		compare_all(&n, ctl_get(json_object_array_get_idx(rows, i), "name"));
	if (n.name)
		ctl_complain("no %s has \"%s\" in its name; did you mean %s?", listing->noun,
			     listing->word, n.name);
	else
		ctl_complain("no %s has \"%s\" in its name; mcxctl %s lists all", listing->noun,
			     listing->word, listing->path);
	free(n.name);
}

/* Leave these only in the answer. Complains and returns CTL_NO if there is none. */
static int select_named(const struct ctl_listing *listing, struct json_object *answer)
{
	struct json_object *rows = json_in_path(answer, listing->member);
	struct json_object *kept = json_object_new_array();

	for (size_t i = 0; i < ctl_get_length(answer, listing->member); i++) {
		struct json_object *o = json_object_array_get_idx(rows, i);

		if (strstr(ctl_get(o, "name"), listing->word))
			json_object_array_add(kept, json_object_get(o));
	}
	if (json_object_array_length(kept) == 0) {
		complain_of_word(listing, rows);
		json_object_put(kept);
		return CTL_NO;
	}
	json_object_object_add(answer, listing->member, kept);
	return CTL_YES;
}

/* ---- printing ---- */

void ctl_print_list(struct ctl *c, const struct ctl_listing *listing, struct json_object *answer)
{
	struct json_object *rows = json_in_path(answer, listing->member);
	CLEANUP(mem_free_string) char *nothing = NULL;
	struct ctl_table t;

	if (c->options.json) {
		ctl_print_json(answer);
		return;
	}
	if (listing->if_user_has_none && *c->options.user)
		nothing = text_concat(c->options.user, " ", listing->if_user_has_none, ".");
	ctl_table_init(&t, listing->headings);
	for (size_t i = 0; i < ctl_get_length(answer, listing->member); i++)
		listing->add_row(&t, json_object_array_get_idx(rows, i));
	ctl_table_print(&t, &c->options, nothing ? nothing : listing->if_empty);
	ctl_table_deinit(&t);
}

int ctl_list(struct ctl *c, const struct ctl_listing *listing)
{
	CLEANUP(mem_free_string) char *path = ctl_path_of_list(c, listing->path);
	struct json_object *answer;
	int code = ctl_call(c, "GET", path, NULL, &answer);

	if (code == CTL_YES && listing->word)
		code = select_named(listing, answer);
	if (code == CTL_YES)
		ctl_print_list(c, listing, answer);
	json_object_put(answer);
	return code;
}
