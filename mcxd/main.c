/*
 * mcxd
 */
#include "mcxd/base/log.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/version.h"
#include "mcxd/daemon.h"
#include "mcxd/exec.h"
#include "mcxd/inspection.h"
#include "mcxd/roles.h"
#include "mcxd/settings.h"
#include "mcxd/sip/stack.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* clang-format off */
static const char usage[] =
	"usage: mcxd [OPTION]...\n"
	"       mcxd exec [OPTION]... -- COMMAND [ARGUMENT]...\n"
	"\n"
	"A lab replacement for a Lync 2010 front end with its mobility service and the\n"
	"neighbours that it needs. exec runs a command in a lab of its own, on free ports\n"
	"(--any-port --ephemeral), which the command finds in its environment (MCXD_LAB,\n"
	"MCXD_SIP_TCP, MCXD_READY_FILE ...); the lab ends with the command, and the exit\n"
	"status is the command's.\n"
	"\n"
	"  -c FILE                  read settings from an INI file\n"
	"  --set SECTION.KEY=VALUE  set one setting; may be repeated\n"
	"  --state DIR              directory for the database, certificates and the\n"
	"                           lab socket (default: ~/.local/state/mcxd)\n"
	"  --ephemeral              keep nothing: no database, and a new state\n"
	"                           directory, removed at the end\n"
	"  --roles LIST             front-end, edge, clearing-house, push-service\n"
	"                           (default: all)\n"
	"  --any-port               put every listener on 127.0.0.1, on a free port:\n"
	"                           also those that are off by default, which are plain\n"
	"                           (edge.tcp, clearing_house.tcp, http.listen), and which\n"
	"                           no client certificate protects; --set edge.tcp= keeps\n"
	"                           one off\n"
	"  --ready-file PATH        write a JSON file once everything listens\n"
	"  --exit-with-parent[=PID]  end when the process that started it ends, however it\n"
	"                           ends; or the process PID\n"
	"  --settings               print all settings as a Markdown table, and exit\n"
	"  --dump                   print the settings in use as an INI file, and exit\n"
	"  --check                  look at settings, users, certificates and the database,\n"
	"                           also while a daemon runs, and exit: 0 if all are sound\n"
	"  --version, --help\n"
	"\n"
	"SIGTERM ends it, SIGHUP reloads users, certificates, and the settings that are live.\n";
/* clang-format on */

/* It adopts those whose parent is gone, and never ends. */
enum { INIT_PID = 1 };

struct options {
	const char *config;
	const char *state;
	const char *sets[64];
	size_t n_sets;
	const char *ready_file;
	unsigned roles;
	pid_t parent;
	char *const *command;
	bool ephemeral, any_port, settings, dump, check;
};

enum {
	OPT_SET = 256,
	OPT_STATE,
	OPT_EPHEMERAL,
	OPT_ROLES,
	OPT_ANY_PORT,
	OPT_READY_FILE,
	OPT_EXIT_WITH_PARENT,
	OPT_SETTINGS,
	OPT_DUMP,
	OPT_CHECK,
	OPT_VERSION,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "ephemeral", no_argument, NULL, OPT_EPHEMERAL },
	{ "roles", required_argument, NULL, OPT_ROLES },
	{ "any-port", no_argument, NULL, OPT_ANY_PORT },
	{ "ready-file", required_argument, NULL, OPT_READY_FILE },
	{ "exit-with-parent", optional_argument, NULL, OPT_EXIT_WITH_PARENT },
	{ "settings", no_argument, NULL, OPT_SETTINGS },
	{ "dump", no_argument, NULL, OPT_DUMP },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static void print_settings(void)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	setting_markdown(&settings_table, &out);
	fputs(text_str(&out), stdout);
}

/* Returns an exit status, or -1 to go on; so do take_option() and parse(). */
static int take_roles(struct options *o, const char *list)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	o->roles = roles_parse(list, &why);
	if (o->roles)
		return -1;
	fprintf(stderr, "mcxd: --roles: %s\n", text_str(&why));
	return EXIT_USAGE;
}

static int take_parent(struct options *o, const char *number)
{
	int64_t pid = getppid();

	if (!number && pid == INIT_PID) {
		fputs("mcxd: --exit-with-parent: the process that started this one is gone, or is "
		      "process 1; if that is meant, say --exit-with-parent=1\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (number && !text_to_int(number, 1, INT_MAX, &pid)) {
		fprintf(stderr, "mcxd: --exit-with-parent: \"%s\" is not a process id\n", number);
		return EXIT_USAGE;
	}
	o->parent = (pid_t)pid;
	return -1;
}

/* exec and its command, which stands behind the options, mostly behind "--". */
static int take_command(struct options *o, int n_args, char **args)
{
	if (n_args == 0)
		return -1;
	if (strcmp(args[0], "exec") != 0) {
		fprintf(stderr, "mcxd: unexpected argument \"%s\"; see mcxd --help\n", args[0]);
		return EXIT_USAGE;
	}
	if (n_args == 1 || o->settings || o->dump || o->check) {
		fputs("mcxd: usage: mcxd exec [OPTION]... -- COMMAND [ARGUMENT]...\n", stderr);
		return EXIT_USAGE;
	}
	o->command = args + 1;
	o->any_port = true;
	o->ephemeral = !o->state;
	return -1;
}

/* What getopt_long() took for an error. */
static int refuse_option(int option, const char *word)
{
	if (option == ':')
		fprintf(stderr, "mcxd: %s needs a value; see mcxd --help\n", word);
	else if (optopt >= OPT_SET)
		fprintf(stderr, "mcxd: \"%s\" takes no value; see mcxd --help\n", word);
	else if (optopt)
		fprintf(stderr, "mcxd: unknown option \"-%c\"; see mcxd --help\n", optopt);
	else
		fprintf(stderr, "mcxd: unknown option \"%s\"; see mcxd --help\n", word);
	return EXIT_USAGE;
}

static int take_option(struct options *o, int option, const char *word)
{
	switch (option) {
	case 'c': o->config = optarg; return -1;
	case OPT_SET:
		if (o->n_sets == ARRAY_SIZE(o->sets)) {
			fputs("mcxd: too many --set; put them into a file (-c)\n", stderr);
			return EXIT_USAGE;
		}
		o->sets[o->n_sets++] = optarg;
		return -1;
	case OPT_STATE: o->state = optarg; return -1;
	case OPT_EPHEMERAL: o->ephemeral = true; return -1;
	case OPT_ROLES: return take_roles(o, optarg);
	case OPT_ANY_PORT: o->any_port = true; return -1;
	case OPT_READY_FILE: o->ready_file = optarg; return -1;
	case OPT_EXIT_WITH_PARENT: return take_parent(o, optarg);
	case OPT_SETTINGS: o->settings = true; return -1;
	case OPT_DUMP: o->dump = true; return -1;
	case OPT_CHECK: o->check = true; return -1;
	case OPT_VERSION: printf("mcxd %s, %s\n", version_text, stack_library); return EXIT_SUCCESS;
	case OPT_HELP: fputs(usage, stdout); return EXIT_SUCCESS;
	default: return refuse_option(option, word);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int option, code = -1;

	opterr = 0;
	while (code < 0 && (option = getopt_long(argc, argv, ":c:", long_options, NULL)) != -1)
		code = take_option(o, option, argv[optind - 1]);
	if (code >= 0)
		return code;
	code = take_command(o, argc - optind, argv + optind);
	if (code >= 0)
		return code;
	if (o->settings + o->dump + o->check > 1) {
		fputs("mcxd: --settings, --dump and --check exclude each other\n", stderr);
		return EXIT_USAGE;
	}
	if (o->settings) {
		print_settings();
		return EXIT_SUCCESS;
	}
	return -1;
}

/* Defaults, then the file, then --any-port, then --set and --state: the more specific wins. Every error is a
 * line. */
static void apply(const struct options *o, struct settings *s, struct text *errors)
{
	setting_defaults(&settings_table, s);
	if (o->config)
		setting_load(&settings_table, s, o->config, errors);
	if (o->any_port)
		settings_set_any_port(s);
	for (size_t i = 0; i < o->n_sets; i++)
		if (setting_set_arg(&settings_table, s, o->sets[i], errors) < 0)
			text_add(errors, "\n");
	if (o->state && setting_set(&settings_table, s, "state.directory", o->state, errors) < 0)
		text_add(errors, "\n");
	if (!errors->n)
		settings_check(s, errors);
}

static int load_again(const void *origin, struct settings *ret, struct text *errors)
{
	apply(origin, ret, errors);
	return errors->n ? -EINVAL : 0;
}

/* In the format that was asked for, as far as that was understood. */
static void complain(const struct settings *s, const char *line)
{
	if (s->log_format && log_parse_format(s->log_format) == LOG_FORMAT_JSON) {
		log_set_format(LOG_FORMAT_JSON);
		log_error("mcxd", NULL, "%s", line);
	} else {
		fprintf(stderr, "mcxd: %s\n", line);
	}
}

static int load_settings(const struct options *o, struct settings *s)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	char *rest, *line;

	apply(o, s, &errors);
	if (!errors.n)
		return 0;
	for (rest = errors.data; (line = strsep(&rest, "\n"));)
		if (*line)
			complain(s, line);
	return -EINVAL;
}

static void print_dump(const struct settings *s)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	setting_dump(&settings_table, s, &out);
	fputs(text_str(&out), stdout);
}

static int run(const struct options *o, const struct settings *s, const struct exec_origin *origin)
{
	struct daemon d = {
		.settings = s,
		.load_settings = load_again,
		.settings_origin = o,
		.role_set = o->roles,
		.ready_file = o->ready_file,
		.ephemeral = o->ephemeral,
		.exec = { .command = o->command, .origin = *origin },
		.parent = o->parent,
	};
	int code = EXIT_FAILURE;

	if (log_set_levels(s->log_level) < 0)
		abort(); /* the check of its setting lets nothing through that this refuses */
	log_set_format((enum log_format)log_parse_format(s->log_format));
	if (daemon_start(&d) == 0) {
		daemon_run(&d);
		code = o->command ? d.exec.code : EXIT_SUCCESS;
	}
	daemon_stop(&d);
	return code;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct options o = { .roles = ROLES_ALL };
	struct exec_origin origin;
	int code;

	exec_origin_get(&origin);
	/* Files are private by default; those meant for others are chmod'ed explicitly. */
	umask(077);
	code = parse(&o, argc, argv);
	if (code < 0 && load_settings(&o, &settings) < 0)
		code = EXIT_USAGE;
	if (code < 0 && o.dump) {
		print_dump(&settings);
		code = EXIT_SUCCESS;
	}
	if (code < 0 && o.check)
		code = inspection_run(&settings, o.ephemeral) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (code < 0)
		code = run(&o, &settings, &origin);
	else
		free(origin.files);
	setting_deinit(&settings_table, &settings);
	return code;
}
