/*
 * Options of mcxsim phone
 */
#include "mcxd/sim/phone/phone.h"

#include "proto/sip/uri.h"
#include "proto/text/chars.h"

#include <errno.h>
#include <getopt.h>

#define USER_AGENT                                                                                 \
	"WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720; SAMSUNG SGH-i937 2103.11.10.1)"

enum { MAX_COUNT = 1000000 };

enum option_kind { OPTION_STRING, OPTION_FLAG, OPTION_NUMBER, OPTION_REACTIONS, OPTION_REACTION };

/* X(name, member, kind, argument, help) */
#define OPTIONS(X)                                                                                 \
	X("ready-file", ready_file, OPTION_STRING, "PATH",                                         \
	  "mcxd's ready file: fills in --server, --ca and --push-service-url")                     \
	X("server", server, OPTION_STRING, "URL",                                                  \
	  "base URL of the server, or the URL where autodiscover starts")                          \
	X("ca", ca, OPTION_STRING, "FILE", "certificates to trust (PEM)")                          \
	X("user", user, OPTION_STRING, "AOR", "who signs in: bob@lab.test")                        \
	X("password", password, OPTION_STRING, "PASSWORD",                                         \
	  "the user's password (or in the environment, MCXSIM_PASSWORD)")                          \
	X("push-service-url", push_service_url, OPTION_STRING, "URL",                              \
	  "push service that gives a channel; without it there are no pushes")                     \
	X("user-agent", user_agent, OPTION_STRING, "TEXT", "what the phone calls itself")          \
	X("device-name", device_name, OPTION_STRING, "TEXT",                                       \
	  "its name at the push service (the user's address)")                                     \
	X("endpoint-id", endpoint_id, OPTION_STRING, "ID",                                         \
	  "come back as the same application; a new one is made otherwise")                        \
	X("background", background, OPTION_FLAG, NULL,                                             \
	  "wait for toasts in the background, instead of in the foreground")                       \
	X("on-toast", on_toast, OPTION_REACTIONS, "WHAT[,WHAT]…",                                  \
	  "accept, ignore or decline the first, second, … (the last for all further)")             \
	X("on-invite", on_invite, OPTION_REACTION, "WHAT",                                         \
	  "accept, decline or ignore what comes in the foreground")                                \
	X("say", say, OPTION_STRING, "TEXT", "send this once connected")                           \
	X("echo", echo, OPTION_FLAG, NULL, "send every message back, the first line too")          \
	X("hang-up-after", hang_up_after, OPTION_NUMBER, "N",                                      \
	  "end a conversation after N messages, the first line counts")                            \
	X("count", count, OPTION_NUMBER, "N",                                                      \
	  "exit after N conversations (an ignored toast is one)")                                  \
	X("timeout", timeout_s, OPTION_NUMBER, "SECONDS", "give up (exit 1) after that time")      \
	X("sign-out", sign_out, OPTION_FLAG, NULL,                                                 \
	  "delete application and channel at the end; a real phone stays signed in")               \
	X("json", json, OPTION_FLAG, NULL, "events as JSON objects, one a line")

static const struct option_row {
	const char *name;
	size_t offset;
	enum option_kind kind;
	const char *argument;
	const char *help;
} rows[] = {
#define X(name, member, kind, argument, help)                                                      \
	{ name, offsetof(struct phone_options, member), kind, argument, help },
	OPTIONS(X)
#undef X
};

static void print_usage(FILE *out)
{
	fputs("usage: mcxsim phone --ready-file PATH --user AOR --password PASSWORD [OPTION]...\n"
	      "       mcxsim phone --server URL --user AOR --password PASSWORD [OPTION]...\n\n"
	      "A mobile client. Prints a line per event; sends lines of standard input to the\n"
	      "open conversation (/help there lists its commands).\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *name = text_format("--%s %s", rows[i].name,
					 rows[i].argument ? rows[i].argument : "");

		fprintf(out, "  %-24s %s\n", name, rows[i].help);
	}
	fputs("\nExit: 0 what was asked happened, 1 it did not, 2 usage, 3 the server cannot be\n"
	      "reached.\n",
	      out);
}

/* ---- values ---- */

static int parse_reaction(const char *s, size_t n, enum reaction *ret)
{
	static const char *const names[] = {
		[REACT_ACCEPT] = "accept",
		[REACT_DECLINE] = "decline",
		[REACT_IGNORE] = "ignore",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == n && !strncmp(s, names[i], n)) {
			*ret = (enum reaction)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_reactions(const char *s, struct phone_options *o)
{
	o->n_on_toast = 0;
	for (;;) {
		size_t n = strcspn(s, ",");

		if (o->n_on_toast == MAX_REACTIONS ||
		    parse_reaction(s, n, &o->on_toast[o->n_on_toast++]) < 0)
			return -EINVAL;
		if (!s[n])
			return 0;
		s += n + 1;
	}
}

static int parse_number(const char *s, int64_t *ret)
{
	int64_t value = 0;

	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		if (!chars_is_digit(*s) || value > MAX_COUNT)
			return -EINVAL;
		value = value * 10 + (*s - '0');
	}
	*ret = value;
	return value > 0 && value <= MAX_COUNT ? 0 : -EINVAL;
}

static int take(struct phone_options *o, const struct option_row *row, const char *value)
{
	void *slot = (char *)o + row->offset;

	switch (row->kind) {
	case OPTION_STRING: *(const char **)slot = value; return *value ? 0 : -EINVAL;
	case OPTION_FLAG: *(bool *)slot = true; return 0;
	case OPTION_NUMBER: return parse_number(value, slot);
	case OPTION_REACTIONS: return parse_reactions(value, o);
	case OPTION_REACTION: return parse_reaction(value, strlen(value), slot);
	}
	return -EINVAL;
}

static int parse_arguments(int argc, char **argv, struct phone_options *o)
{
	struct option options[ARRAY_SIZE(rows) + 2] = { 0 };
	int c, index = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		options[i] = (struct option){ rows[i].name,
					      rows[i].argument ? required_argument : no_argument,
					      NULL, 0 };
	options[ARRAY_SIZE(rows)] = (struct option){ "help", no_argument, NULL, 'h' };
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (c == 'h') {
			print_usage(stdout);
			return SIM_OK;
		}
		if (c != 0)
			return SIM_USAGE;
		if (take(o, &rows[index], optarg) < 0) {
			sim_complain("--%s does not take \"%s\"", rows[index].name, optarg);
			return SIM_USAGE;
		}
	}
	if (optind < argc) {
		sim_complain("\"%s\" is no option", argv[optind]);
		return SIM_USAGE;
	}
	return -1;
}

/* ---- what was left out ---- */

static void fill(const char **slot, struct json_object *ready, const char *name)
{
	if (!*slot)
		*slot = sim_ready_get(ready, name);
}

static int complete(struct phone_options *o)
{
	if (o->ready_file) {
		o->ready = sim_ready_load(o->ready_file);
		if (!o->ready)
			return SIM_UNREACHABLE;
		fill(&o->server, o->ready, "https");
		fill(&o->server, o->ready, "http");
		fill(&o->ca, o->ready, "ca");
		fill(&o->push_service_url, o->ready, "push_service");
	}
	if (!o->password)
		o->password = getenv("MCXSIM_PASSWORD");
	if (!o->device_name)
		o->device_name = o->user;
	return -1;
}

static int check(const struct phone_options *o)
{
	CLEANUP(mem_free_string) char *origin = o->server ? link_origin(o->server) : NULL;
	CLEANUP(mem_free_string)
	char *push_service = o->push_service_url ? link_origin(o->push_service_url) : NULL;
	const char *why = NULL;

	if (!o->server)
		why = "where is the server? (--ready-file or --server)";
	else if (!origin)
		why = "--server is a URL, https://host:port";
	else if (!o->user || !uri_is_aor(o->user))
		why = "who signs in? (--user bob@lab.test)";
	else if (!o->password)
		why = "what is the password? (--password or MCXSIM_PASSWORD)";
	else if (o->push_service_url && !push_service)
		why = "--push-service-url is a URL, http://host:port";
	else if (o->background && !o->push_service_url)
		why = "--background needs a push service (--push-service-url)";
	if (!why)
		return -1;
	sim_complain("%s", why);
	return SIM_USAGE;
}

int phone_options_parse(int argc, char **argv, struct phone_options *ret)
{
	int code;

	*ret = (struct phone_options){
		.user_agent = USER_AGENT,
		.on_toast = { REACT_ACCEPT },
		.n_on_toast = 1,
		.on_invite = REACT_ACCEPT,
	};
	code = parse_arguments(argc, argv, ret);
	if (code < 0)
		code = complete(ret);
	if (code < 0)
		code = check(ret);
	if (code == SIM_USAGE)
		fputs("mcxsim: see mcxsim phone --help\n", stderr);
	return code;
}

void phone_options_deinit(struct phone_options *o)
{
	json_object_put(o->ready);
}
