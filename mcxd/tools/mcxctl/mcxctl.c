/*
 * mcxctl
 */
#include "mcxd/tools/mcxctl/mcxctl.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/paths.h"
#include "mcxd/base/version.h"
#include "mcxd/tools/mcxctl/command.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

#define MAX_BODY_BYTES (INT64_C(256) * 1024 * 1024)

/* ---- the command line ---- */

static bool suits(const struct ctl_command *command, const struct ctl_line *line,
		  const struct ctl_options *o)
{
	if (line->n_args - 1 < command->min_args || line->n_args - 1 > command->max_args) {
		ctl_complain("usage: mcxctl %s %s", command->name, command->args);
		return false;
	}
	for (int option = 0; option < N_CTL_OPTIONS; option++) {
		if (o->given & CTL_BIT(option) & ~(CTL_COMMON | command->options)) {
			ctl_complain("%s does not take --%s; see mcxctl %s --help", command->name,
				     ctl_option_name((enum ctl_option)option), command->name);
			return false;
		}
	}
	return true;
}

static const struct ctl_command *find_command(const char *name)
{
	const struct ctl_command *command = ctl_command_find(name);

	if (!command)
		ctl_complain("unknown command \"%s\"; see mcxctl --help", name);
	return command;
}

static int help(const struct ctl_line *line)
{
	const struct ctl_command *command = line->n_args ? find_command(line->args[0]) : NULL;

	if (line->n_args && !command)
		return CTL_USAGE;
	ctl_help(command);
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

static int prepare(struct ctl *c)
{
	int err;

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
	return CTL_YES;
}

static int run(struct ctl *c, const struct ctl_line *line)
{
	const struct ctl_command *command;
	int code;

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
	if (!command || !suits(command, line, &c->options))
		return CTL_USAGE;
	if (!command->run) {
		ctl_complain("%s has to be the first word", command->name);
		return CTL_USAGE;
	}
	code = prepare(c);
	return code == CTL_YES ? command->run(c, line->n_args - 1, &line->args[1]) : code;
}

/* The words behind "complete" are those of another command line, options too. */
static int complete(struct ctl *c, int n_words, char *const *words)
{
	char *line[CTL_MAX_ARGS + 2] = { NULL }; /* the first would be the program's name */
	struct ctl_line ignored;
	int n_done = ctl_complete_done(n_words, words);

	for (int i = 0; i < n_done && i < CTL_MAX_ARGS; i++)
		line[i + 1] = words[i];
	if (ctl_options_read(&c->options, line, &ignored) && prepare(c) == CTL_YES)
		ctl_complete(c, n_words, words);
	return CTL_YES;
}

int main(int argc, char **argv)
{
	struct ctl c = { 0 };
	struct ctl_line line;
	int code = CTL_USAGE;

	ctl_options_init(&c.options);
	if (argc > 2 && strcmp(argv[1], "complete") == 0 && strcmp(argv[2], "--help") != 0)
		code = complete(&c, argc - 2, argv + 2);
	else if (ctl_options_read(&c.options, argv, &line))
		code = run(&c, &line);
	c.client = http_client_free(c.client);
	c.loop = loop_free(c.loop);
	free(c.socket);
	ctl_options_deinit(&c.options);
	return code;
}
