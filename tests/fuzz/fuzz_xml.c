/*
 * XML: elements come in pairs, within the limits.
 */
#include "proto/text/utf8.h"
#include "proto/text/xml.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *on_start(void *magic, const struct xml_element *e)
{
	unsigned *depth = magic;

	assert(e->depth == ++*depth && e->depth <= XML_MAX_DEPTH);
	assert(*e->name && utf8_is_text(e->name, strlen(e->name)));
	assert(!e->n_text && e->ns);
	xml_attribute(e, "status");
	return strcmp(e->name, "stop") ? NULL : "stop";
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	unsigned *depth = magic;

	assert(e->depth == (*depth)--);
	assert(strlen(e->text) == e->n_text && utf8_is_text(e->text, e->n_text));
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned depth = 0;
	const struct xml_reader reader = {
		.max_bytes = 65536, .on_start = on_start, .on_end = on_end, .magic = &depth
	};
	const char *why = NULL;

	if (xml_read(data, size, &reader, &why))
		assert(why);
	else
		assert(depth == 0);
	return 0;
}
