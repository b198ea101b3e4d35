/*
 * mcxctl: options
 */
#include "mcxd/tools/mcxctl/options.h"

#include "mcxd/base/setting.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdlib.h>
#include <unistd.h>

#define SECTION "option"

enum { HELP_COLUMN = 28, MIN_WIDTH = 60, MAX_WIDTH = 400 };

#define OPTION(key_, type_, member, ...)                                                           \
	{                                                                                          \
		.section = SECTION, .key = (key_), .type = (type_),                                \
		.offset = offsetof(struct ctl_options, member), __VA_ARGS__                        \
	}

static void check_color(const char *value, struct text *why)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
	    strcmp(value, "never") != 0)
		text_add(why, "expected auto, always or never");
}

static const struct setting rows[N_CTL_OPTIONS] = {
	[CTL_OPT_SOCKET] =
		OPTION("socket", SETTING_STRING, socket,
		       .help = "Socket of the lab API. Without it and --ready-file: "
			       "$MCXD_LAB_SOCKET, or lab.sock in the default state directory."),
	[CTL_OPT_READY_FILE] = OPTION("ready-file", SETTING_STRING, ready_file,
				      .help = "Ready file of the daemon, which names the socket."),
	[CTL_OPT_JSON] = OPTION("json", SETTING_BOOL, json, .def = "no",
				.help = "Print the daemon's answer as JSON."),
	[CTL_OPT_HELP] = OPTION("help", SETTING_BOOL, help, .def = "no",
				.help = "Print this help, or that of the command, and exit."),
	[CTL_OPT_VERSION] = OPTION("version", SETTING_BOOL, version, .def = "no",
				   .help = "Print the version and exit."),
	[CTL_OPT_FOLLOW] = OPTION("follow", SETTING_BOOL, follow, .def = "no",
				  .help = "Keep printing new records as they come."),
	[CTL_OPT_FROM] = OPTION("from", SETTING_INT, from, .def = "0", .max = INT64_MAX,
				.help = "Number of the first record."),
	[CTL_OPT_USER] =
		OPTION("user", SETTING_STRING, user, .help = "Only what concerns this user."),
	[CTL_OPT_CONVERSATION] = OPTION("conversation", SETTING_INT, conversation, .def = "0",
					.max = INT64_MAX, .help = "Only what belongs to it."),
	[CTL_OPT_HOP] = OPTION("hop", SETTING_STRING, hop,
			       .help = "Only what went to or came from it, such as edge."),
	[CTL_OPT_PHONE] = OPTION("phone", SETTING_STRING, phone,
				 .help = "Only what concerns the phone of this application."),
	[CTL_OPT_KIND] = OPTION("kind", SETTING_STRING, kind, .help = "Only records of this kind."),
	[CTL_OPT_METHOD] = OPTION("method", SETTING_STRING, method,
				  .help = "Only SIP and HTTP with this method."),
	[CTL_OPT_STATUS] =
		OPTION("status", SETTING_STRING, status, .help = "Only what has this status."),
	[CTL_OPT_SINCE] = OPTION("since", SETTING_STRING, since,
				 .help = "Only from this moment on, by the lab's clock: as in "
					 "2011-07-25T12:00:00.000Z."),
	[CTL_OPT_KEY] = OPTION("key", SETTING_STRING, key,
			       .help = "Only what belongs to the story with this key, as mcxctl "
				       "journal --json shows it."),
	[CTL_OPT_STATE] = OPTION("state", SETTING_STRING, state,
				 .help = "Only those in this state, such as ALERTING or ENDED."),
	[CTL_OPT_LIMIT] = OPTION("limit", SETTING_INT, limit, .def = "0", .max = INT64_MAX,
				 .help = "Print at most so many records, the oldest."),
	[CTL_OPT_JOURNAL] =
		OPTION("journal", SETTING_BOOL, journal, .def = "yes",
		       .help = "With the newest records of the journal, as it is without this "
			       "option; --journal=no: without them. Of an export of the lab."),
	[CTL_OPT_BODIES] =
		OPTION("bodies", SETTING_BOOL, bodies, .def = "yes",
		       .help = "With the bodies of messages, as it is without this option; "
			       "--bodies=no: hidden, as in Lync's own trace. Of sipstack."),
	[CTL_OPT_TIMEOUT] = OPTION("timeout", SETTING_MS, timeout_ms, .def = "10s", .max = 86400000,
				   .help = "How long to wait, in real time."),
	[CTL_OPT_LAB_TIME] = OPTION("lab-time", SETTING_BOOL, lab_time, .def = "no",
				    .help = "Let --timeout go by the lab's clock."),
	[CTL_OPT_NEVER_WITHIN] =
		OPTION("never-within", SETTING_MS, never_within_ms, .def = "0", .max = 2592000000,
		       .help = "No record must match until the lab's clock has moved so far."),
	[CTL_OPT_NEVER] =
		OPTION("never", SETTING_BOOL, never, .def = "no", .help = "No record must match."),
	[CTL_OPT_COUNT] = OPTION("count", SETTING_INT, count, .def = "1", .min = 1, .max = 1000,
				 .help = "How many records to wait for."),
	[CTL_OPT_EDGE] =
		OPTION("edge", SETTING_STRING, edge,
		       .help = "Edge to send the test to: name or address, and port, by the "
			       "transport that pushes go by; or a SIP URI."),
	[CTL_OPT_ASCII] =
		OPTION("ascii", SETTING_BOOL, ascii, .def = "no", .help = "Draw with ASCII only."),
	[CTL_OPT_WIDTH] = OPTION(
		"width", SETTING_INT, width, .def = "110", .min = MIN_WIDTH, .max = MAX_WIDTH,
		.help = "Width of the drawing in characters. Without it: that of the "
			"terminal, or $COLUMNS."),
	[CTL_OPT_FORMAT] =
		OPTION("format", SETTING_STRING, format, .def = "text",
		       .help = "sipstack (a trace as Lync writes it), jsonl, pcapng (for "
			       "Wireshark), har (the HTTP side, for a browser's developer "
			       "tools), text, svg or mermaid (the ladder)."),
	[CTL_OPT_AT] = OPTION("at", SETTING_STRING, at,
			      .help = "Only what this hop saw: front-end, edge, clearing-house, "
				      "push-service."),
	[CTL_OPT_OUTPUT] =
		OPTION("output", SETTING_STRING, output,
		       .help = "File to write instead of standard output; -o FILE as well."),
	[CTL_OPT_COLOR] =
		OPTION("color", SETTING_STRING, color, .def = "auto", .check = check_color,
		       .help = "When to print in colour: always, never or auto, which is "
			       "on a terminal unless $NO_COLOR is set."),
	[CTL_OPT_SIGN_IN] = OPTION("sign-in", SETTING_BOOL, sign_in, .def = "no",
				   .help = "It signs in at once."),
	[CTL_OPT_NAME] = OPTION("name", SETTING_STRING, name,
				.help = "What it is called, as on the phone's channel."),
	[CTL_OPT_TO] = OPTION("to", SETTING_STRING, to,
			      .help = "To whom; without it, in the conversation that is open."),
	[CTL_OPT_SEED] = OPTION("seed", SETTING_INT, seed, .def = "0", .max = INT64_MAX,
				.help = "Of probabilities: the same strikes the same requests."),
};

/* What the help calls the value; none: a switch. */
static const char *const values[N_CTL_OPTIONS] = {
	[CTL_OPT_SOCKET] = "PATH",
	[CTL_OPT_READY_FILE] = "PATH",
	[CTL_OPT_FROM] = "NUMBER",
	[CTL_OPT_USER] = "ADDRESS",
	[CTL_OPT_TIMEOUT] = "DURATION",
	[CTL_OPT_COUNT] = "NUMBER",
	[CTL_OPT_EDGE] = "HOST:PORT",
	[CTL_OPT_WIDTH] = "NUMBER",
	[CTL_OPT_CONVERSATION] = "NUMBER",
	[CTL_OPT_HOP] = "HOP",
	[CTL_OPT_PHONE] = "ID",
	[CTL_OPT_KIND] = "KIND",
	[CTL_OPT_METHOD] = "METHOD",
	[CTL_OPT_STATUS] = "STATUS",
	[CTL_OPT_SINCE] = "TIME",
	[CTL_OPT_KEY] = "KEY",
	[CTL_OPT_STATE] = "STATE",
	[CTL_OPT_LIMIT] = "NUMBER",
	[CTL_OPT_NEVER_WITHIN] = "DURATION",
	[CTL_OPT_FORMAT] = "FORMAT",
	[CTL_OPT_AT] = "HOP",
	[CTL_OPT_OUTPUT] = "FILE",
	[CTL_OPT_COLOR] = "WHEN",
	[CTL_OPT_NAME] = "NAME",
	[CTL_OPT_TO] = "ADDRESS",
	[CTL_OPT_SEED] = "NUMBER",
};

static const struct setting_table table = { rows, N_CTL_OPTIONS };

void ctl_options_init(struct ctl_options *o)
{
	setting_defaults(&table, o);
}

void ctl_options_deinit(struct ctl_options *o)
{
	setting_deinit(&table, o);
}

const char *ctl_option_name(enum ctl_option option)
{
	return rows[option].key;
}

void ctl_options_help(struct text *out, uint64_t which)
{
	for (int i = 0; i < N_CTL_OPTIONS; i++) {
		const struct setting *row = &rows[i];
		CLEANUP(mem_free_string) char *name = NULL;
		CLEANUP(mem_free_string) char *help = NULL;
		bool has_default =
			row->type != SETTING_BOOL && row->def && strcmp(row->def, "0") != 0;

		if (!(which & CTL_BIT(i)))
			continue;
		name = text_concat("--", row->key, values[i] ? " " : "",
				   values[i] ? values[i] : "");
		help = text_concat(row->help, has_default ? " Default: " : "",
				   has_default ? row->def : "", has_default ? "." : "");
		text_add_help(out, name, HELP_COLUMN, help);
	}
}

static int find(const char *name, size_t n)
{
	for (int i = 0; i < N_CTL_OPTIONS; i++) {
		if (strlen(rows[i].key) == n && strncmp(rows[i].key, name, n) == 0)
			return i;
	}
	return -1;
}

const char *ctl_option_value(enum ctl_option option)
{
	return values[option];
}

enum ctl_option ctl_option_waiting(const char *word)
{
	int option = strcmp(word, "-o") == 0       ? CTL_OPT_OUTPUT
		     : strncmp(word, "--", 2) == 0 ? find(word + 2, strlen(word + 2))
						   : -1;

	return option < 0 || rows[option].type == SETTING_BOOL ? N_CTL_OPTIONS
							       : (enum ctl_option)option;
}

static bool set(struct ctl_options *o, int option, const char *value)
{
	CLEANUP(mem_free_string) char *name = text_format(SECTION ".%s", rows[option].key);
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (setting_set(&table, o, name, value, &why) == 0)
		return true;
	ctl_complain("--%s", text_str(&why) + strlen(SECTION "."));
	return false;
}

/* Take the option at argv[*at], and its value. */
static bool take(struct ctl_options *o, char **argv, int *at)
{
	const char *name = strcmp(argv[*at], "-o") == 0 ? "output" : argv[*at] + 2;
	const char *value = strchr(name, '=');
	int option = find(name, value ? (size_t)(value - name) : strlen(name));

	if (option < 0) {
		ctl_complain("unknown option %s; see mcxctl --help", argv[*at]);
		return false;
	}
	if (o->given & CTL_BIT(option) && rows[option].type != SETTING_BOOL) {
		ctl_complain("--%s is given twice", rows[option].key);
		return false;
	}
	o->given |= CTL_BIT(option);
	if (value)
		value++;
	else if (rows[option].type == SETTING_BOOL)
		value = "yes";
	else
		value = argv[++*at];
	if (!value) {
		ctl_complain("--%s needs a value", rows[option].key);
		return false;
	}
	return set(o, option, value);
}

/* Drawings fit the terminal, also behind a pager, unless it is narrower than a drawing can be. */
static void fit_terminal(struct ctl_options *o)
{
	const char *columns = getenv("COLUMNS");
	int64_t width = ctl_terminal_width(STDOUT_FILENO);

	if (!width && ctl_is_piped())
		width = ctl_terminal_width(STDERR_FILENO);
	if (!width && columns)
		text_to_int(columns, 1, MAX_WIDTH, &width);
	if (width)
		o->width = width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width;
}

bool ctl_options_read(struct ctl_options *o, char **argv, struct ctl_line *ret)
{
	*ret = (struct ctl_line){ 0 };
	for (int i = 1; argv[i]; i++) {
		if ((strncmp(argv[i], "--", 2) == 0 && argv[i][2]) || strcmp(argv[i], "-o") == 0) {
			if (!take(o, argv, &i))
				return false;
		} else if (ret->n_args < CTL_MAX_ARGS) {
			ret->args[ret->n_args++] = argv[i];
		} else {
			ctl_complain("more than %d arguments", CTL_MAX_ARGS);
			return false;
		}
	}
	if (!CTL_IS_GIVEN(o, CTL_OPT_WIDTH))
		fit_terminal(o);
	return true;
}
