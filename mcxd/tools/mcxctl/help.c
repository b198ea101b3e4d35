/*
 * mcxctl: help
 */
#include "mcxd/tools/mcxctl/command.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { COMMAND_COLUMN = 28, EXAMPLE_COLUMN = 6, INDENT = 4 };

static void add_options(struct text *out, uint64_t which)
{
	text_add(out, "\nOptions:\n");
	ctl_options_help(out, which);
}

static void add_examples(struct text *out, const char *const *examples)
{
	text_add(out, "\nExamples:\n");
	for (; *examples; examples += 2)
		text_add_help(out, examples[0], EXAMPLE_COLUMN, examples[1]);
}

static void add_help_of(struct text *out, const struct ctl_command *command)
{
	CLEANUP(text_deinit) struct text about = TEXT_INIT;

	/* The sentence is a row without a name, and its indent is cut off. */
	text_add_help(&about, "", INDENT, command->help);
	text_addf(out, "usage: mcxctl [OPTION]... %s%s%s\n\n", command->name,
		  *command->args ? " " : "", command->args);
	for (const char *line = text_str(&about); *line; line += strcspn(line, "\n") + 1) {
		text_add_bytes(out, line + INDENT, strcspn(line, "\n") - INDENT);
		text_add(out, "\n");
	}
	if (command->add_details)
		command->add_details(out);
	add_options(out, CTL_COMMON | command->options);
	add_examples(out, command->examples);
}

static void add_help(struct text *out)
{
	uint64_t all = CTL_COMMON;

	text_add(out, "usage: mcxctl [OPTION]... COMMAND\n\nCommands:\n");
	for (size_t i = 0; i < n_ctl_commands; i++) {
		CLEANUP(mem_free_string)
		char *synopsis = text_concat(ctl_commands[i].name, *ctl_commands[i].args ? " " : "",
					     ctl_commands[i].args);

		text_add_help(out, synopsis, COMMAND_COLUMN, ctl_commands[i].help);
		all |= ctl_commands[i].options;
	}
	add_options(out, all);
	text_add(out, "\nExit status: 0 yes, 1 no, 2 wrong usage, 3 no daemon.\n");
}

void ctl_help(const struct ctl_command *command)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	if (command)
		add_help_of(&out, command);
	else
		add_help(&out);
	ctl_write(&out);
}
