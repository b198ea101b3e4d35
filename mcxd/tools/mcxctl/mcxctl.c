/*
 * mcxctl
 */
#include "mcxd/tools/mcxctl/mcxctl.h"

#include "mcxd/base/paths.h"
#include "mcxd/base/setting.h"
#include "mcxd/ladder/canvas.h"

#include <stdarg.h>

#define SECTION         "option"
#define MAX_BODY_BYTES  (INT64_C(256) * 1024 * 1024)
#define MAX_POSITIONALS 32

/* ---- options ---- */

enum {
	OPT_SOCKET,
	OPT_READY_FILE,
	OPT_JSON,
	OPT_HELP,
	OPT_FOLLOW,
	OPT_FROM,
	OPT_USER,
	OPT_TIMEOUT,
	OPT_COUNT,
	OPT_EDGE,
	OPT_ASCII,
	OPT_WIDTH,
	N_OPTIONS /* what follows is set by arguments */
};

#define OPTION(key_, type_, member, ...)                                                           \
	{                                                                                          \
		.section = SECTION, .key = (key_), .type = (type_),                                \
		.offset = offsetof(struct ctl_options, member), __VA_ARGS__                        \
	}

static const struct setting option_rows[] = {
	[OPT_SOCKET] = OPTION("socket", SETTING_STRING, socket,
			      .help = "The lab's socket; else $MCXD_LAB_SOCKET, else lab.sock in "
				      "the default state directory."),
	[OPT_READY_FILE] = OPTION("ready-file", SETTING_STRING, ready_file,
				  .help = "The daemon's ready file, which names the socket."),
	[OPT_JSON] = OPTION("json", SETTING_BOOL, json, .def = "no",
			    .help = "Print the answer as JSON."),
	[OPT_HELP] = OPTION("help", SETTING_BOOL, help, .def = "no", .help = "Print this."),
	[OPT_FOLLOW] = OPTION("follow", SETTING_BOOL, follow, .def = "no",
			      .help = "Go on with what comes."),
	[OPT_FROM] = OPTION("from", SETTING_INT, from, .def = "0", .max = INT64_MAX,
			    .help = "Number of the first record."),
	[OPT_USER] = OPTION("user", SETTING_STRING, user, .help = "Only what is about this user."),
	[OPT_TIMEOUT] = OPTION("timeout", SETTING_MS, timeout_ms, .def = "10s", .max = 86400000,
			       .help = "How long to wait, by the machine's clock."),
	[OPT_COUNT] = OPTION("count", SETTING_INT, count, .def = "1", .min = 1, .max = 1000,
			     .help = "How many records to wait for."),
	[OPT_EDGE] = OPTION("edge", SETTING_STRING, edge,
			    .help = "Send the test to this Edge: name or address, and port."),
	[OPT_ASCII] =
		OPTION("ascii", SETTING_BOOL, ascii, .def = "no", .help = "Draw with ASCII only."),
	[OPT_WIDTH] = OPTION("width", SETTING_INT, width, .def = "110", .min = 60, .max = 400,
			     .help = "Draw in so many columns."),
	[N_OPTIONS] = OPTION("duration", SETTING_MS, duration_ms, .def = "0", .max = INT64_MAX,
			     .help = "How far the clock moves."),
};

static const struct setting_table option_table = { option_rows, ARRAY_SIZE(option_rows) };

#define BIT(option) (1U << (option))
#define EVERYWHERE  (BIT(OPT_SOCKET) | BIT(OPT_READY_FILE) | BIT(OPT_JSON) | BIT(OPT_HELP))

/* ---- commands ---- */

struct command {
	const char *name;
	const char *args;
	int min_args, max_args;
	unsigned options;
	ctl_command_h *run;
	const char *help;
	const char *details;
};

static const struct command commands[] = {
	{ "status", "", 0, 0, 0, ctl_status, "Version, roles, listeners, counts, clock." },
	{ "users", "", 0, 0, 0, ctl_users, "Everybody that the front end knows." },
	{ "user", "add AOR PASSWORD [NAME] | remove AOR", 2, 4, 0, ctl_user,
	  "Add or remove a user." },
	{ "endpoints", "", 0, 0, BIT(OPT_USER), ctl_endpoints, "SIP contacts and phones." },
	{ "conversations", "", 0, 0, BIT(OPT_USER), ctl_conversations,
	  "Live and ended conversations, newest last." },
	{ "pushes", "", 0, 0, BIT(OPT_USER), ctl_pushes, "Push notices and their answers." },
	{ "trace", "", 0, 0, BIT(OPT_FOLLOW) | BIT(OPT_FROM) | BIT(OPT_USER), ctl_trace,
	  "Every SIP message, in SIPStack format." },
	{ "ladder", "ID|last", 1, 1, BIT(OPT_ASCII) | BIT(OPT_WIDTH), ctl_ladder,
	  "Draw a conversation, all hops." },
	{ "journal", "", 0, 0, BIT(OPT_FOLLOW) | BIT(OPT_FROM) | BIT(OPT_USER), ctl_journal,
	  "Everything that was recorded, a line each." },
	{ "wait", "KIND [FIELD=VALUE|FIELD~REGEX]...", 1, 16,
	  BIT(OPT_USER) | BIT(OPT_TIMEOUT) | BIT(OPT_COUNT) | BIT(OPT_FROM), ctl_wait,
	  "Wait until that is recorded, or say what came closest.",
	  "KIND: sip, http, event, push, toast, tile, state, conversation, user, fault, link or "
	  "clock.\n"
	  "FIELD: what \"fields\" of mcxctl journal --json has. What was recorded before counts, "
	  "too.\n" },
	{ "clock", "[advance DURATION]", 0, 2, 0, ctl_clock, "Show or move the lab's clock." },
	{ "test-push", "", 0, 0, BIT(OPT_EDGE), ctl_test_push,
	  "Test-CsMcxPushNotification: send a push to nobody." },
	{ "metrics", "", 0, 0, 0, ctl_metrics, "Counters and gauges." },
};

static void print_options(FILE *out, unsigned which)
{
	fputs("\nOptions:\n", out);
	for (int i = 0; i < N_OPTIONS; i++) {
		const struct setting *row = &option_rows[i];

		if (!(which & BIT(i)))
			continue;
		fprintf(out, "  --%-12s  %s", row->key, row->help);
		if (row->type != SETTING_BOOL && row->def && strcmp(row->def, "0") != 0)
			fprintf(out, " (%s)", row->def);
		fputs("\n", out);
	}
}

static void print_help_of(const struct command *command)
{
	fprintf(stdout, "Usage: mcxctl [OPTION]... %s %s\n\n%s\n%s", command->name, command->args,
		command->help, command->details ? command->details : "");
	print_options(stdout, EVERYWHERE | command->options);
}

static void print_usage(FILE *out)
{
	fputs("Usage: mcxctl [OPTION]... COMMAND\n\nCommands:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		CLEANUP(mem_free_string)
		char *synopsis = text_format("%s %s", commands[i].name, commands[i].args);

		if (strlen(synopsis) > 24)
			fprintf(out, "  %s\n  %-24s  %s\n", synopsis, "", commands[i].help);
		else
			fprintf(out, "  %-24s  %s\n", synopsis, commands[i].help);
	}
	print_options(out, ~0U);
	fputs("\nExit: 0 yes, 1 no, 2 wrong usage, 3 no daemon.\n", out);
}

static void print_clean(FILE *out, const struct text *message)
{
	CLEANUP(text_deinit) struct text clean = TEXT_INIT;
	struct canvas line;
	int width = canvas_text_width(text_str(message));

	canvas_init(&line, width);
	canvas_text(&line, 0, width, text_str(message));
	canvas_flush(&line, false, &clean);
	canvas_deinit(&line);
	fputs(text_str(&clean), out);
}

void ctl_complain(const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	text_add(&message, "mcxctl: ");
	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	print_clean(stderr, &message);
}

void ctl_print(const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	print_clean(stdout, &message);
}

/* ---- the command line ---- */

struct line {
	char *positionals[MAX_POSITIONALS];
	int n;
	unsigned given; /* options */
};

static int find_option(const char *name, size_t n)
{
	for (int i = 0; i < N_OPTIONS; i++) {
		if (strlen(option_rows[i].key) == n && strncmp(option_rows[i].key, name, n) == 0)
			return i;
	}
	return -1;
}

static bool set_option(struct ctl *c, const char *key, const char *value)
{
	CLEANUP(mem_free_string) char *name = text_format(SECTION ".%s", key);
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (setting_set(&option_table, &c->options, name, value, &why) == 0)
		return true;
	ctl_complain("%s", text_str(&why) + strlen(SECTION "."));
	return false;
}

bool ctl_read_duration(struct ctl *c, const char *s)
{
	return set_option(c, "duration", s);
}

/* Take the option at argv[*at], and its value. */
static bool take_option(struct ctl *c, struct line *line, char **argv, int *at)
{
	const char *name = argv[*at] + 2;
	const char *value = strchr(name, '=');
	int option = find_option(name, value ? (size_t)(value - name) : strlen(name));

	if (option < 0) {
		ctl_complain("there is no option %s", argv[*at]);
		return false;
	}
	line->given |= BIT(option);
	if (value)
		value++;
	else if (option_rows[option].type == SETTING_BOOL)
		value = "yes";
	else
		value = argv[++*at];
	if (!value) {
		ctl_complain("--%s needs a value", option_rows[option].key);
		return false;
	}
	return set_option(c, option_rows[option].key, value);
}

static bool read_line(struct ctl *c, struct line *line, char **argv)
{
	for (int i = 1; argv[i]; i++) {
		if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
			if (!take_option(c, line, argv, &i))
				return false;
		} else if (line->n < MAX_POSITIONALS) {
			line->positionals[line->n++] = argv[i];
		} else {
			ctl_complain("more than %d arguments", MAX_POSITIONALS);
			return false;
		}
	}
	return true;
}

static bool suits(const struct command *command, const struct line *line)
{
	if (line->n - 1 < command->min_args || line->n - 1 > command->max_args) {
		ctl_complain("usage: mcxctl %s %s", command->name, command->args);
		return false;
	}
	for (int option = 0; option < N_OPTIONS; option++) {
		if (line->given & BIT(option) & ~(EVERYWHERE | command->options)) {
			ctl_complain("%s has no option --%s", command->name,
				     option_rows[option].key);
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
	ctl_complain("there is no command \"%s\"; see mcxctl --help", name);
	return NULL;
}

static int help(const struct line *line)
{
	const struct command *command = line->n ? find_command(line->positionals[0]) : NULL;

	if (line->n && !command)
		return CTL_USAGE;
	if (command)
		print_help_of(command);
	else
		print_usage(stdout);
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

static int run(struct ctl *c, const struct line *line)
{
	const struct command *command;
	int code = CTL_NO_DAEMON;

	if (!line->n)
		print_usage(stderr);
	command = line->n ? find_command(line->positionals[0]) : NULL;
	if (!command || !suits(command, line))
		return CTL_USAGE;
	c->socket = find_socket(&c->options);
	if (!*c->socket) {
		ctl_complain("%s names no socket of a lab", c->options.ready_file);
		return CTL_NO_DAEMON;
	}
	if (loop_new(&c->loop) < 0) {
		ctl_complain("no event loop");
		return CTL_NO_DAEMON;
	}
	c->client = http_client_new(
		c->loop, &(struct http_client_config){ .unix_socket = c->socket,
						       .max_body_bytes = MAX_BODY_BYTES });
	code = command->run(c, line->n - 1, &line->positionals[1]);
	c->client = http_client_free(c->client);
	c->loop = loop_free(c->loop);
	return code;
}

int main(int argc, char **argv)
{
	struct ctl c = { 0 };
	struct line line = { 0 };
	int code = CTL_USAGE;

	(void)argc;
	setting_defaults(&option_table, &c.options);
	if (read_line(&c, &line, argv))
		code = c.options.help ? help(&line) : run(&c, &line);
	free(c.socket);
	setting_deinit(&option_table, &c.options);
	return code;
}
