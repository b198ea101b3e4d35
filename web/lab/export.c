/*
 * Lab API: exports
 *
 * An export is made at once, so the number of its records is limited.
 */
#include "web/lab/export.h"

#include "mcxd/base/journal.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/note.h"
#include "mcxd/ladder/title.h"
#include "proto/mask.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/match.h"
#include "web/lab/private.h"
#include "web/lab/room.h"
#include "web/lab/vocabulary.h"

#include <inttypes.h>
#include <unistd.h>

struct export
{
	const struct export_format *format;
	const struct journal *journal;
	uint64_t packet;         /* number of the exchange that was added for its events; 0: none */
	const char *at;          /* only what this hop recorded; NULL: all */
	bool is_masked;          /* it leaves the machine, or might */
	struct record **records; /* copies */
	size_t n, size;
	struct room room;
	struct export_request request;
};

static void add_record(void *magic, const struct record *r)
{
	struct export *e = magic;
	const char *recorder = record_recorder(r);
	struct record *copy;

	if (e->at && (!recorder || strcmp(recorder, e->at) != 0))
		return;
	if (!room_take(&e->room, r))
		return;
	if (e->n == e->size) {
		e->size = e->size ? 2 * e->size : 64;
		e->records = mem_realloc((void *)e->records, e->size * sizeof(void *));
	}
	copy = e->is_masked ? mask_record(r) : record_copy(r);
	/* The other end's record of the message is not there. */
	if (e->at)
		copy->sent = 0;
	e->records[e->n++] = copy;
}

static void export_deinit(struct export *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->records[i]);
	free((void *)e->records);
}

/* Answers with an error and returns false if the request asks for what there is not. */
static bool export_init(struct export *e, const struct lab *l, struct http_request *r)
{
	CLEANUP(text_deinit) struct text known = TEXT_INIT;
	const char *format = http_query(r, "format");
	int64_t width = 0, ascii = 0, bodies = 1;

	*e = (struct export){
		.format = format ? export_format_find(format) : NULL,
		.journal = l->journal,
		.at = http_query(r, "at"),
		.is_masked = !lab_is_local(r),
		.room = room_of(l),
	};
	if (!e->format) {
		CLEANUP(mem_free_string) char *names = export_format_names();

		lab_error(r, 400, "format must be one of %s.", names);
		return false;
	}
	if (e->at && !vocabulary_has_hop(e->at, &known)) {
		lab_error(r, 400, "at must be a hop such as %s.", text_str(&known));
		return false;
	}
	if (!lab_query_bound(r, l->config, "width", &width) ||
	    !lab_query_bound(r, l->config, "ascii", &ascii) ||
	    !lab_query_bound(r, l->config, "bodies", &bodies))
		return false;
	e->request.width = (int)width;
	e->request.ascii = ascii != 0;
	e->request.hides_bodies = !bodies;
	e->request.process = (unsigned)getpid();
	e->request.version = lab_get_info(l).version;
	return true;
}

static void answer(struct lab *l, struct export *e, struct http_request *r, const char *name,
		   const char *title)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	CLEANUP(mem_free_string)
	char *disposition =
		text_concat("inline; filename=\"", name, ".", e->format->extension, "\"");

	if (!room_was_enough(l, r, &e->room))
		return;
	e->request.title = title;
	e->format->encode(&out, (const struct record *const *)e->records, e->n, &e->request);
	http_set_header(r, "Content-Disposition", disposition);
	/* A drawing brings its own style. */
	http_set_header(r, "Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
	http_answer(r, 200, e->format->type, text_str(&out), out.n);
}

/* ---- a conversation ---- */

/* The exchange that an event went out with belongs to no conversation, as it may have events of several. It is recorded
 * just before its events. */
static const struct record *exchange_of(const struct journal *j, const struct record *event)
{
	for (uint64_t seq = event->seq - 1; seq >= journal_first(j) && seq > 0; seq--) {
		const struct record *r = journal_get(j, seq);
		enum record_kind kind = record_kind_of(r->kind);

		if (!r->phone || !event->phone || strcmp(r->phone, event->phone) != 0)
			return NULL;
		if (kind == RECORD_HTTP)
			return r;
		if (kind != RECORD_EVENT)
			return NULL;
	}
	return NULL;
}

static void add_of_story(void *magic, const struct record *r)
{
	struct export *e = magic;
	const struct record *packet = NULL;

	if (e->format->is_wire && record_kind_of(r->kind) == RECORD_EVENT)
		packet = exchange_of(e->journal, r);
	if (packet && packet->seq != e->packet) {
		e->packet = packet->seq;
		add_record(e, packet);
	}
	add_record(e, r);
}

static char *title_of(const struct core *c, uint64_t id, bool ascii)
{
	struct json_object *o = lab_conversation_json(c, id);
	CLEANUP(text_deinit) struct text title = TEXT_INIT;
	char number[TEXT_NUMBER_SIZE];

#define MEMBER(name) json_object_get_string(json_in_find(o, name))
	ladder_title(&title,
		     &(struct ladder_title){ .id = text_number(number, id),
					     .from = MEMBER("from"),
					     .to = MEMBER("to"),
					     .first_line = MEMBER("firstLine"),
					     .status = MEMBER("status"),
					     .reason = MEMBER("reason"),
					     .state = MEMBER("state") },
		     ascii);
#undef MEMBER
	json_object_put(o);
	return text_take(&title);
}

void lab_export_conversation(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct core *c = lab_core(l, r);
	char key[NOTE_KEY_SIZE];
	struct export e;
	uint64_t id;

	if (!c || !lab_has_journal(l, r) || !export_init(&e, l, r))
		return;
	id = lab_path_id(r);
	conversation_key(key, id);
	journal_story(l->journal, key, add_of_story, &e);
	if (e.n == 0) {
		lab_error(r, 404, "The journal has no records of this conversation%s.",
			  e.at ? " from that hop" : "");
	} else {
		CLEANUP(mem_free_string) char *title = title_of(c, id, e.request.ascii);
		CLEANUP(mem_free_string) char *name = text_format("conversation-%" PRIu64, id);

		answer(l, &e, r, name, title);
	}
	export_deinit(&e);
}

/* ---- the journal ---- */

void lab_export_journal(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	const struct journal *j = l->journal;
	struct match filter = { 0 };
	int64_t from = 1;
	struct export e;

	if (!lab_has_journal(l, r) || !lab_query_bound(r, l->config, "from", &from) ||
	    !export_init(&e, l, r) || !lab_filter_read(l, &filter, r))
		return;
	if ((uint64_t)from < journal_first(j))
		from = (int64_t)journal_first(j);
	for (uint64_t seq = (uint64_t)from; seq <= journal_last(j) && !e.room.is_full; seq++) {
		const struct record *record = journal_get(j, seq);

		if (record && match_record(&filter, record))
			add_record(&e, record);
	}
	match_deinit(&filter);
	answer(l, &e, r, "journal", NULL);
	export_deinit(&e);
}
