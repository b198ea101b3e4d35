/*
 * Commands
 */
#include "mcxd/tools/mcxsim/commands.h"

#include "mcxd/tools/mcxsim/out.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "/help";

static void print_help(const struct command_table *t)
{
	for (size_t i = 0; i < t->n_rows; i++)
		fprintf(stderr, "%-10s %s\n", t->rows[i].name, t->rows[i].help);
	fprintf(stderr, "%-10s %s\n", help,
		"print this list; //... sends a message that begins with a slash");
}

const char *commands_take(const struct command_table *t, void *client, const char *line)
{
	size_t n = strcspn(line, " ");

	if (line[0] != '/')
		return line;
	if (line[1] == '/')
		return line + 1;
	if (n == strlen(help) && !strncmp(line, help, n)) {
		print_help(t);
		return NULL;
	}
	for (size_t i = 0; i < t->n_rows; i++) {
		if (strlen(t->rows[i].name) == n && !strncmp(line, t->rows[i].name, n)) {
			t->rows[i].run(client, line + n + strspn(line + n, " "));
			return NULL;
		}
	}
	out_complain("unknown command \"%s\"; /help lists them", line);
	return NULL;
}
