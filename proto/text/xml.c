/*
 * XML
 */
#include "proto/text/xml.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>

/* Between namespace and name in what expat reports. XML cannot contain it, not even as a reference. */
#define SEPARATOR '\x1F'

struct reading {
	const struct xml_reader *reader;
	XML_Parser parser;
	const char *why;
	unsigned depth;
	struct text text[XML_MAX_DEPTH];
	struct text ns; /* of the current element */
};

static void stop(struct reading *r, const char *why)
{
	if (!r->why) {
		r->why = why;
		XML_StopParser(r->parser, XML_FALSE);
	}
}

static void split_name(struct reading *r, const XML_Char *name, struct xml_element *e)
{
	const char *separator = strrchr(name, SEPARATOR);

	text_reset(&r->ns);
	if (separator)
		text_add_bytes(&r->ns, name, (size_t)(separator - name));
	e->ns = text_str(&r->ns);
	e->name = separator ? separator + 1 : name;
}

static void on_start(void *user_data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = user_data;
	struct xml_element e = { .attributes = attributes, .text = "" };
	const char *why;

	if (r->why)
		return;
	if (r->depth == XML_MAX_DEPTH) {
		stop(r, "The XML document is nested too deeply");
		return;
	}
	text_reset(&r->text[r->depth]);
	e.depth = ++r->depth;
	if (!r->reader->on_start)
		return;
	split_name(r, name, &e);
	why = r->reader->on_start(r->reader->magic, &e);
	if (why)
		stop(r, why);
}

static void on_end(void *user_data, const XML_Char *name)
{
	struct reading *r = user_data;
	struct xml_element e = { .depth = r->depth };
	const char *why;

	if (r->why)
		return;
	r->depth--;
	if (!r->reader->on_end)
		return;
	e.text = text_str(&r->text[r->depth]);
	e.n_text = r->text[r->depth].n;
	split_name(r, name, &e);
	why = r->reader->on_end(r->reader->magic, &e);
	if (why)
		stop(r, why);
}

static void on_characters(void *user_data, const XML_Char *s, int n)
{
	struct reading *r = user_data;

	if (!r->why && r->depth)
		text_add_bytes(&r->text[r->depth - 1], s, (size_t)n);
}

static void on_doctype(void *user_data, const XML_Char *name, const XML_Char *system_id,
		       const XML_Char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(user_data, "The XML document has a DOCTYPE, which is not allowed");
}

/* expat's error as a sentence. It has dozens of codes; these are the ones that tell a person something. */
static const char *expat_sentence(enum XML_Error error)
{
	if (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN)
		return "The XML document is empty or ends too early";
	if (error == XML_ERROR_TAG_MISMATCH)
		return "The XML document has an end tag that does not match its start tag";
	if (error == XML_ERROR_DUPLICATE_ATTRIBUTE)
		return "An element of the XML document has an attribute twice";
	if (error == XML_ERROR_UNBOUND_PREFIX)
		return "The XML document uses a namespace prefix that it does not declare";
	if (error == XML_ERROR_UNDEFINED_ENTITY)
		return "The XML document uses an entity that does not exist";
	if (error == XML_ERROR_UNKNOWN_ENCODING || error == XML_ERROR_INCORRECT_ENCODING)
		return "The XML document has an encoding that is not supported";
	if (error == XML_ERROR_JUNK_AFTER_DOC_ELEMENT)
		return "The XML document is followed by something else";
	return "The XML document is not well-formed";
}

static int parse(struct reading *r, const void *p, size_t n)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_characters);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (XML_Parse(r->parser, p, (int)n, XML_TRUE) == XML_STATUS_OK && !r->why)
		return 0;
	if (!r->why)
		r->why = expat_sentence(XML_GetErrorCode(r->parser));
	return -EINVAL;
}

int xml_read(const void *p, size_t n, const struct xml_reader *reader, const char **ret_why)
{
	struct reading r = { .reader = reader };
	int ret;

	if (n > INT_MAX || (reader->max_bytes && n > reader->max_bytes)) {
		*ret_why = "The XML document is too large";
		return -EINVAL;
	}
	r.parser = mem_check(XML_ParserCreateNS(NULL, SEPARATOR));
	ret = parse(&r, n ? p : "", n);
	if (ret)
		*ret_why = r.why;
	XML_ParserFree(r.parser);
	for (unsigned i = 0; i < XML_MAX_DEPTH; i++)
		text_deinit(&r.text[i]);
	text_deinit(&r.ns);
	return ret;
}

const char *xml_attribute(const struct xml_element *e, const char *name)
{
	for (const char *const *a = e->attributes; a && *a; a += 2) {
		if (!strcmp(a[0], name))
			return a[1];
	}
	return NULL;
}

bool xml_is(const struct xml_element *e, const char *ns, const char *name)
{
	return !strcmp(e->name, name) && (!ns || !strcmp(e->ns, ns));
}
