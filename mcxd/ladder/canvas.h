/*
 * Canvas
 *
 * One line of terminal cells that things are put on from left to right or over each other. Text
 * from outside is made harmless: no control characters, no direction marks, nothing that is not
 * UTF-8.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

struct canvas {
	uint32_t *cells; /* code points; 0: the right half of a wide character */
	int width;
};

void canvas_init(struct canvas *c, int width);
void canvas_deinit(struct canvas *c);

/** Fill with spaces. */
void canvas_clear(struct canvas *c);

/** Put a code point; outside of the line nothing happens. */
void canvas_put(struct canvas *c, int x, uint32_t code);

/** Put a text, cut with an ellipsis to max_width cells. Returns how many it took. */
int canvas_text(struct canvas *c, int x, int max_width, const char *s);

/** Append the line to out, without the spaces at its end, and a line feed. ascii: nothing above
 *  U+007E: arrows and lines have stand-ins, the rest is a question mark. */
void canvas_flush(const struct canvas *c, bool ascii, struct text *out);

/** Cells that a text takes. */
int canvas_text_width(const char *s);
