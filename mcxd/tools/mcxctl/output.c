/*
 * mcxctl: output
 */
#include "mcxd/tools/mcxctl/output.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/tools/mcxctl/options.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

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

int ctl_terminal_width(int fd)
{
	struct winsize size = { 0 };

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool ctl_is_piped(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
}

bool ctl_is_colored(const struct ctl_options *o)
{
	const char *refused = getenv("NO_COLOR");

	if (strcmp(o->color, "auto") != 0)
		return strcmp(o->color, "always") == 0;
	return isatty(STDOUT_FILENO) && !(refused && *refused);
}

void ctl_write_drawn(const struct text *lines)
{
	fwrite(text_str(lines), 1, lines->n, stdout);
	fflush(stdout);
}

static void write_line(const char *p, size_t n)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\t' || !p[i])
			text_add(&line, p[i] ? " " : "?");
		else if (p[i] != '\r' || i + 1 < n)
			text_add_bytes(&line, &p[i], 1);
	}
	print_clean(stdout, &line);
}

void ctl_write(const struct text *lines)
{
	if (isatty(STDOUT_FILENO)) {
		ctl_write_clean(lines);
		return;
	}
	fwrite(text_str(lines), 1, lines->n, stdout);
	fflush(stdout);
}

void ctl_write_clean(const struct text *lines)
{
	const char *p = text_str(lines), *end = p + lines->n, *eol;

	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		write_line(p, (size_t)(eol - p));
	}
	fflush(stdout);
}

void ctl_print_json(struct json_object *o)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	text_add_all(&line,
		     json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		     "\n");
	ctl_write(&line);
}
