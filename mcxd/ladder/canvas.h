/*
 * Canvas
 *
 * One line of character cells, to be filled from left to right or one thing over another. Text from
 * outside becomes harmless: no control characters, no direction marks, only valid UTF-8.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

enum canvas_style {
	CANVAS_PLAIN,
	CANVAS_DIM,
	CANVAS_BOLD,
	CANVAS_RED,
	CANVAS_GREEN,
	CANVAS_YELLOW,
	CANVAS_BLUE,
	CANVAS_MAGENTA,
	CANVAS_CYAN,
	N_CANVAS_STYLES
};

struct canvas {
	uint32_t *cells;       /* code points; 0: the right half of a wide character */
	unsigned char *styles; /* enum canvas_style of each */
	int width;
	enum canvas_style style; /* of what is put next */
	bool color;              /* flush styles as escape sequences for a terminal */
};

void canvas_init(struct canvas *c, int width);
void canvas_deinit(struct canvas *c);

/** Fill with spaces. */
void canvas_clear(struct canvas *c);

/** Put a code point; a place outside the line is ignored. */
void canvas_put(struct canvas *c, int x, uint32_t code);

/** Put a text, cut to max_width cells with an ellipsis. Returns how many cells it took. */
int canvas_text(struct canvas *c, int x, int max_width, const char *s);

/** How many bytes of a text go into a line of this width: up to a space if there is one, else as many whole characters as fit,
 *  at least one. */
size_t canvas_fitting(const char *s, int width);

/** Append the line without trailing spaces, and a line feed. ascii: nothing above U+007E; arrows and lines
 *  are replaced by similar characters, all else by question marks. */
void canvas_flush(const struct canvas *c, bool ascii, struct text *out);

/** Append a text as harmless as it is on a canvas, cut to max_width cells with an ellipsis. */
void canvas_clean(struct text *out, int max_width, const char *s);

/** How many cells a text takes. */
int canvas_text_width(const char *s);
