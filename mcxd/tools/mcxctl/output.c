/*
 * mcxctl: output
 */
#include "mcxd/tools/mcxctl/output.h"

#include "mcxd/ladder/canvas.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdarg.h>

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

void ctl_print(const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	print_clean(stdout, &message);
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

void ctl_print_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
}
