/*
 * Charsets
 */
#include "proto/text/charset.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

/* The one list of what iconv is asked for: it loads a file for each charset, and a name may have options. Who says
 * iso-8859-1 means windows-1252 (WHATWG Encoding, 4.2). */
static const struct {
	const char *name, *iconv;
	int page;
} charsets[] = {
	{ "iso-8859-1", "CP1252", 0 },      { "latin1", "CP1252", 0 },
	{ "windows-1252", "CP1252", 1252 }, { "iso-8859-2", "ISO-8859-2", 0 },
	{ "iso-8859-5", "ISO-8859-5", 0 },  { "iso-8859-7", "ISO-8859-7", 0 },
	{ "iso-8859-9", "CP1254", 0 },      { "iso-8859-15", "ISO-8859-15", 0 },
	{ "windows-1250", "CP1250", 1250 }, { "windows-1251", "CP1251", 1251 },
	{ "windows-1253", "CP1253", 1253 }, { "windows-1254", "CP1254", 1254 },
	{ "windows-1255", "CP1255", 1255 }, { "windows-1256", "CP1256", 1256 },
	{ "windows-1257", "CP1257", 1257 }, { "windows-1258", "CP1258", 1258 },
	{ "ibm437", "CP437", 437 },         { "ibm850", "CP850", 850 },
	{ "koi8-r", "KOI8-R", 20866 },      { "shift_jis", "CP932", 932 },
	{ "gb2312", "CP936", 936 },         { "gbk", "CP936", 0 },
	{ "euc-kr", "UHC", 949 },           { "big5", "CP950", 950 },
	{ "utf-16", "UTF-16", 0 },          { "utf-16le", "UTF-16LE", 0 },
	{ "utf-16be", "UTF-16BE", 0 },
};

bool charset_is_utf8(const char *charset)
{
	return !*charset || !strcmp(charset, "utf-8") || !strcmp(charset, "utf8") ||
	       !strcmp(charset, "us-ascii");
}

const char *charset_of_code_page(int page)
{
	for (size_t i = 0; page && i < ARRAY_SIZE(charsets); i++)
		if (charsets[i].page == page)
			return charsets[i].name;
	return page == 65001 ? "utf-8" : NULL;
}

static void copy(struct text *out, const char *p, size_t n)
{
	for (size_t i = 0, step; i < n; i += step ? step : 1) {
		step = utf8_sequence(p + i, n - i);
		if (step && p[i])
			text_add_bytes(out, p + i, step);
		else
			text_add_character(out, 0);
	}
}

/* iconv() takes the address of a pointer to what it only reads. */
static void convert(struct text *out, iconv_t cd, const char *p, size_t n)
{
	char *in = mem_no_const(p), buffer[256], *to = buffer;
	size_t room = sizeof(buffer);

	while (n) {
		bool bad;

		to = buffer;
		room = sizeof(buffer);
		bad = iconv(cd, &in, &n, &to, &room) == (size_t)-1 && errno != E2BIG;

		copy(out, buffer, (size_t)(to - buffer));
		if (!bad)
			continue;
		text_add_character(out, 0);
		in++;
		n--;
	}
	/* A base letter is kept back, because an accent might follow. */
	to = buffer;
	room = sizeof(buffer);
	iconv(cd, NULL, NULL, &to, &room);
	copy(out, buffer, (size_t)(to - buffer));
}

int charset_decode(struct text *out, const char *charset, const char *p, size_t n)
{
	const char *name = NULL;
	iconv_t cd;

	if (charset_is_utf8(charset)) {
		copy(out, p, n);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(charsets); i++)
		if (!strcmp(charsets[i].name, charset))
			name = charsets[i].iconv;
	/* Without a byte order mark it is big endian (RFC 2781, 4.3), which glibc does not follow. */
	if (name && !strcmp(name, "UTF-16") && (n < 2 || memcmp(p, "\xFF\xFE", 2) != 0))
		name = n >= 2 && !memcmp(p, "\xFE\xFF", 2) ? "UTF-16" : "UTF-16BE";
	if (!name)
		return 1;
	cd = iconv_open("UTF-8", name);
	if ((intptr_t)cd == -1)
		return 1;
	convert(out, cd, p, n);
	iconv_close(cd);
	return 0;
}
