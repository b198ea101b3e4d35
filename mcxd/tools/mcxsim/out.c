/*
 * Output
 */
#include "mcxd/tools/mcxsim/out.h"

#include "mcxd/sim/sim.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

/* Bytes of the character at s if it would steer a terminal, else 0. */
static size_t steering_length(const char *s)
{
	size_t n = utf8_sequence(s, strnlen(s, 4));

	return n && utf8_steers(s, n) ? n : 0;
}

static void add_line(struct text *t, const char *s)
{
	while (s && *s) {
		size_t n = steering_length(s);

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
