/*
 * HTTPS API: batches of requests
 */
#include "web/ucwa/batch.h"

#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "proto/diag.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"
#include "proto/ucwa/batch.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/http/inner.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/media.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

#include <string.h>
#include <strings.h>

#define PART_TYPE "application/http"

struct part {
	struct ucwa_batch *batch;
	struct http_request *inner; /* NULL: it was not a request */
	struct text answer;
};

struct ucwa_batch {
	struct http *http;
	uint64_t parked; /* the outer request */
	struct part *parts;
	size_t n;
	size_t n_pending; /* parts without an answer, and one while they are being started */
	int64_t n_bytes;  /* of the answers that are there */
};

void ucwa_batch_free(struct ucwa_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		http_inner_free(b->parts[i].inner);
		text_deinit(&b->parts[i].answer);
	}
	free(b->parts);
	free(b);
}

/* ---- the answer ---- */

static void finish(struct ucwa_batch *b)
{
	struct http_request *r = http_parked(b->http, b->parked);
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(mem_free_string) char *type = NULL;
	char boundary[33];

	if (!r)
		return; /* the client has hung up */
	random_hex(16, boundary);
	for (size_t i = 0; i < b->n; i++) {
		const struct text *answer = &b->parts[i].answer;

		text_addf(&body, "--%s\r\nContent-Type: " PART_TYPE "; msgtype=response\r\n\r\n",
			  boundary);
		text_add_bytes(&body, text_str(answer), answer->n);
		text_add(&body, "\r\n");
	}
	text_addf(&body, "--%s--\r\n", boundary);
	type = text_format("multipart/batching; boundary=\"%s\"", boundary);
	http_answer(r, 200, type, text_str(&body), body.n);
}

static void end_one(struct ucwa_batch *b)
{
	if (--b->n_pending == 0)
		finish(b);
}

/* The header lines that are Content-Type, or the others. */
static void add_headers(struct text *answer, const char *headers, bool types)
{
	for (const char *line = headers, *end; *line; line = end) {
		end = strstr(line, "\r\n");
		end = end ? end + 2 : line + strlen(line);
		if (!strncasecmp(line, "Content-Type:", 13) == types)
			text_add_bytes(answer, line, (size_t)(end - line));
	}
}

/* Content-Type is the last header: for Microsoft's sample clients (samples/scripts/Mime.js) the body of a part begins
 * behind it. */
static void write_answer(struct part *part, const struct http_inner_answer *a)
{
	struct text *answer = &part->answer;

	text_addf(answer, "HTTP/1.1 %d %s\r\n", a->status, http_phrase(a->status));
	add_headers(answer, a->headers, false);
	if (a->n_body)
		text_addf(answer, "Content-Length: %zu\r\n", a->n_body);
	add_headers(answer, a->headers, true);
	text_add(answer, "\r\n");
	text_add_bytes(answer, a->body, a->n_body);
	part->batch->n_bytes += (int64_t)answer->n;
}

static void on_answer(void *magic, const struct http_inner_answer *a)
{
	struct part *part = magic;

	write_answer(part, a);
	end_one(part->batch);
}

/* A part that is not executed is answered with an error; the others are executed. */
static void refuse_part(struct part *part, enum diag_code code, const char *why)
{
	struct hal *o = hal_error(hal_new(), code, why);
	struct http_inner_answer a = { .status = diag_row(code)->http_status,
				       .headers = "Content-Type: " UCWA_JSON_TYPE "\r\n" };

	a.body = hal_text(o, &a.n_body);
	write_answer(part, &a);
	hal_free(o);
}

/* ---- the parts ---- */

static bool is_request(const struct multipart_part *p)
{
	struct content_type type;
	const char *why;

	return multipart_type(p, &type, &why) == 0 && !strcmp(type.type, PART_TYPE);
}

static void make_part(struct ucwa_request *q, struct part *part, const struct multipart_part *p)
{
	struct ucwa_batch_request request;
	struct http_inner_field fields[UCWA_BATCH_FIELDS];
	const char *why = "Content-Type of the part must be " PART_TYPE ".";

	part->batch = q->batch;
	if (!is_request(p) || ucwa_batch_request_decode(p->p, p->n, &request, &why) < 0) {
		refuse_part(part, DIAG_BAD_REQUEST, why);
		return;
	}
	for (size_t i = 0; i < request.n_fields; i++)
		fields[i] = (struct http_inner_field){ .name = request.fields[i].name,
						       .value = request.fields[i].value };
	part->inner = http_inner_new(q->r, &(struct http_inner_args){ .method = request.method,
								      .target = request.target,
								      .fields = fields,
								      .n_fields = request.n_fields,
								      .body = request.body,
								      .n_body = request.n_body,
								      .on_answer = on_answer,
								      .magic = part });
	ucwa_batch_request_deinit(&request);
}

/* Counts the parts; -1: the body is malformed or has too many, and that has been answered. */
static int count_parts(struct ucwa_request *q, const char *boundary)
{
	unsigned max = (unsigned)q->u->config.max_batch;
	struct multipart_part part;
	struct multipart m;
	const char *why;
	unsigned n = 0;
	int err = multipart_init(&m, boundary, q->body, q->n_body, max + 1, &why);

	while (!err && n <= max && (err = multipart_next(&m, &part, &why)) == 0)
		n++;
	if (n > max) {
		metric_inc(&q->u->metrics.batches_limited_total);
		ucwa_failf(q, DIAG_TOO_MANY_REQUESTS,
			   "A batch has at most %u requests (https.max_batch); none was executed.",
			   max);
		return -1;
	}
	if (err < 0 || !n)
		ucwa_fail(q, DIAG_BAD_JSON, err < 0 ? why : "The batch has no requests.");
	return err < 0 || !n ? -1 : (int)n;
}

static bool get_boundary(struct ucwa_request *q, struct content_type *ret)
{
	const char *type = http_header(q->r, "Content-Type"), *why;

	if (type && content_type_decode(type, ret, &why) == 0 && *ret->boundary)
		return true;
	ucwa_fail(q, DIAG_BAD_TYPE, "Content-Type must be multipart/batching with a boundary.");
	return false;
}

static void on_gone(void *magic, uint64_t id)
{
	/* What the batch consists of is freed with the request. */
	(void)magic;
	(void)id;
}

static void make_parts(struct ucwa_request *q, const char *boundary)
{
	struct ucwa_batch *b = q->batch;
	struct multipart_part part;
	struct multipart m;
	const char *why;
	size_t i = 0;

	if (multipart_init(&m, boundary, q->body, q->n_body, (unsigned)b->n, &why) < 0)
		return;
	while (i < b->n && multipart_next(&m, &part, &why) == 0)
		make_part(q, &b->parts[i++], &part);
}

/* What has been executed is answered as it is; so it is the next one that is refused. */
static void run_part(struct ucwa_request *q, struct part *part)
{
	struct ucwa_batch *b = q->batch;

	if (!part->inner)
		return;
	if (b->n_bytes >= q->u->config.max_batch_bytes) {
		metric_inc(&q->u->metrics.batches_limited_total);
		refuse_part(part, DIAG_TOO_MANY_REQUESTS,
			    "Not executed: the answers to the requests before it have reached the "
			    "limit of a batch (https.max_batch_answer); send it again.");
		return;
	}
	b->n_pending++;
	http_inner_run(part->inner);
}

/* All requests are made before the first one runs: it may sign the application out. */
void ucwa_post_batch(struct ucwa_request *q)
{
	struct content_type type;
	struct ucwa_batch *b;
	int n;

	if (!get_boundary(q, &type))
		return;
	n = count_parts(q, type.boundary);
	if (n < 0)
		return;
	b = MEM_NEW(struct ucwa_batch);
	q->batch = b;
	b->http = q->listener->http;
	b->n = (size_t)n;
	b->parts = mem_zalloc(b->n * sizeof(*b->parts));
	b->n_pending = 1;
	make_parts(q, type.boundary);
	b->parked = http_park(q->r, on_gone, b);
	for (size_t i = 0; i < b->n; i++)
		run_part(q, &b->parts[i]);
	end_one(b);
}
