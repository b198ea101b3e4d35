/*
 * Categories
 */
#include "proto/sip/category.h"

#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/xml.h"

#include <strings.h>

#define NS       "http://schemas.microsoft.com/2006/09/sip/categories"
#define NS_STATE "http://schemas.microsoft.com/2006/09/sip/state"
#define NS_NOTE  "http://schemas.microsoft.com/2006/09/sip/note"
#define NS_CARD  "http://schemas.microsoft.com/2006/09/sip/contactcard"

/* [MS-PRES], availability: a range each, of which this is a number in the middle. */
static const struct {
	const char *word, *number;
} availabilities[] = {
	{ "Online", "3500" },   { "IdleOnline", "5000" },   { "Busy", "6500" },
	{ "IdleBusy", "8000" }, { "DoNotDisturb", "9500" }, { "BeRightBack", "12500" },
	{ "Away", "15500" },    { "Offline", "18500" },
};

static const char *number_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(availabilities); i++)
		if (!strcmp(availabilities[i].word, word))
			return availabilities[i].number;
	return "18500";
}

/* ---- writing ---- */

static void begin(struct text *out, const struct category *c, const char *name)
{
	text_add_all(out, "<category name=\"", name, "\" instance=\"1\" publishTime=\"");
	timestamp_add(out, c->wall_us, TIMESTAMP_MS);
	text_add(out, "\" container=\"2\" version=\"1\" expireType=\"user\">");
}

static void end(struct text *out)
{
	text_add(out, "</category>");
}

static void add_state(struct text *out, const struct category *c)
{
	begin(out, c, "state");
	text_add_all(out,
		     "<state xmlns=\"" NS_STATE "\" "
		     "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		     "manual=\"false\" xsi:type=\"aggregateState\"><availability>",
		     number_of(c->availability), "</availability>",
		     c->mobile ? "<device>Mobile</device>" : "", "</state>");
	end(out);
}

static void add_note(struct text *out, const struct category *c)
{
	if (!c->note)
		return;
	begin(out, c, "note");
	text_add(out, "<note xmlns=\"" NS_NOTE "\"><body type=\"personal\">");
	text_add_xml(out, c->note);
	text_add(out, "</body></note>");
	end(out);
}

static void add_card(struct text *out, const struct category *c)
{
	if (!c->name)
		return;
	begin(out, c, "contactCard");
	text_add(out, "<contactCard xmlns=\"" NS_CARD "\"><identity><name><displayName>");
	text_add_xml(out, c->name);
	text_add(out, "</displayName></name></identity></contactCard>");
	end(out);
}

void category_encode(struct text *out, const struct category *c)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	uri_add_aor(&uri, c->aor);
	text_add(out, "<categories xmlns=\"" NS "\" uri=\"");
	text_add_xml(out, text_str(&uri));
	text_add(out, "\">");
	add_state(out, c);
	add_note(out, c);
	add_card(out, c);
	text_add(out, "</categories>");
}

/* ---- reading ---- */

struct reading {
	category_resource_h *on_resource;
	void *magic;
};

static const char *on_start(void *magic, const struct xml_element *e)
{
	const struct reading *r = magic;
	const char *uri = xml_attribute(e, "uri");
	char aor[URI_MAX_AOR + 1];

	if (e->depth == 1)
		return xml_is(e, NULL, "batchSub") ? NULL
						   : "The document is not a list of resources";
	if (!xml_is(e, NULL, "resource"))
		return NULL;
	if (!uri || uri_aor(uri, aor, NULL))
		return "A resource is not an address of record";
	return r->on_resource(r->magic, aor);
}

int category_read_list(const void *p, size_t n, category_resource_h *on_resource, void *magic,
		       const char **ret_why)
{
	struct reading r = { on_resource, magic };
	const struct xml_reader reader = { .max_bytes = CATEGORY_MAX_BYTES,
					   .on_start = on_start,
					   .magic = &r };

	return xml_read(p, n, &reader, ret_why);
}
