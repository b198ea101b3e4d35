/*
 * mcxd
 */
#include "mcxd/daemon.h"

#include "mcxd/base/log.h"
#include "mcxd/base/paths.h"
#include "mcxd/base/version.h"

#include <errno.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
	"usage: mcxd [OPTION]...\n"
	"\n"
	"A lab replacement for a Lync 2010 front end with its mobility service and the neighbours "
	"that\n"
	"it needs.\n"
	"\n"
	"  -c FILE                     settings, as an INI file\n"
	"      --set SECTION.KEY=VALUE  one setting; may be given again\n"
	"      --state DIR              where certificates and the lab socket are\n"
	"                               (default: ~/.local/state/mcxd)\n"
	"      --ephemeral              a state directory of its own, removed at the end\n"
	"      --roles LIST             of front-end, edge, clearing-house, push-service (default: "
	"all)\n"
	"      --any-port               every listener at 127.0.0.1, at a free port\n"
	"      --ready-file PATH        written as JSON when everything listens\n"
	"      --settings               print all settings as a Markdown table, and exit\n"
	"      --dump                   print the settings as they are, and exit\n"
	"      --version, --help\n"
	"\n"
	"SIGTERM ends it, SIGHUP reads users and certificates again.\n";

struct options {
	const char *config;
	const char *state;
	const char *sets[64];
	size_t n_sets;
	unsigned roles;
	bool any_port, dump;
};

enum {
	OPT_SET = 256,
	OPT_STATE,
	OPT_EPHEMERAL,
	OPT_ROLES,
	OPT_ANY_PORT,
	OPT_READY_FILE,
	OPT_SETTINGS,
	OPT_DUMP,
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
	{ "settings", no_argument, NULL, OPT_SETTINGS },
	{ "dump", no_argument, NULL, OPT_DUMP },
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

/* An exit code, or -1 to go on. */
static int take_roles(struct options *o, const char *list)
{
	const char *bad = NULL;

	o->roles = daemon_parse_roles(list, &bad);
	if (o->roles)
		return -1;
	fprintf(stderr,
		"mcxd: \"%s\" is no role; there are front-end, edge, clearing-house and "
		"push-service\n",
		bad);
	return EXIT_USAGE;
}

static int take_option(struct options *o, struct daemon *d, int option)
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
	case OPT_EPHEMERAL: d->ephemeral = true; return -1;
	case OPT_ROLES: return take_roles(o, optarg);
	case OPT_ANY_PORT: o->any_port = true; return -1;
	case OPT_READY_FILE: mem_set_string(&d->ready_file, optarg); return -1;
	case OPT_SETTINGS: print_settings(); return EXIT_SUCCESS;
	case OPT_DUMP: o->dump = true; return -1;
	case OPT_VERSION: printf("mcxd %s\n", version_text); return EXIT_SUCCESS;
	case OPT_HELP: fputs(usage, stdout); return EXIT_SUCCESS;
	default: fputs("mcxd --help tells more.\n", stderr); return EXIT_USAGE;
	}
}

static int parse(struct options *o, struct daemon *d, int argc, char **argv)
{
	int option, code = -1;

	while (code < 0 && (option = getopt_long(argc, argv, "c:", long_options, NULL)) != -1)
		code = take_option(o, d, option);
	if (code < 0 && optind < argc) {
		fprintf(stderr, "mcxd: unexpected \"%s\"; mcxd --help tells more.\n", argv[optind]);
		code = EXIT_USAGE;
	}
	return code;
}

/* Defaults, then the file, then --any-port, then --set: what is more particular wins. */
static int load_settings(const struct options *o, struct settings *s)
{
	static const char *const listeners[] = {
		"sip.udp",
		"sip.tcp",
		"https.listen",
		"http.listen",
		"edge.listen",
		"clearing_house.listen",
		"push_service.listen",
	};
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	setting_defaults(&settings_table, s);
	if (o->config)
		setting_load(&settings_table, s, o->config, &errors);
	for (size_t i = 0; o->any_port && i < ARRAY_SIZE(listeners); i++)
		setting_set(&settings_table, s, listeners[i], "127.0.0.1:0", &errors);
	for (size_t i = 0; i < o->n_sets; i++) {
		if (setting_set_arg(&settings_table, s, o->sets[i], &errors) < 0)
			text_add(&errors, "\n");
	}
	if (!errors.n)
		return 0;
	fprintf(stderr, "mcxd: %s%s", text_str(&errors),
		errors.data[errors.n - 1] == '\n' ? "" : "\n");
	return -EINVAL;
}

/* The state directory: where it was told, or one of its own, or the default. */
static int prepare_state(const struct options *o, struct daemon *d)
{
	struct settings *s = d->settings;
	const char *tmp = getenv("TMPDIR");

	if (d->ephemeral) {
		free(s->state_dir);
		s->state_dir = text_format("%s/mcxd-XXXXXX", tmp && *tmp ? tmp : "/tmp");
		if (!mkdtemp(s->state_dir)) {
			fprintf(stderr, "mcxd: %s: %s\n", s->state_dir, strerror(errno));
			return -errno;
		}
		return 0;
	}
	if (o->state)
		mem_set_string(&s->state_dir, o->state);
	if (!*s->state_dir) {
		free(s->state_dir);
		s->state_dir = paths_default_state_dir();
	}
	return 0;
}

static void print_dump(const struct settings *s)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	setting_dump(&settings_table, s, &out);
	fputs(text_str(&out), stdout);
}

static int run(const struct options *o, struct daemon *d)
{
	int code = EXIT_FAILURE;

	if (log_set_levels(d->settings->log_level) < 0) {
		fprintf(stderr, "mcxd: log.level: \"%s\" is no level such as \"info,sip=debug\"\n",
			d->settings->log_level);
		return EXIT_USAGE;
	}
	log_set_json(d->settings->log_json);
	if (prepare_state(o, d) < 0)
		return EXIT_FAILURE;
	if (daemon_start(d) == 0) {
		daemon_run(d);
		code = EXIT_SUCCESS;
	}
	daemon_stop(d);
	return code;
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct options o = { .roles = ROLES_ALL };
	struct daemon d = { .settings = &settings };
	int code;

	/* Keys and the lab socket are nobody else's business; what is, gets its mode by hand. */
	umask(077);
	code = parse(&o, &d, argc, argv);
	if (code < 0 && load_settings(&o, &settings) < 0)
		code = EXIT_USAGE;
	d.roles = o.roles;
	if (code < 0 && o.dump) {
		print_dump(&settings);
		code = EXIT_SUCCESS;
	}
	if (code < 0)
		code = run(&o, &d);
	setting_deinit(&settings_table, &settings);
	free(d.ready_file);
	return code;
}
