/*
 * RTF of instant messages
 */
#include "proto/text/rtf.h"

#include "proto/text/chars.h"
#include "proto/text/charset.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <stdbool.h>

/* What a group inherits, and gets back when it ends. */
struct state {
	bool skipped;  /* a destination that is not text */
	bool hidden;   /* \v */
	bool fonts;    /* within the table of fonts */
	int font;      /* -1: none */
	int n_instead; /* characters behind a \u for readers that do not know it */
};

struct reading {
	struct text *out;
	const char *p, *end;
	struct state states[RTF_MAX_DEPTH];
	unsigned depth;           /* states[depth] is the present one */
	unsigned deeper;          /* groups below that one, which inherit it */
	int pages[RTF_MAX_FONTS]; /* code page of each font; 0: that of the document */
	int page;
	int instead;           /* characters to skip */
	uint32_t high;         /* the first half of a surrogate pair; 0: none */
	struct text undecoded; /* bytes in the code page of the font */
};

struct control {
	char word[33];
	size_t n;
	bool has_number;
	int number;
};

static struct state *now(struct reading *r)
{
	return &r->states[r->depth];
}

/* ---- what is read ---- */

static int code_page(struct reading *r)
{
	int font = now(r)->font;

	return font >= 0 && r->pages[font] ? r->pages[font] : r->page;
}

static void decode_bytes(struct reading *r)
{
	const char *charset = charset_of_code_page(code_page(r));

	if (r->undecoded.n && charset_decode(r->out, charset ? charset : "windows-1252",
					     r->undecoded.data, r->undecoded.n))
		text_add_character(r->out, 0);
	text_reset(&r->undecoded);
}

/* Before anything but a byte in the code page. */
static void flush(struct reading *r)
{
	decode_bytes(r);
	if (r->high)
		text_add_character(r->out, 0);
	r->high = 0;
}

/* Whether a character is to be seen. */
static bool is_seen(struct reading *r)
{
	if (r->instead) {
		r->instead--;
		return false;
	}
	return !now(r)->skipped && !now(r)->hidden && !now(r)->fonts;
}

static void add_string(struct reading *r, const char *s)
{
	if (!is_seen(r))
		return;
	flush(r);
	text_add(r->out, s);
}

static void add_byte(struct reading *r, char c)
{
	if (!is_seen(r))
		return;
	if (r->high)
		flush(r);
	text_add_bytes(&r->undecoded, &c, 1);
}

/* \u with a number: one UTF-16 code unit, signed. */
static void add_unit(struct reading *r, int number)
{
	uint32_t unit = (uint32_t)number & 0xFFFF;

	r->instead = 0;
	if (is_seen(r)) {
		decode_bytes(r);
		if (r->high && unit >= 0xDC00 && unit < 0xE000) {
			text_add_character(r->out,
					   0x10000 + ((r->high - 0xD800) << 10) + (unit - 0xDC00));
			r->high = 0;
		} else {
			flush(r);
			if (unit >= 0xD800 && unit < 0xDC00)
				r->high = unit;
			else
				text_add_character(r->out, unit);
		}
	}
	r->instead = now(r)->n_instead;
}

/* ---- control words ---- */

static const struct {
	const char *word, *text;
} characters[] = {
	{ "par", "\n" },           { "line", "\n" },          { "sect", "\n" },
	{ "page", "\n" },          { "row", "\n" },           { "cell", "\t" },
	{ "tab", "\t" },           { "emdash", "\u2014" },    { "endash", "\u2013" },
	{ "bullet", "\u2022" },    { "lquote", "\u2018" },    { "rquote", "\u2019" },
	{ "ldblquote", "\u201C" }, { "rdblquote", "\u201D" }, { "emspace", " " },
	{ "enspace", " " },
};

/* Destinations that are not the text of the message. Those that begin with \* need no names. */
static const char *const destinations[] = {
	"colortbl", "stylesheet", "info",     "pict",      "object",  "header",
	"footer",   "fldinst",    "footnote", "listtable", "headerl", "headerr",
	"headerf",  "footerl",    "footerr",  "footerf",   "xe",      "tc",
};

/* \fcharset, and the code page that it stands for. */
static const struct {
	int charset, page;
} font_charsets[] = {
	{ 0, 1252 },   { 128, 932 },  { 129, 949 },  { 134, 936 },  { 136, 950 },
	{ 161, 1253 }, { 162, 1254 }, { 163, 1258 }, { 177, 1255 }, { 178, 1256 },
	{ 186, 1257 }, { 204, 1251 }, { 238, 1250 },
};

static void set_font_charset(struct reading *r, int charset)
{
	int font = now(r)->font;

	if (!now(r)->fonts || font < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(font_charsets); i++)
		if (font_charsets[i].charset == charset)
			r->pages[font] = font_charsets[i].page;
}

static void set_font(struct reading *r, int number)
{
	decode_bytes(r);
	now(r)->font = number >= 0 && number < RTF_MAX_FONTS ? number : -1;
}

static bool is_destination(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(destinations); i++)
		if (!strcmp(destinations[i], word))
			return true;
	return false;
}

static void skip_bytes(struct reading *r, int n)
{
	size_t left = (size_t)(r->end - r->p);

	if (n > 0)
		r->p += (size_t)n < left ? (size_t)n : left;
}

static void follow(struct reading *r, const struct control *c)
{
	const char *word = c->word;

	for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
		if (!strcmp(characters[i].word, word)) {
			add_string(r, characters[i].text);
			return;
		}
	}
	if (!strcmp(word, "u") && c->has_number)
		add_unit(r, c->number);
	else if (!strcmp(word, "uc") && c->has_number)
		now(r)->n_instead = c->number > 0 ? c->number : 0;
	else if (!strcmp(word, "bin"))
		skip_bytes(r, c->number);
	else if (!strcmp(word, "ansicpg"))
		r->page = c->number;
	else if (!strcmp(word, "f"))
		set_font(r, c->number);
	else if (!strcmp(word, "plain"))
		set_font(r, -1);
	else if (!strcmp(word, "fcharset"))
		set_font_charset(r, c->number);
	else if (!strcmp(word, "fonttbl"))
		now(r)->fonts = true;
	else if (!strcmp(word, "v"))
		now(r)->hidden = !c->has_number || c->number;
	else if (is_destination(word))
		now(r)->skipped = true;
}

/* The letters, and the number that may follow. */
static void read_word(struct reading *r)
{
	struct control c = { 0 };
	bool negative = false;

	for (; r->p < r->end && chars_is_alpha(*r->p); r->p++)
		if (c.n + 1 < sizeof(c.word))
			c.word[c.n++] = *r->p;
	if (r->end - r->p > 1 && *r->p == '-' && chars_is_digit(r->p[1])) {
		negative = true;
		r->p++;
	}
	for (; r->p < r->end && chars_is_digit(*r->p); r->p++) {
		c.has_number = true;
		if (c.number < 100000000)
			c.number = c.number * 10 + (*r->p - '0');
	}
	if (negative)
		c.number = -c.number;
	if (r->p < r->end && *r->p == ' ')
		r->p++;
	follow(r, &c);
}

static void read_hex(struct reading *r)
{
	if (r->end - r->p < 2 || chars_hex(r->p[0]) < 0 || chars_hex(r->p[1]) < 0)
		return;
	add_byte(r, (char)(chars_hex(r->p[0]) * 16 + chars_hex(r->p[1])));
	r->p += 2;
}

/* Behind a backslash. */
static void read_control(struct reading *r)
{
	char c = '\0';

	if (r->p < r->end)
		c = *r->p;
	if (chars_is_alpha(c)) {
		read_word(r);
		return;
	}
	r->p += r->p < r->end;
	switch (c) {
	case '\'': read_hex(r); break;
	case '*': now(r)->skipped = true; break;
	case '~': add_string(r, "\u00A0"); break;
	case '_': add_string(r, "\u2011"); break;
	case '\n':
	case '\r': add_string(r, "\n"); break;
	case '\\':
	case '{':
	case '}': add_byte(r, c); break;
	default: break;
	}
}

/* ---- groups ---- */

static void open_group(struct reading *r)
{
	decode_bytes(r);
	r->instead = 0;
	if (r->deeper || r->depth + 1 == RTF_MAX_DEPTH) {
		r->deeper++;
		return;
	}
	r->states[r->depth + 1] = r->states[r->depth];
	r->depth++;
}

/* False: it was the last one. */
static bool close_group(struct reading *r)
{
	decode_bytes(r);
	r->instead = 0;
	if (r->deeper)
		r->deeper--;
	else if (r->depth)
		r->depth--;
	return r->depth;
}

/* The specification allows ASCII only. What else a message has in it is in the message's own charset, UTF-8. */
static void read_character(struct reading *r)
{
	size_t n = utf8_sequence(r->p, (size_t)(r->end - r->p));

	if (n > 1 && is_seen(r)) {
		flush(r);
		text_add_bytes(r->out, r->p, n);
	} else if (n <= 1 && *r->p) {
		add_byte(r, *r->p);
	}
	r->p += n ? n : 1;
}

static void read_all(struct reading *r)
{
	while (r->p < r->end) {
		char c = *r->p;

		if (!strchr("{}\\\r\n", c) || !c) {
			read_character(r);
			continue;
		}
		r->p++;
		if (c == '{')
			open_group(r);
		else if (c == '\\')
			read_control(r);
		else if (c == '}' && !close_group(r))
			break;
	}
	flush(r);
}

static void trim(struct text *t)
{
	size_t n = strspn(text_str(t), "\n");

	while (t->n > n && t->data[t->n - 1] == '\n')
		t->n--;
	if (!t->n)
		return;
	t->n -= n;
	memmove(t->data, t->data + n, t->n);
	t->data[t->n] = '\0';
}

int rtf_to_plain(struct text *out, const char *p, size_t n)
{
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	struct reading r = { .out = &plain, .p = p, .end = p + n, .page = 1252 };

	if (n < 5 || memcmp(p, "{\\rtf", 5) != 0)
		return -EINVAL;
	r.states[0] = (struct state){ .font = -1, .n_instead = 1 };
	read_all(&r);
	text_deinit(&r.undecoded);
	trim(&plain);
	text_add_bytes(out, plain.data, plain.n);
	return 0;
}
