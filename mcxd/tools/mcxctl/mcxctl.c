/*
 * mcxctl
 */
#include "mcxd/tools/mcxctl/mcxctl.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/paths.h"
#include "mcxd/base/version.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

enum { KIND_COLUMN = 16, COMMAND_COLUMN = 28 };

#define MAX_BODY_BYTES (INT64_C(256) * 1024 * 1024)

/* ---- commands ---- */

#define ABOUT                                                                                      \
	(CTL_BIT(CTL_OPT_USER) | CTL_BIT(CTL_OPT_CONVERSATION) | CTL_BIT(CTL_OPT_HOP) |            \
	 CTL_BIT(CTL_OPT_PHONE) | CTL_BIT(CTL_OPT_FROM))
#define FOLLOWING                                                                                  \
	(ABOUT | CTL_BIT(CTL_OPT_FOLLOW) | CTL_BIT(CTL_OPT_METHOD) | CTL_BIT(CTL_OPT_STATUS) |     \
	 CTL_BIT(CTL_OPT_SINCE))
#define VERIFYING (ABOUT | CTL_BIT(CTL_OPT_COUNT) | CTL_BIT(CTL_OPT_NEVER))
#define WAITING                                                                                    \
	(ABOUT | CTL_BIT(CTL_OPT_COUNT) | CTL_BIT(CTL_OPT_TIMEOUT) | CTL_BIT(CTL_OPT_LAB_TIME) |   \
	 CTL_BIT(CTL_OPT_NEVER_WITHIN))

#define EXPECTATION "KIND [FIELD=VALUE|FIELD~REGEX]... [then KIND...]"

#define EXPORTING                                                                                  \
	(ABOUT | CTL_BIT(CTL_OPT_KIND) | CTL_BIT(CTL_OPT_METHOD) | CTL_BIT(CTL_OPT_STATUS) |       \
	 CTL_BIT(CTL_OPT_SINCE) | CTL_BIT(CTL_OPT_FORMAT) | CTL_BIT(CTL_OPT_AT) |                  \
	 CTL_BIT(CTL_OPT_OUTPUT) | CTL_BIT(CTL_OPT_ASCII) | CTL_BIT(CTL_OPT_WIDTH))

struct command {
	const char *name;
	const char *args;
	int min_args, max_args;
	unsigned options;
	ctl_command_h *run;
	const char *help;
	void (*add_details)(struct text *out); /* more help; may be NULL */
};

static void add_kinds(struct text *out)
{
	text_add(out,
		 "\nKIND is one of these kinds, FIELD one of its fields, or key, header.NAME of\n"
		 "a SIP message, or body, which has to contain the value. Records behind \"then\"\n"
		 "have to come after those before it. Records that are already in the journal\n"
		 "count as well; mcxctl journal --json shows them in full.\n\n"
		 "Kinds, when they are recorded, and their fields:\n");
	for (size_t i = 0; i < N_RECORD_KINDS; i++) {
		const struct record_kind_row *kind = &record_kinds[i];

		text_add_help(out, kind->name, KIND_COLUMN, kind->when);
		if (*kind->fields)
			text_add_help(out, "", KIND_COLUMN, kind->fields);
	}
}

static const struct command commands[] = {
	{ "status", "", 0, 0, 0, ctl_status, "Version, roles, listeners, counts, clock." },
	{ "users", "", 0, 0, 0, ctl_users, "Users of the front end." },
	{ "user", "add|show|set|remove ADDRESS [VALUE]...", 2, 8, 0, ctl_user,
	  "Add a user, with PASSWORD [NAME]; show one; change one, with name=, password=, number=, "
	  "mobility= or push=; remove one who was added." },
	{ "endpoints", "", 0, 0, CTL_BIT(CTL_OPT_USER), ctl_endpoints, "SIP contacts and phones." },
	{ "conversations", "", 0, 0, CTL_BIT(CTL_OPT_USER), ctl_conversations,
	  "Live and ended conversations, newest last." },
	{ "pushes", "", 0, 0, CTL_BIT(CTL_OPT_USER), ctl_pushes,
	  "Push notifications and their outcomes." },
	{ "explain", "USER", 1, 1, 0, ctl_explain,
	  "Why a user's phone gets no notification, and what to do; exit 0 if nothing is in the "
	  "way." },
	{ "trace", "", 0, 0, FOLLOWING, ctl_trace, "Every SIP message, in SIPStack format." },
	{ "ladder", "ID|last", 1, 1, CTL_BIT(CTL_OPT_ASCII) | CTL_BIT(CTL_OPT_WIDTH), ctl_ladder,
	  "Draw a conversation with all its hops." },
	{ "export", "ID|last|journal", 1, 1, EXPORTING, ctl_export,
	  "A conversation, or all of the journal, as a file for other tools.", NULL },
	{ "journal", "", 0, 0, FOLLOWING | CTL_BIT(CTL_OPT_KIND), ctl_journal,
	  "Every record of the journal, a line each." },
	{ "wait", EXPECTATION, 1, 30, WAITING, ctl_wait,
	  "Wait until matching records are in the journal, or print the closest miss.", add_kinds },
	{ "verify", EXPECTATION, 1, 30, VERIFYING, ctl_verify,
	  "The same of what is in the journal now.", add_kinds },
	{ "clock", "[advance DURATION | freeze | resume]", 0, 2, 0, ctl_clock,
	  "Show, advance, freeze or resume the lab's clock." },
	{ "expire", "conversation|session|registration|subscription ID", 2, 2, 0, ctl_expire,
	  "Let the time of one thing be over, without moving the clock. ID: a conversation's "
	  "number; of "
	  "a phone's session or push subscription, its application id; the number of a SIP "
	  "contact." },
	{ "reset", "[ADDRESS]", 0, 1, 0, ctl_reset,
	  "End what is under way and forget what was, of one user or of all; then users who were "
	  "added go, "
	  "too." },
	{ "set", "NAME VALUE [NAME VALUE]... | NAME", 1, 30, 0, ctl_set,
	  "Change settings that are live, all or none, until the next reset; without a value, to "
	  "what the "
	  "daemon was started with." },
	{ "test-push", "", 0, 0, CTL_BIT(CTL_OPT_EDGE), ctl_test_push,
	  "Test-CsMcxPushNotification: send a test push that addresses no phone." },
	{ "metrics", "", 0, 0, 0, ctl_metrics, "Counters and gauges." },
};

static void add_options(struct text *out, unsigned which)
{
	text_add(out, "\nOptions:\n");
	ctl_options_help(out, which);
}

static void print_help_of(const struct command *command)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	text_addf(&out, "usage: mcxctl [OPTION]... %s %s\n\n%s\n", command->name, command->args,
		  command->help);
	if (command->add_details)
		command->add_details(&out);
	add_options(&out, CTL_COMMON | command->options);
	ctl_write(&out);
}

static void print_help(void)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	text_add(&out, "usage: mcxctl [OPTION]... COMMAND\n\nCommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		CLEANUP(mem_free_string)
		char *synopsis = text_format("%s %s", commands[i].name, commands[i].args);

		text_add_help(&out, synopsis, COMMAND_COLUMN, commands[i].help);
	}
	add_options(&out, ~0U);
	text_add(&out, "\nExit status: 0 yes, 1 no, 2 wrong usage, 3 no daemon.\n");
	ctl_write(&out);
}

/* ---- the command line ---- */

static bool suits(const struct command *command, const struct ctl_line *line)
{
	if (line->n_args - 1 < command->min_args || line->n_args - 1 > command->max_args) {
		ctl_complain("usage: mcxctl %s %s", command->name, command->args);
		return false;
	}
	for (int option = 0; option < N_CTL_OPTIONS; option++) {
		if (line->given & CTL_BIT(option) & ~(CTL_COMMON | command->options)) {
			ctl_complain("%s does not take --%s; see mcxctl %s --help", command->name,
				     ctl_option_name((enum ctl_option)option), command->name);
			return false;
		}
	}
	return true;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	ctl_complain("unknown command \"%s\"; see mcxctl --help", name);
	return NULL;
}

static int help(const struct ctl_line *line)
{
	const struct command *command = line->n_args ? find_command(line->args[0]) : NULL;

	if (line->n_args && !command)
		return CTL_USAGE;
	if (command)
		print_help_of(command);
	else
		print_help();
	return CTL_YES;
}

/* ---- the socket ---- */

static char *socket_of_ready_file(const char *path)
{
	struct json_object *o = json_object_from_file(path);
	char *lab_socket = mem_strdup(o ? ctl_get(o, "lab_socket") : "");

	json_object_put(o);
	return lab_socket;
}

static char *find_socket(const struct ctl_options *o)
{
	const char *from_environment = getenv("MCXD_LAB_SOCKET");

	if (*o->socket)
		return mem_strdup(o->socket);
	if (*o->ready_file)
		return socket_of_ready_file(o->ready_file);
	if (from_environment && *from_environment)
		return mem_strdup(from_environment);
	return paths_default_lab_socket();
}

/* ---- the command ---- */

static int run_command(struct ctl *c, const struct command *command, const struct ctl_line *line)
{
	int code, err;

	c->socket = find_socket(&c->options);
	if (!*c->socket) {
		ctl_complain("%s does not name a lab socket", c->options.ready_file);
		return CTL_NO_DAEMON;
	}
	err = loop_new(&c->loop);
	if (err < 0) {
		ctl_complain("cannot create an event loop: %s", strerror(-err));
		return CTL_NO_DAEMON;
	}
	c->client = http_client_new(
		c->loop, &(struct http_client_config){ .unix_socket = c->socket,
						       .max_body_bytes = MAX_BODY_BYTES });
	code = command->run(c, line->n_args - 1, &line->args[1]);
	c->client = http_client_free(c->client);
	c->loop = loop_free(c->loop);
	return code;
}

static int run(struct ctl *c, const struct ctl_line *line)
{
	const struct command *command;

	if (c->options.version) {
		printf("mcxctl %s\n", version_text);
		return CTL_YES;
	}
	if (c->options.help)
		return help(line);
	if (!line->n_args) {
		ctl_complain("no command given; see mcxctl --help");
		return CTL_USAGE;
	}
	command = find_command(line->args[0]);
	if (!command || !suits(command, line))
		return CTL_USAGE;
	return run_command(c, command, line);
}

int main(int argc, char **argv)
{
	struct ctl c = { 0 };
	struct ctl_line line;
	int code = CTL_USAGE;

	(void)argc;
	ctl_options_init(&c.options);
	if (ctl_options_read(&c.options, argv, &line))
		code = run(&c, &line);
	free(c.socket);
	ctl_options_deinit(&c.options);
	return code;
}
