/*
 * Character references of HTML
 */
#include "proto/text/html_entity.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD, MAX_NAME = 8 };

struct entity {
	const char *name;
	uint32_t code;
	bool bare; /* also without its semicolon */
};

#define NAMED(name, code) { name, code, false },
#define BARE(name, code)  { name, code, true },

/* HTML 4.01 (24) and &apos;, in the order of strcmp(). */
static const struct entity entities[] = {
	/* clang-format off */
	BARE("AElig", 0xC6) BARE("Aacute", 0xC1) BARE("Acirc", 0xC2) BARE("Agrave", 0xC0)
	NAMED("Alpha", 0x391) BARE("Aring", 0xC5) BARE("Atilde", 0xC3) BARE("Auml", 0xC4)
	NAMED("Beta", 0x392) BARE("Ccedil", 0xC7) NAMED("Chi", 0x3A7) NAMED("Dagger", 0x2021)
	NAMED("Delta", 0x394) BARE("ETH", 0xD0) BARE("Eacute", 0xC9) BARE("Ecirc", 0xCA)
	BARE("Egrave", 0xC8) NAMED("Epsilon", 0x395) NAMED("Eta", 0x397) BARE("Euml", 0xCB)
	NAMED("Gamma", 0x393) BARE("Iacute", 0xCD) BARE("Icirc", 0xCE) BARE("Igrave", 0xCC)
	NAMED("Iota", 0x399) BARE("Iuml", 0xCF) NAMED("Kappa", 0x39A) NAMED("Lambda", 0x39B)
	NAMED("Mu", 0x39C) BARE("Ntilde", 0xD1) NAMED("Nu", 0x39D) NAMED("OElig", 0x152)
	BARE("Oacute", 0xD3) BARE("Ocirc", 0xD4) BARE("Ograve", 0xD2) NAMED("Omega", 0x3A9)
	NAMED("Omicron", 0x39F) BARE("Oslash", 0xD8) BARE("Otilde", 0xD5) BARE("Ouml", 0xD6)
	NAMED("Phi", 0x3A6) NAMED("Pi", 0x3A0) NAMED("Prime", 0x2033) NAMED("Psi", 0x3A8)
	NAMED("Rho", 0x3A1) NAMED("Scaron", 0x160) NAMED("Sigma", 0x3A3) BARE("THORN", 0xDE)
	NAMED("Tau", 0x3A4) NAMED("Theta", 0x398) BARE("Uacute", 0xDA) BARE("Ucirc", 0xDB)
	BARE("Ugrave", 0xD9) NAMED("Upsilon", 0x3A5) BARE("Uuml", 0xDC) NAMED("Xi", 0x39E)
	BARE("Yacute", 0xDD) NAMED("Yuml", 0x178) NAMED("Zeta", 0x396) BARE("aacute", 0xE1)
	BARE("acirc", 0xE2) BARE("acute", 0xB4) BARE("aelig", 0xE6) BARE("agrave", 0xE0)
	NAMED("alefsym", 0x2135) NAMED("alpha", 0x3B1) BARE("amp", 0x26) NAMED("and", 0x2227)
	NAMED("ang", 0x2220) NAMED("apos", 0x27) BARE("aring", 0xE5) NAMED("asymp", 0x2248)
	BARE("atilde", 0xE3) BARE("auml", 0xE4) NAMED("bdquo", 0x201E) NAMED("beta", 0x3B2)
	BARE("brvbar", 0xA6) NAMED("bull", 0x2022) NAMED("cap", 0x2229) BARE("ccedil", 0xE7)
	BARE("cedil", 0xB8) BARE("cent", 0xA2) NAMED("chi", 0x3C7) NAMED("circ", 0x2C6)
	NAMED("clubs", 0x2663) NAMED("cong", 0x2245) BARE("copy", 0xA9) NAMED("crarr", 0x21B5)
	NAMED("cup", 0x222A) BARE("curren", 0xA4) NAMED("dArr", 0x21D3) NAMED("dagger", 0x2020)
	NAMED("darr", 0x2193) BARE("deg", 0xB0) NAMED("delta", 0x3B4) NAMED("diams", 0x2666)
	BARE("divide", 0xF7) BARE("eacute", 0xE9) BARE("ecirc", 0xEA) BARE("egrave", 0xE8)
	NAMED("empty", 0x2205) NAMED("emsp", 0x2003) NAMED("ensp", 0x2002) NAMED("epsilon", 0x3B5)
	NAMED("equiv", 0x2261) NAMED("eta", 0x3B7) BARE("eth", 0xF0) BARE("euml", 0xEB)
	NAMED("euro", 0x20AC) NAMED("exist", 0x2203) NAMED("fnof", 0x192) NAMED("forall", 0x2200)
	BARE("frac12", 0xBD) BARE("frac14", 0xBC) BARE("frac34", 0xBE) NAMED("frasl", 0x2044)
	NAMED("gamma", 0x3B3) NAMED("ge", 0x2265) BARE("gt", 0x3E) NAMED("hArr", 0x21D4)
	NAMED("harr", 0x2194) NAMED("hearts", 0x2665) NAMED("hellip", 0x2026) BARE("iacute", 0xED)
	BARE("icirc", 0xEE) BARE("iexcl", 0xA1) BARE("igrave", 0xEC) NAMED("image", 0x2111)
	NAMED("infin", 0x221E) NAMED("int", 0x222B) NAMED("iota", 0x3B9) BARE("iquest", 0xBF)
	NAMED("isin", 0x2208) BARE("iuml", 0xEF) NAMED("kappa", 0x3BA) NAMED("lArr", 0x21D0)
	NAMED("lambda", 0x3BB) NAMED("lang", 0x2329) BARE("laquo", 0xAB) NAMED("larr", 0x2190)
	NAMED("lceil", 0x2308) NAMED("ldquo", 0x201C) NAMED("le", 0x2264) NAMED("lfloor", 0x230A)
	NAMED("lowast", 0x2217) NAMED("loz", 0x25CA) NAMED("lrm", 0x200E) NAMED("lsaquo", 0x2039)
	NAMED("lsquo", 0x2018) BARE("lt", 0x3C) BARE("macr", 0xAF) NAMED("mdash", 0x2014)
	BARE("micro", 0xB5) BARE("middot", 0xB7) NAMED("minus", 0x2212) NAMED("mu", 0x3BC)
	NAMED("nabla", 0x2207) BARE("nbsp", 0xA0) NAMED("ndash", 0x2013) NAMED("ne", 0x2260)
	NAMED("ni", 0x220B) BARE("not", 0xAC) NAMED("notin", 0x2209) NAMED("nsub", 0x2284)
	BARE("ntilde", 0xF1) NAMED("nu", 0x3BD) BARE("oacute", 0xF3) BARE("ocirc", 0xF4)
	NAMED("oelig", 0x153) BARE("ograve", 0xF2) NAMED("oline", 0x203E) NAMED("omega", 0x3C9)
	NAMED("omicron", 0x3BF) NAMED("oplus", 0x2295) NAMED("or", 0x2228) BARE("ordf", 0xAA)
	BARE("ordm", 0xBA) BARE("oslash", 0xF8) BARE("otilde", 0xF5) NAMED("otimes", 0x2297)
	BARE("ouml", 0xF6) BARE("para", 0xB6) NAMED("part", 0x2202) NAMED("permil", 0x2030)
	NAMED("perp", 0x22A5) NAMED("phi", 0x3C6) NAMED("pi", 0x3C0) NAMED("piv", 0x3D6)
	BARE("plusmn", 0xB1) BARE("pound", 0xA3) NAMED("prime", 0x2032) NAMED("prod", 0x220F)
	NAMED("prop", 0x221D) NAMED("psi", 0x3C8) BARE("quot", 0x22) NAMED("rArr", 0x21D2)
	NAMED("radic", 0x221A) NAMED("rang", 0x232A) BARE("raquo", 0xBB) NAMED("rarr", 0x2192)
	NAMED("rceil", 0x2309) NAMED("rdquo", 0x201D) NAMED("real", 0x211C) BARE("reg", 0xAE)
	NAMED("rfloor", 0x230B) NAMED("rho", 0x3C1) NAMED("rlm", 0x200F) NAMED("rsaquo", 0x203A)
	NAMED("rsquo", 0x2019) NAMED("sbquo", 0x201A) NAMED("scaron", 0x161) NAMED("sdot", 0x22C5)
	BARE("sect", 0xA7) BARE("shy", 0xAD) NAMED("sigma", 0x3C3) NAMED("sigmaf", 0x3C2)
	NAMED("sim", 0x223C) NAMED("spades", 0x2660) NAMED("sub", 0x2282) NAMED("sube", 0x2286)
	NAMED("sum", 0x2211) NAMED("sup", 0x2283) BARE("sup1", 0xB9) BARE("sup2", 0xB2)
	BARE("sup3", 0xB3) NAMED("supe", 0x2287) BARE("szlig", 0xDF) NAMED("tau", 0x3C4)
	NAMED("there4", 0x2234) NAMED("theta", 0x3B8) NAMED("thetasym", 0x3D1)
	NAMED("thinsp", 0x2009) BARE("thorn", 0xFE) NAMED("tilde", 0x2DC) BARE("times", 0xD7)
	NAMED("trade", 0x2122) NAMED("uArr", 0x21D1) BARE("uacute", 0xFA) NAMED("uarr", 0x2191)
	BARE("ucirc", 0xFB) BARE("ugrave", 0xF9) BARE("uml", 0xA8) NAMED("upsih", 0x3D2)
	NAMED("upsilon", 0x3C5) BARE("uuml", 0xFC) NAMED("weierp", 0x2118) NAMED("xi", 0x3BE)
	BARE("yacute", 0xFD) BARE("yen", 0xA5) BARE("yuml", 0xFF) NAMED("zeta", 0x3B6)
	NAMED("zwj", 0x200D) NAMED("zwnj", 0x200C)
	/* clang-format on */
};

/* Numbers 128 to 159 mean the characters of windows-1252 (HTML Living Standard, 13.2.5.80). */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
	0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178,
};

static int compare(const void *name, const void *entity)
{
	return strcmp(name, ((const struct entity *)entity)->name);
}

static size_t add_named(struct text *out, const char *p, size_t n)
{
	const struct entity *e;
	char name[MAX_NAME + 1];
	size_t length = 0;
	bool ends;

	while (length < n && length < MAX_NAME && chars_is_alnum(p[length])) {
		name[length] = p[length];
		length++;
	}
	name[length] = '\0';
	ends = length < n && p[length] == ';';
	e = bsearch(name, entities, sizeof(entities) / sizeof(entities[0]), sizeof(entities[0]),
		    compare);
	if (!e || (!ends && (!e->bare || (length < n && chars_is_alnum(p[length])))))
		return 0;
	text_add_character(out, e->code);
	return length + ends;
}

static uint32_t meaning(uint32_t code)
{
	if (code >= 0x80 && code < 0xA0)
		return windows_1252[code - 0x80];
	if (code == '\t' || code == '\n' || code == '\r')
		return ' ';
	return code < 0x20 ? REPLACEMENT : code;
}

/* p: behind "&#" */
static size_t add_number(struct text *out, const char *p, size_t n)
{
	bool hex = n && chars_lower(*p) == 'x';
	size_t start = hex ? 1 : 0, i = start;
	uint32_t base = hex ? 16 : 10, code = 0;

	for (; i < n && chars_hex(p[i]) >= 0 && (uint32_t)chars_hex(p[i]) < base; i++) {
		if (code <= 0x10FFFF)
			code = code * base + (uint32_t)chars_hex(p[i]);
	}
	if (i == start)
		return 0;
	text_add_character(out, meaning(code));
	return i + (i < n && p[i] == ';');
}

size_t html_entity_add(struct text *out, const char *p, size_t n)
{
	size_t taken;

	if (n < 2 || *p != '&')
		return 0;
	if (p[1] == '#') {
		taken = add_number(out, p + 2, n - 2);
		return taken ? taken + 2 : 0;
	}
	taken = add_named(out, p + 1, n - 1);
	return taken ? taken + 1 : 0;
}
