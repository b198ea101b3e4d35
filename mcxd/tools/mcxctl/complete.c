/*
 * mcxctl: completion
 *
 * What a word can become is known from the table of commands, from the vocabulary of the journal, or from the daemon: users,
 * conversations, actors, settings. What the daemon has to tell and does not is left out without a word.
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/command.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/order.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

struct completion {
	struct ctl *ctl;
	const char *current;       /* the word that is completed: what comes behind "--option=" */
	const char *before;        /* "--option=", or "" */
	char *words[CTL_MAX_ARGS]; /* the command and its arguments so far */
	int n_words;
	const char *joint; /* the last that was named */
};

static void offer(const struct completion *c, const char *word)
{
	if (strncmp(word, c->current, strlen(c->current)) == 0)
		ctl_print("%s%s", c->before, word);
}

/* Words with spaces or ", " in between, each with something behind it. */
static void offer_all(const struct completion *c, const char *words, const char *behind)
{
	while (*words) {
		size_t n = strcspn(words, " ,");
		CLEANUP(mem_free_string) char *stem = mem_memdup(words, n);
		CLEANUP(mem_free_string) char *word = text_concat(stem, behind);

		if (n)
			offer(c, word);
		words += n + (words[n] != '\0');
	}
}

/* ---- what the daemon knows ---- */

/* A name in capitals, or a word of an option's value; what is always there; and a list of the daemon's. */
static const struct source {
	const char *name, *words, *path, *list, *member;
} sources[] = {
	{ "USER", "", "users", "users", "aor" },
	{ "ADDRESS", "", "users", "users", "aor" },
	{ "CONVERSATION", "last", "conversations", "conversations", "id" },
	{ "PUSH", "last", "pushes", "pushes", "id" },
	{ "DRILL", "", "drills", "drills", "name" },
	{ "ACTOR", "", "actors", "actors", "user" },
	{ "SETTING", "", "settings", "settings", "name" },
	{ "LIMIT", "", "limits", "limits", "name" },
	{ "ID", "", "phones", "phones", "appId" },
	{ "JOINT", "", "faults", "joints", "where" },
	{ "HOP",
	  RECORD_HOP_FRONT_END " " RECORD_HOP_EDGE " " RECORD_HOP_CLEARING_HOUSE
			       " " RECORD_HOP_PUSH_SERVICE,
	  NULL, NULL, NULL },
	{ "FORMAT", "sipstack jsonl pcapng har text svg mermaid", NULL, NULL, NULL },
	{ "WHEN", "auto always never", NULL, NULL, NULL },
	{ "METHOD", "INVITE ACK BYE CANCEL MESSAGE REGISTER GET POST PUT DELETE", NULL, NULL,
	  NULL },
};

static void offer_source(const struct completion *c, const struct source *source)
{
	struct json_object *answer = NULL, *list;

	offer_all(c, source->words, "");
	if (!source->path || ctl_call(c->ctl, "GET", source->path, NULL, &answer) != CTL_YES)
		return;
	list = json_in_path(answer, source->list);
	for (size_t i = 0; i < ctl_get_length(answer, source->list); i++)
		offer(c, ctl_get(json_object_array_get_idx(list, i), source->member));
	json_object_put(answer);
}

static void offer_named(const struct completion *c, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (strcmp(sources[i].name, name) == 0)
			offer_source(c, &sources[i]);
}

/* ---- what depends on the words before ---- */

static const char *word(const struct completion *c, int i)
{
	return i < c->n_words ? c->words[i] : "";
}

static void offer_kinds(const struct completion *c)
{
	for (size_t i = 0; i < N_RECORD_KINDS; i++)
		offer(c, record_kinds[i].name);
}

/* Of the kind that is named behind the last "then", or first. */
static void offer_fields(const struct completion *c)
{
	enum record_kind kind;
	int at = 1;

	for (int i = 1; i < c->n_words; i++)
		if (strcmp(c->words[i], "then") == 0)
			at = i + 1;
	if (at == c->n_words) {
		offer_kinds(c);
		return;
	}
	kind = record_kind_of(word(c, at));
	if (kind < N_RECORD_KINDS)
		offer_all(c, record_kinds[kind].fields, "=");
	offer_all(c, "key body", "=");
	offer(c, "then");
}

/* Behind a joint, or behind "and". */
static void offer_fault(const struct completion *c)
{
	CLEANUP(mem_free_string) char *where = ctl_joint_of(c->joint);
	struct json_object *answer = NULL, *joints, *can;
	bool is_first = !strcmp(word(c, c->n_words - 1), c->joint);

	if (!strcmp(word(c, c->n_words - 1), "and")) {
		offer_named(c, "JOINT");
		return;
	}
	if (!is_first) {
		offer_all(c, "times nth probability user", "=");
		offer(c, "and");
		return;
	}
	if (ctl_call(c->ctl, "GET", "faults", NULL, &answer) != CTL_YES)
		return;
	joints = json_in_path(answer, "joints");
	for (size_t i = 0; i < ctl_get_length(answer, "joints"); i++) {
		struct json_object *joint = json_object_array_get_idx(joints, i);

		can = json_in_path(joint, "can");
		if (strcmp(ctl_get(joint, "where"), where) == 0)
			for (size_t k = 0; k < ctl_get_length(joint, "can"); k++)
				offer(c, json_object_get_string(json_object_array_get_idx(can, k)));
	}
	json_object_put(answer);
}

static void offer_orders(const struct completion *c)
{
	for (int i = 0; i < N_ORDERS; i++)
		offer(c, order_rows[i].name);
}

/* Behind the first argument of actor. */
static void offer_actor(const struct completion *c)
{
	if (strcmp(word(c, 1), "new") == 0)
		offer_all(c, "desktop phone", "");
	else
		offer_named(c, "ACTOR");
}

/* Settings that can be changed. */
static void offer_live(const struct completion *c)
{
	struct json_object *answer = NULL, *rows;

	if (ctl_call(c->ctl, "GET", "settings", NULL, &answer) != CTL_YES)
		return;
	rows = json_in_path(answer, "settings");
	for (size_t i = 0; i < ctl_get_length(answer, "settings"); i++) {
		struct json_object *o = json_object_array_get_idx(rows, i);

		if (json_object_get_boolean(json_in_path(o, "live")))
			offer(c, ctl_get(o, "name"));
	}
	json_object_put(answer);
}

static void offer_expirable(const struct completion *c)
{
	offer_named(c, strcmp(word(c, 1), "conversation") ? "USER" : "CONVERSATION");
}

static void offer_property(const struct completion *c)
{
	if (strcmp(word(c, 1), "set") == 0)
		offer_all(c, "name password number mobility push", "=");
}

static const struct {
	const char *name;
	void (*offer)(const struct completion *c);
} places[] = {
	{ "KIND", offer_kinds },        { "FIELD", offer_fields }, { "FAULT", offer_fault },
	{ "ORDER", offer_orders },      { "ACTOR", offer_actor },  { "EXPIRABLE", offer_expirable },
	{ "PROPERTY", offer_property }, { "LIVE", offer_live },
};

static void offer_place(const struct completion *c, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (strcmp(places[i].name, name) == 0) {
			places[i].offer(c);
			return;
		}
	offer_named(c, name);
}

/* ---- the word ---- */

static void offer_argument(const struct completion *c)
{
	const struct ctl_command *command = ctl_command_find(c->words[0]);
	int at = c->n_words - 1;
	const char *place;

	if (!command || at >= command->max_args)
		return;
	while (at > 0 && (at >= CTL_MAX_PLACES || !command->places[at]))
		at--;
	for (place = command->places[at]; place && *place; place += strspn(place, " ")) {
		size_t n = strcspn(place, " ");
		CLEANUP(mem_free_string) char *name = mem_memdup(place, n);

		if (name[0] >= 'A' && name[0] <= 'Z')
			offer_place(c, name);
		else
			offer(c, name);
		place += n;
	}
}

static void offer_options(const struct completion *c)
{
	const struct ctl_command *command = c->n_words ? ctl_command_find(c->words[0]) : NULL;

	for (int i = 0; i < N_CTL_OPTIONS; i++) {
		CLEANUP(mem_free_string)
		char *name = text_concat("--", ctl_option_name((enum ctl_option)i));

		if (!command || (CTL_COMMON | command->options) & CTL_BIT(i))
			offer(c, name);
	}
}

static void offer_value(const struct completion *c, enum ctl_option option)
{
	const char *value = ctl_option_value(option);

	if (option == CTL_OPT_KIND)
		offer_kinds(c);
	else if (value)
		offer_named(c, value);
}

static void offer_next(struct completion *c, const char *last, const char *previous)
{
	const char *equals = strchr(last, '=');
	enum ctl_option option = ctl_option_waiting(previous);

	c->before = "";
	c->current = last;
	if (option != N_CTL_OPTIONS) {
		offer_value(c, option);
	} else if (strncmp(last, "--", 2) == 0 && equals) {
		CLEANUP(mem_free_string) char *name = mem_memdup(last, (size_t)(equals + 1 - last));

		c->before = name;
		c->current = equals + 1;
		name[strlen(name) - 1] = '\0';
		option = ctl_option_waiting(name);
		name[strlen(name)] = '=';
		if (option != N_CTL_OPTIONS)
			offer_value(c, option);
	} else if (*last == '-') {
		offer_options(c);
	} else if (!c->n_words) {
		for (size_t i = 0; i < n_ctl_commands; i++)
			offer(c, ctl_commands[i].name);
	} else {
		offer_argument(c);
	}
}

int ctl_complete_done(int n_words, char *const *words)
{
	bool waits = n_words > 1 && ctl_option_waiting(words[n_words - 2]) != N_CTL_OPTIONS;

	return n_words - 1 - waits;
}

void ctl_complete(struct ctl *c, int n_words, char *const *words)
{
	struct completion completion = { .ctl = c, .joint = "" };

	for (int i = 0; i < n_words - 1 && completion.n_words < CTL_MAX_ARGS; i++) {
		if (ctl_option_waiting(words[i]) != N_CTL_OPTIONS)
			i++;
		else if (*words[i] != '-')
			completion.words[completion.n_words++] = words[i];
	}
	if (completion.n_words > 2 && strcmp(completion.words[0], "faults") == 0)
		completion.joint = completion.words[2];
	for (int i = 3; i < completion.n_words; i++)
		if (strcmp(completion.words[i - 1], "and") == 0)
			completion.joint = completion.words[i];
	offer_next(&completion, words[n_words - 1], n_words > 1 ? words[n_words - 2] : "");
}
