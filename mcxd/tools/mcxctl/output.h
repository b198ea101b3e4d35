/*
 * mcxctl: output
 */
#pragma once

#include "proto/text/mem.h"

#include <json-c/json.h>
#include <stdbool.h>

struct ctl_options;
struct text;

/** Print a line on standard output. Control characters, direction marks and invalid UTF-8, which could
 *  play tricks on a terminal, are replaced. */
void ctl_print(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** The same on standard error, after "mcxctl: ". */
void ctl_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** Whether standard output is to be coloured, by --color and $NO_COLOR (https://no-color.org). */
bool ctl_is_colored(const struct ctl_options *o);

/** How many columns the terminal has that this descriptor is; 0: it is not one. */
int ctl_terminal_width(int fd);

/** Whether standard output goes to another program, as to a pager. */
bool ctl_is_piped(void);

/** Write lines to standard output, and flush. A terminal gets them as ctl_print() would print them; a file or a pipe gets
 *  the bytes, because a trace is data. */
void ctl_write(const struct text *lines);

/** The same for text that is for people wherever it goes: it is cleaned for files and pipes, too. */
void ctl_write_clean(const struct text *lines);

/** The same for lines that were drawn on a canvas: they are harmless, and the escape sequences in them are ours. */
void ctl_write_drawn(const struct text *lines);

/** Print on standard output as one line, and flush. */
void ctl_print_json(struct json_object *o);
