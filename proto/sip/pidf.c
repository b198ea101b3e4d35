/*
 * Presence documents
 */
#include "proto/sip/pidf.h"

#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define NS      "urn:ietf:params:xml:ns:pidf"
#define NS_DM   NS ":data-model"
#define NS_RPID NS ":rpid"
#define NS_CAPS NS ":caps"

/* RFC 4480, 3.2. "Do not disturb" has no word there; clients that have it call it dnd in the same namespace, and busy is said
 * besides, for those that do not. */
static const char *const written[N_PIDF_ACTIVITIES] = {
	[PIDF_BUSY] = "<r:busy/>",
	[PIDF_DO_NOT_DISTURB] = "<r:busy/><r:dnd/>",
	[PIDF_BE_RIGHT_BACK] = "<r:away/>",
	[PIDF_AWAY] = "<r:away/>",
};

/* What is further down goes before what is further up when several are given. */
static const struct {
	const char *name;
	enum pidf_activity activity;
} known[] = {
	{ "away", PIDF_AWAY },
	{ "vacation", PIDF_AWAY },
	{ "holiday", PIDF_AWAY },
	{ "permanent-absence", PIDF_AWAY },
	{ "sleeping", PIDF_AWAY },
	{ "travel", PIDF_AWAY },
	{ "breakfast", PIDF_BE_RIGHT_BACK },
	{ "lunch", PIDF_BE_RIGHT_BACK },
	{ "dinner", PIDF_BE_RIGHT_BACK },
	{ "meal", PIDF_BE_RIGHT_BACK },
	{ "busy", PIDF_BUSY },
	{ "on-the-phone", PIDF_BUSY },
	{ "meeting", PIDF_BUSY },
	{ "appointment", PIDF_BUSY },
	{ "performance", PIDF_BUSY },
	{ "presentation", PIDF_DO_NOT_DISTURB },
	{ "dnd", PIDF_DO_NOT_DISTURB },
};

/* ---- writing ---- */

/* Names of our own for what a document must name; one document has one of each (RFC 3863, 4.1.3). */
#define TUPLE_ID  "im"
#define PERSON_ID "person"

static void add_tuple(struct text *out, const struct pidf *p, const char *uri)
{
	text_add_all(out, "<tuple id=\"" TUPLE_ID "\"><status><basic>",
		     p->activity == PIDF_CLOSED ? "closed" : "open", "</basic></status>");
	if (p->mobile)
		text_add(out, "<c:servcaps><c:mobility><c:supported><c:mobile/></c:supported>"
			      "</c:mobility></c:servcaps>");
	text_add_all(out, "<contact>", uri, "</contact>");
	if (p->note) {
		text_add(out, "<note>");
		text_add_xml(out, p->note);
		text_add(out, "</note>");
	}
	text_add(out, "</tuple>");
}

static void add_person(struct text *out, const struct pidf *p)
{
	if (!written[p->activity] && !p->idle)
		return;
	text_add(out, "<d:person id=\"" PERSON_ID "\">");
	if (written[p->activity])
		text_add_all(out, "<r:activities>", written[p->activity], "</r:activities>");
	text_add_all(out, p->idle ? "<r:user-input>idle</r:user-input>" : "", "</d:person>");
}

void pidf_encode(struct text *out, const struct pidf *p)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT, escaped = TEXT_INIT;

	uri_add_aor(&uri, p->aor);
	text_add_xml(&escaped, text_str(&uri));
	text_add_all(out,
		     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<presence xmlns=\"" NS "\" xmlns:d=\"" NS_DM "\" xmlns:r=\"" NS_RPID
		     "\" xmlns:c=\"" NS_CAPS "\" entity=\"",
		     text_str(&escaped), "\">");
	add_tuple(out, p, text_str(&escaped));
	add_person(out, p);
	text_add(out, "</presence>\n");
}

/* ---- reading ---- */

struct reading {
	bool has_basic, is_open;
	enum pidf_activity activity; /* PIDF_CLOSED: none */
	char *note;
};

static const char *on_start(void *magic, const struct xml_element *e)
{
	struct reading *r = magic;

	if (e->depth == 1)
		return xml_is(e, NS, "presence") ? NULL : "The document is not a presence document";
	for (size_t i = 0; !strcmp(e->ns, NS_RPID) && i < ARRAY_SIZE(known); i++)
		if (!strcmp(e->name, known[i].name) && r->activity < known[i].activity)
			r->activity = known[i].activity;
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct reading *r = magic;

	if (xml_is(e, NS, "basic")) {
		r->has_basic = true;
		r->is_open = r->is_open || !strcmp(e->text, "open");
		if (strcmp(e->text, "open") != 0 && strcmp(e->text, "closed") != 0)
			return "A basic status must be open or closed";
	}
	if (!r->note && *e->text && (xml_is(e, NS, "note") || xml_is(e, NS_DM, "note")))
		r->note = mem_strdup(e->text);
	return NULL;
}

/* Where nothing says whether the address is open, an activity does. */
static enum pidf_activity outcome(const struct reading *r)
{
	if (r->has_basic && !r->is_open)
		return PIDF_CLOSED;
	return r->activity == PIDF_CLOSED ? PIDF_OPEN : r->activity;
}

int pidf_decode(const void *p, size_t n, enum pidf_activity *ret, char note[PIDF_NOTE_SIZE],
		const char **ret_why)
{
	struct reading r = { 0 };
	const struct xml_reader reader = {
		.max_bytes = PIDF_MAX_BYTES, .on_start = on_start, .on_end = on_end, .magic = &r
	};
	int err = xml_read(p, n, &reader, ret_why);

	note[0] = '\0';
	if (!err) {
		*ret = outcome(&r);
		text_join(note, PIDF_NOTE_SIZE, r.note ? r.note : "");
		note[utf8_complete(note, strlen(note))] = '\0';
	}
	free(r.note);
	return err;
}
