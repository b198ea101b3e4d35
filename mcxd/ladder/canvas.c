/*
 * Canvas
 */
#include "mcxd/ladder/canvas.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#define ELLIPSIS    0x2026
#define REPLACEMENT 0xFFFD

void canvas_init(struct canvas *c, int width)
{
	*c = (struct canvas){ .width = width };
	c->cells = mem_zalloc((size_t)width * sizeof(c->cells[0]));
	c->styles = mem_zalloc((size_t)width);
	canvas_clear(c);
}

void canvas_deinit(struct canvas *c)
{
	free(c->cells);
	free(c->styles);
	c->cells = NULL;
	c->styles = NULL;
}

void canvas_clear(struct canvas *c)
{
	for (int x = 0; x < c->width; x++) {
		c->cells[x] = ' ';
		c->styles[x] = CANVAS_PLAIN;
	}
}

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

/* Takes no cell: combining marks, joiners, variation selectors; and direction marks, which would reverse
 * the rest of the line. */
static bool is_invisible(uint32_t code)
{
	static const struct range ranges[] = {
		{ 0x0300, 0x036F }, { 0x061C, 0x061C }, { 0x200B, 0x200F }, { 0x2028, 0x202E },
		{ 0x2060, 0x206F }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xE0000, 0xE0FFF },
	};

	return is_in(ranges, ARRAY_SIZE(ranges), code);
}

/* Takes two cells (Unicode Standard Annex 11, roughly). */
static bool is_wide(uint32_t code)
{
	static const struct range ranges[] = {
		{ 0x1100, 0x115F },   { 0x2E80, 0xA4CF },   { 0xAC00, 0xD7A3 },
		{ 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
		{ 0xFFE0, 0xFFE6 },   { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF },
		{ 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
	};

	return is_in(ranges, ARRAY_SIZE(ranges), code);
}

static int code_width(uint32_t code)
{
	if (is_invisible(code))
		return 0;
	return is_wide(code) ? 2 : 1;
}

static int sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF)
		return 3;
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Take the next code point off a string that is not at its end. Invalid bytes become U+FFFD, control
 * characters spaces. */
static uint32_t next_code(const char **s)
{
	static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const unsigned char *p = (const unsigned char *)*s;
	int n = sequence_length(p[0]);
	uint32_t code = p[0] & lead_bits[n];

	(*s)++;
	for (int i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return REPLACEMENT;
		code = code << 6 | (p[i] & 0x3F);
	}
	if (!n || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return REPLACEMENT;
	*s += n - 1;
	return code < 0x20 || (code >= 0x7F && code < 0xA0) ? ' ' : code;
}

int canvas_text_width(const char *s)
{
	int width = 0;

	while (*s)
		width += code_width(next_code(&s));
	return width;
}

void canvas_put(struct canvas *c, int x, uint32_t code)
{
	if (x < 0 || x >= c->width)
		return;
	c->cells[x] = code;
	c->styles[x] = (unsigned char)c->style;
}

int canvas_text(struct canvas *c, int x, int max_width, const char *s)
{
	bool fits = canvas_text_width(s) <= max_width;
	int used = 0;

	if (max_width <= 0)
		return 0;
	while (*s) {
		uint32_t code = next_code(&s);
		int width = code_width(code);

		if (!width)
			continue;
		if (used + width > (fits ? max_width : max_width - 1))
			break;
		canvas_put(c, x + used, code);
		if (width == 2)
			canvas_put(c, x + used + 1, 0);
		used += width;
	}
	if (!fits)
		canvas_put(c, x + used++, ELLIPSIS);
	return used;
}

size_t canvas_fitting(const char *s, int width)
{
	const char *p = s, *space = NULL;
	int used = 0;

	while (*p) {
		const char *at = p;

		used += code_width(next_code(&p));
		if (used > width)
			return space ? (size_t)(space - s) : (size_t)((at > s ? at : p) - s);
		if (*at == ' ')
			space = at;
	}
	return (size_t)(p - s);
}

static char ascii_of(uint32_t code)
{
	static const struct {
		uint32_t code;
		char ascii;
	} similar[] = {
		{ 0x2500, '-' },  { 0x2502, '|' },  { 0x250A, ':' }, { 0x251C, '|' },
		{ 0x2524, '|' },  { 0x253C, '+' },  { 0x25BA, '>' }, { 0x25C4, '<' },
		{ 0x2192, '>' },  { 0x2026, '~' },  { 0x201C, '"' }, { 0x201D, '"' },
		{ 0x250C, '+' },  { 0x2510, '+' },  { 0x2514, '+' }, { 0x2518, '+' },
		{ 0x2018, '\'' }, { 0x2019, '\'' }, { 0x00B7, '-' }, { 0x2501, '=' },
	};

	if (code <= 0x7E)
		return (char)code;
	for (size_t i = 0; i < ARRAY_SIZE(similar); i++) {
		if (similar[i].code == code)
			return similar[i].ascii;
	}
	return '?';
}

static void add_code(struct text *out, uint32_t code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xC0 | code >> 6);
		bytes[n++] = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xE0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3F));
		bytes[n++] = (char)(0x80 | (code & 0x3F));
	} else {
		bytes[n++] = (char)(0xF0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3F));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3F));
		bytes[n++] = (char)(0x80 | (code & 0x3F));
	}
	text_add_bytes(out, bytes, n);
}

/* Go over from one style to another; returns the latter. Numbers: ECMA-48, 8.3.117 (SGR). */
static int add_style(const struct canvas *c, int from, int to, struct text *out)
{
	static const unsigned char numbers[N_CANVAS_STYLES] = {
		[CANVAS_DIM] = 2,      [CANVAS_BOLD] = 1,    [CANVAS_RED] = 31,
		[CANVAS_GREEN] = 32,   [CANVAS_YELLOW] = 33, [CANVAS_BLUE] = 34,
		[CANVAS_MAGENTA] = 35, [CANVAS_CYAN] = 36,
	};

	if (!c->color || from == to)
		return to;
	if (from != CANVAS_PLAIN)
		text_add(out, "\033[0m");
	if (to != CANVAS_PLAIN)
		text_addf(out, "\033[%dm", numbers[to]);
	return to;
}

void canvas_flush(const struct canvas *c, bool ascii, struct text *out)
{
	int end = c->width, style = CANVAS_PLAIN;

	while (end > 0 && c->cells[end - 1] == ' ')
		end--;
	for (int x = 0; x < end; x++) {
		uint32_t code = c->cells[x];

		if (!code)
			continue;
		style = add_style(c, style, code == ' ' ? style : c->styles[x], out);
		if (ascii)
			text_addf(out, "%c", ascii_of(code));
		else
			add_code(out, code);
	}
	add_style(c, style, CANVAS_PLAIN, out);
	text_add(out, "\n");
}

void canvas_clean(struct text *out, int max_width, const char *s)
{
	bool fits = canvas_text_width(s) <= max_width;
	int used = 0;

	while (*s) {
		uint32_t code = next_code(&s);
		int width = code_width(code);

		if (width && used + width > (fits ? max_width : max_width - 1))
			break;
		if (width)
			add_code(out, code);
		used += width;
	}
	if (!fits)
		add_code(out, ELLIPSIS);
}
