/*
 * Events as lines
 */
#include "mcxd/tools/sim.h"

#include "proto/text.h"

#include <json-c/json.h>

/* What comes from others must not steer the terminal or look like another event. */
static void add_line(struct text *t, const char *s)
{
	for (; s && *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\r' && s[1] == '\n')
			continue;
		if (c == '\r' || c == '\n' || c == '\t')
			text_add(t, " ");
		else if (c < 0x20 || c == 0x7F || (c == 0xC2 && (s[1] & 0xE0) == 0x80))
			text_add(t, "?");
		else
			text_add_bytes(t, s, 1);
	}
}

static void add_json(struct text *t, const char *event, const struct sim_field *fields, size_t n)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "event", json_object_new_string(event));
	for (size_t i = 0; i < n; i++)
		if (fields[i].value)
			json_object_object_add(o, fields[i].name,
					       json_object_new_string(fields[i].value));
	text_add(t, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void sim_event(bool json, const char *event, const char *text, const struct sim_field *fields,
	       size_t n_fields)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	if (json) {
		add_json(&line, event, fields, n_fields);
	} else {
		text_add(&line, event);
		if (text && *text)
			text_add(&line, "  ");
		add_line(&line, text);
	}
	text_add(&line, "\n");
	fputs(text_str(&line), stdout);
	fflush(stdout);
}

void sim_complain(const char *fmt, ...)
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
