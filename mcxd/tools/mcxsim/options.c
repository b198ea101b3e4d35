/*
 * Options
 */
#include "mcxd/tools/mcxsim/options.h"

#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"

#include <getopt.h>
#include <json-c/json.h>

enum { MAX_NUMBER = 1000000000, MAX_OPTIONS = 32, HELP_COLUMN = 27 };

/* ---- types ---- */

static bool take_flag(void *slot, const char *value)
{
	(void)value;
	*(bool *)slot = true;
	return true;
}

static bool take_text(void *slot, const char *value)
{
	*(const char **)slot = value;
	return *value;
}

static bool take_number(void *slot, const char *value)
{
	int64_t n = 0;

	for (; *value; value++) {
		if (!chars_is_digit(*value) || n > MAX_NUMBER)
			return false;
		n = n * 10 + (*value - '0');
	}
	*(int64_t *)slot = n;
	return n > 0 && n <= MAX_NUMBER;
}

static bool take_url(void *slot, const char *value)
{
	CLEANUP(mem_free_string) char *origin = url_origin(value);

	*(const char **)slot = value;
	return origin;
}

static bool take_reaction(void *slot, const char *value)
{
	return sim_reaction_parse(value, strlen(value), slot);
}

static bool take_transport(void *slot, const char *value)
{
	*(const char **)slot = value;
	return !strcmp(value, "tcp") || !strcmp(value, "tls") || !strcmp(value, "udp");
}

const struct option_type option_flag = { take_flag, NULL };
const struct option_type option_text = { take_text, "a text that is not empty" };
const struct option_type option_number = { take_number, "a number from 1 to 1000000000" };
const struct option_type option_url = { take_url, "a URL such as https://127.0.0.1:8443" };
const struct option_type option_reaction = { take_reaction, "accept, decline or ignore" };
const struct option_type option_transport = { take_transport, "tcp, tls or udp" };

/* ---- help ---- */

static void print_help(const struct option_table *t)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	text_addf(&out, "%s\nOptions:\n", t->usage);
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct option_row *row = &t->rows[i];
		CLEANUP(mem_free_string)
		char *name = text_format("--%s%s%s", row->name, row->argument ? " " : "",
					 row->argument ? row->argument : "");

		text_add_help(&out, name, HELP_COLUMN, row->help);
	}
	if (t->clients)
		text_add(&out, "\nEvents:\n");
	for (size_t i = 0; i < SIM_N_EVENTS; i++)
		if (sim_event_rows[i].clients & t->clients)
			text_add_help(&out, sim_event_rows[i].name, HELP_COLUMN,
				      sim_event_rows[i].help);
	text_add(&out,
		 "\n"
		 "Exit status: 0 if what was asked happened, 1 if not, 2 if the command line is\n"
		 "wrong, 3 if the server cannot be reached.\n");
	fputs(text_str(&out), stdout);
}

/* ---- parsing ---- */

int options_refuse(const struct option_table *t, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	out_complain("%s; see mcxsim %s --help", text_str(&sentence), t->command);
	return MCXSIM_USAGE;
}

/* getopt's value of row i is i + 1, so that 0 in optopt is an unknown option. */
static size_t make_options(const struct option_table *t, struct option options[MAX_OPTIONS + 2])
{
	size_t i;

	for (i = 0; i < t->n_rows && i < MAX_OPTIONS; i++)
		options[i] = (struct option){ t->rows[i].name,
					      t->rows[i].argument ? required_argument : no_argument,
					      NULL, (int)i + 1 };
	options[i] = (struct option){ "help", no_argument, NULL, (int)i + 1 };
	return i;
}

/* The error for which getopt_long() returned '?' or ':'. */
static int refuse_option(const struct option_table *t, const struct option *options, int c,
			 const char *word)
{
	if (c == ':')
		return options_refuse(t, "--%s needs a value: %s", options[optopt - 1].name,
				      t->rows[optopt - 1].argument);
	if (optopt > 0 && optopt <= MAX_OPTIONS + 1)
		return options_refuse(t, "--%s takes no value", options[optopt - 1].name);
	if (optopt > 0)
		return options_refuse(t, "unknown option \"-%c\"", optopt);
	return options_refuse(t, "unknown option \"%s\"", word);
}

int options_parse(const struct option_table *t, int argc, char **argv, void *ret)
{
	struct option options[MAX_OPTIONS + 2] = { 0 };
	size_t help = make_options(t, options);
	int c;

	optind = 0; /* also forgets where an earlier parse stopped */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		const struct option_row *row;

		if (c == '?' || c == ':')
			return refuse_option(t, options, c, argv[optind - 1]);
		if ((size_t)c - 1 == help) {
			print_help(t);
			return MCXSIM_OK;
		}
		row = &t->rows[c - 1];
		if (!row->type->take((char *)ret + row->offset, optarg))
			return options_refuse(t, "invalid value \"%s\" for --%s: expected %s",
					      optarg, row->name, row->type->expected);
	}
	return -1;
}

int options_take_im(const struct option_table *t, int n_words, char **words, const char **ret_user,
		    const char **ret_text)
{
	if (n_words == 0)
		return -1;
	if (strcmp(words[0], "im") != 0)
		return options_refuse(t, "unexpected argument \"%s\"", words[0]);
	if (n_words != 3)
		return options_refuse(t, "im needs a user and a text");
	if (!*words[1] || strpbrk(words[1], "<> \"\r\n"))
		return options_refuse(t, "\"%s\" cannot be invited", words[1]);
	*ret_user = words[1];
	*ret_text = words[2];
	return -1;
}
