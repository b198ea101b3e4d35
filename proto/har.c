/*
 * HAR
 */
#include "proto/har.h"

#include "proto/exchange.h"
#include "proto/record.h"
#include "proto/sip/line.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

/* ---- messages ---- */

/* Words of the first line, from the one of this number on to the next blank, or to the end of the line. */
static char *word(const struct text *message, int number, bool is_last)
{
	const char *p = text_str(message), *end = strpbrk(p, "\r\n");
	size_t n;

	for (; number > 0 && p; number--) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p || !end || p > end)
		return mem_strdup("");
	n = (size_t)(end - p);
	return mem_memdup(p, is_last || n < strcspn(p, " ") ? n : strcspn(p, " "));
}

static struct json_object *headers_of(const struct text *message)
{
	struct json_object *headers = json_object_new_array();
	const char *p = strstr(text_str(message), "\r\n");
	const char *end = text_str(message) + message->n;
	struct sip_line line;

	for (p = p ? p + 2 : end; sip_line_read(&p, end, &line);) {
		CLEANUP(text_deinit) struct text value = TEXT_INIT;
		CLEANUP(mem_free_string) char *name = mem_memdup(line.p, line.n_name);
		struct json_object *o = json_object_new_object();

		if (line.value)
			sip_line_add_value(&value, &line);
		json_out_string(o, "name", name);
		json_out_string(o, "value", text_str(&value));
		json_object_array_add(headers, o);
	}
	return headers;
}

/* The value of a header; "" if it is absent. free() it. */
static char *header(const struct text *message, const char *name)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	struct sip_line line;

	if (sip_line_find(text_str(message), exchange_head(text_str(message), message->n), name,
			  &line))
		sip_line_add_value(&value, &line);
	return text_take(&value);
}

/* Sizes, headers and cookies, which requests and answers have alike. Cookies are not taken out of their headers. */
static void add_common(struct json_object *o, const struct text *message)
{
	size_t head = exchange_head(text_str(message), message->n);

	json_out_string(o, "httpVersion", "HTTP/1.1");
	json_object_object_add(o, "headers", headers_of(message));
	json_object_object_add(o, "cookies", json_object_new_array());
	json_out_int(o, "headersSize", (int64_t)head);
	json_out_int(o, "bodySize", (int64_t)(message->n - head));
}

/* A body as text; what is not UTF-8 becomes U+FFFD. */
static void add_body(struct json_object *o, const struct text *message)
{
	CLEANUP(mem_free_string) char *type = header(message, "Content-Type");
	size_t head = exchange_head(text_str(message), message->n);
	CLEANUP(mem_free_string)
	char *body = mem_memdup(text_str(message) + head, message->n - head);

	json_out_string(o, "mimeType", type);
	json_out_string(o, "text", body);
}

static char *url_of(const struct text *request)
{
	CLEANUP(mem_free_string) char *target = word(request, 1, false);
	CLEANUP(mem_free_string) char *host = header(request, "Host");

	return strstr(target, "://") ? mem_strdup(target) : text_concat("http://", host, target);
}

static struct json_object *request_of(const struct text *message)
{
	struct json_object *o = json_object_new_object();
	CLEANUP(mem_free_string) char *method = word(message, 0, false);
	CLEANUP(mem_free_string) char *url = url_of(message);

	json_out_string(o, "method", method);
	json_out_string(o, "url", url);
	json_object_object_add(o, "queryString", json_object_new_array());
	add_common(o, message);
	if (message->n > exchange_head(text_str(message), message->n)) {
		struct json_object *data = json_object_new_object();

		json_object_object_add(data, "params", json_object_new_array());
		add_body(data, message);
		json_object_object_add(o, "postData", data);
	}
	return o;
}

static struct json_object *answer_of(const struct text *message)
{
	struct json_object *o = json_object_new_object();
	struct json_object *content = json_object_new_object();
	CLEANUP(mem_free_string) char *status = word(message, 1, false);
	CLEANUP(mem_free_string) char *phrase = word(message, 2, true);
	CLEANUP(mem_free_string) char *location = header(message, "Location");
	int64_t code = 0;

	text_to_int(status, 0, 999, &code);
	json_out_int(o, "status", code);
	json_out_string(o, "statusText", phrase);
	add_common(o, message);
	json_out_int(content, "size",
		     (int64_t)(message->n - exchange_head(text_str(message), message->n)));
	add_body(content, message);
	json_object_object_add(o, "content", content);
	json_out_string(o, "redirectURL", location);
	return o;
}

/* ---- entries ---- */

/* An answer that is a record of its own, and its place among the records. */
struct later {
	const char *key, *from, *to;
	size_t place;
	const struct record *record;
};

struct archive {
	struct json_object *entries;
	const struct record *const *records;
	size_t n;
	struct later *answers; /* in order */
	size_t n_answers;
};

static bool is_http(const struct record *r)
{
	return record_kind_of(r->kind) == RECORD_HTTP && r->from && r->to && !r->sent;
}

static int by_way(const struct later *x, const struct later *y)
{
	int differs = strcmp(x->key, y->key);

	differs = differs ? differs : strcmp(x->from, y->from);
	return differs ? differs : strcmp(x->to, y->to);
}

static int by_way_and_place(const void *a, const void *b)
{
	const struct later *x = a, *y = b;
	int differs = by_way(x, y);

	return differs ? differs : (x->place > y->place) - (x->place < y->place);
}

static void collect_answers(struct archive *a)
{
	a->answers = mem_zalloc((a->n + 1) * sizeof(*a->answers));
	for (size_t i = 0; i < a->n; i++) {
		const struct record *r = a->records[i];

		if (is_http(r) && r->key && !record_value(r, "method"))
			a->answers[a->n_answers++] = (struct later){ r->key, r->from, r->to, i, r };
	}
	qsort(a->answers, a->n_answers, sizeof(*a->answers), by_way_and_place);
}

/* The first answer to a request that comes after it; NULL: none. */
static const struct record *find_answer(const struct archive *a, size_t i)
{
	const struct record *request = a->records[i];
	const struct later wanted = { request->key, request->to, request->from, i, request };
	size_t first = 0, end = a->n_answers;

	if (!request->key)
		return NULL;
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (by_way_and_place(&a->answers[middle], &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first < a->n_answers && by_way(&a->answers[first], &wanted) == 0
		       ? a->answers[first].record
		       : NULL;
}

static void add_entry(struct archive *a, const struct record *r, const struct exchange *e,
		      int64_t began_us, int64_t took_us)
{
	struct json_object *o = json_object_new_object(), *timings = json_object_new_object();
	CLEANUP(text_deinit) struct text comment = TEXT_INIT;

	json_out_time(o, "startedDateTime", began_us);
	json_object_object_add(o, "time", json_object_new_double((double)took_us / 1000));
	json_object_object_add(o, "request", request_of(&e->request));
	json_object_object_add(o, "response", answer_of(&e->answer));
	json_object_object_add(o, "cache", json_object_new_object());
	json_out_int(timings, "send", 0);
	json_object_object_add(timings, "wait", json_object_new_double((double)took_us / 1000));
	json_out_int(timings, "receive", 0);
	json_object_object_add(o, "timings", timings);
	text_addf(&comment, "record %llu: ", (unsigned long long)r->seq);
	text_add_all(&comment, r->from, " to ", r->to);
	json_out_string(o, "comment", text_str(&comment));
	json_object_array_add(a->entries, o);
}

static void add_record(struct archive *a, size_t i)
{
	const struct record *r = a->records[i], *later = NULL;
	const char *duration = record_value(r, "duration_us");
	int64_t took = 0;
	struct exchange e;

	exchange_init(&e, r);
	if (duration)
		text_to_int(duration, 0, r->wall_us, &took);
	if (!e.answer.n)
		later = find_answer(a, i);
	if (later) {
		struct exchange answer;

		exchange_init(&answer, later);
		text_add_bytes(&e.answer, text_str(&answer.answer), answer.answer.n);
		exchange_deinit(&answer);
		add_entry(a, r, &e, r->wall_us, later->wall_us - r->wall_us);
	} else if (e.request.n) {
		add_entry(a, r, &e, r->wall_us - took, took);
	}
	exchange_deinit(&e);
}

static int by_start(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;

	return strcmp(json_object_get_string(json_object_object_get(*x, "startedDateTime")),
		      json_object_get_string(json_object_object_get(*y, "startedDateTime")));
}

void har_encode(struct text *out, const struct record *const *records, size_t n,
		const char *version)
{
	struct json_object *har = json_object_new_object(), *log = json_object_new_object();
	struct json_object *creator = json_object_new_object();
	struct archive a = { .entries = json_object_new_array(), .records = records, .n = n };

	collect_answers(&a);
	for (size_t i = 0; i < n; i++)
		if (is_http(records[i]))
			add_record(&a, i);
	free(a.answers);
	json_object_array_sort(a.entries, by_start);
	json_out_string(creator, "name", "mcxd");
	json_out_string(creator, "version", version);
	json_out_string(log, "version", "1.2");
	json_object_object_add(log, "creator", creator);
	json_object_object_add(log, "entries", a.entries);
	json_object_object_add(har, "log", log);
	text_add_all(out,
		     json_object_to_json_string_ext(har, JSON_C_TO_STRING_PRETTY |
								 JSON_C_TO_STRING_NOSLASHESCAPE),
		     "\n");
	json_object_put(har);
}
