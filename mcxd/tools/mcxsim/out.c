/*
 * Output
 */
#include "mcxd/tools/mcxsim/out.h"

#include "mcxd/sim/sim.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Bytes of the control character at s, of C0 or C1; 0: there is none. */
static size_t control_length(const char *s)
{
	if (chars_is_control(*s))
		return 1;
	return (unsigned char)s[0] == 0xC2 && ((unsigned char)s[1] & 0xE0) == 0x80 ? 2 : 0;
}

static void add_line(struct text *t, const char *s)
{
	while (s && *s) {
		size_t n = control_length(s);

		if (!strncmp(s, "\r\n", 2))
			n = 2;
		if (n == 0)
			text_add_bytes(t, s, 1);
		else
			text_add(t, strchr("\r\n\t", *s) ? " " : "?");
		s += n ? n : 1;
	}
}

static void add_json(struct text *t, const struct sim_event *event)
{
	struct json_object *o = json_object_new_object();

	json_out_optional(o, "event", sim_event_rows[event->kind].name);
	for (size_t i = 0; i < event->n_fields; i++)
		json_out_optional(o, event->fields[i].name, event->fields[i].value);
	text_add(t, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void out_event(bool json, const struct sim_event *event)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	if (json) {
		add_json(&line, event);
	} else {
		text_add(&line, sim_event_rows[event->kind].name);
		if (event->summary && *event->summary)
			text_add(&line, "  ");
		add_line(&line, event->summary);
	}
	text_add(&line, "\n");
	fputs(text_str(&line), stdout);
	fflush(stdout);
}

void out_complain(const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	add_line(&line, text_str(&message));
	fprintf(stderr, "mcxsim: %s\n", text_str(&line));
}
