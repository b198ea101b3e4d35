/*
 * HTTP/2 server: one request
 */
#include "web/http/h2/request.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/h2/private.h"

#include <assert.h>
#include <nghttp2/nghttp2.h>
#include <sys/uio.h>

enum { MAX_FIELDS = 16 }; /* of an answer */

struct h2_request *h2_request_new(struct h2_connection *c, int32_t stream_id)
{
	struct h2_request *r = MEM_NEW(struct h2_request);

	r->connection = c;
	r->stream_id = stream_id;
	r->begun_ms = loop_real_ms(c->server->loop);
	list_append(&c->requests, &r->of_connection);
	return r;
}

void h2_request_free(struct h2_request *r)
{
	if (!r)
		return;
	idtab_remove(r->connection->server->requests, r->id);
	list_remove(&r->of_connection);
	text_deinit(&r->fields);
	text_deinit(&r->body);
	text_deinit(&r->answer);
	if (r->struck)
		fault_hold_end(&r->struck->hold);
	free(r->struck);
	free(r->context);
	free(r);
}

bool h2_request_is_awaited(const struct h2_request *r)
{
	return !r->is_complete;
}

uint64_t h2_request_id(const struct h2_request *r)
{
	return r->id;
}

/* ---- questions ---- */

static const char *find_after(const struct h2_request *r, const char *name, const char *after)
{
	const char *p = after ? after + strlen(after) + 1 : text_str(&r->fields);
	const char *end = text_str(&r->fields) + r->fields.n;

	while (p < end) {
		const char *value = p + strlen(p) + 1;

		if (!strcmp(p, name))
			return value;
		p = value + strlen(value) + 1;
	}
	return NULL;
}

const char *h2_header(const struct h2_request *r, const char *name)
{
	return find_after(r, name, NULL);
}

bool h2_header_is_repeated(const struct h2_request *r, const char *name)
{
	const char *first = find_after(r, name, NULL);

	return first && find_after(r, name, first);
}

/* nghttp2 lets no request through without these two. */
const char *h2_method(const struct h2_request *r)
{
	const char *method = h2_header(r, ":method");

	return method ? method : "";
}

const char *h2_path(const struct h2_request *r)
{
	const char *path = h2_header(r, ":path");

	return path ? path : "";
}

const void *h2_body(const struct h2_request *r, size_t *ret_n)
{
	*ret_n = r->body.n;
	return text_str(&r->body);
}

bool h2_body_is_cut(const struct h2_request *r)
{
	return r->is_cut;
}

const char *h2_peer(const struct h2_request *r)
{
	return r->connection->peer;
}

bool h2_client_is_verified(const struct h2_request *r)
{
	return stream_client_has(r->connection->stream, NULL);
}

bool h2_client_has(const struct h2_request *r, const char *name)
{
	return stream_client_has(r->connection->stream, name);
}

void **h2_connection_context(const struct h2_request *r)
{
	return &r->connection->context;
}

void **h2_request_context(struct h2_request *r)
{
	return &r->context;
}

/* ---- the answer ---- */

/* NOLINTNEXTLINE(readability-function-size): as nghttp2 calls it */
static ssize_t on_read(nghttp2_session *session, int32_t stream_id, uint8_t *buf, size_t n,
		       uint32_t *data_flags, nghttp2_data_source *source, void *magic)
{
	struct h2_request *r = source->ptr;
	size_t left = r->answer.n - r->n_sent;

	(void)session;
	(void)stream_id;
	(void)magic;
	if (n > left)
		n = left;
	memcpy(buf, text_str(&r->answer) + r->n_sent, n);
	r->n_sent += n;
	if (r->n_sent == r->answer.n)
		*data_flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static nghttp2_nv field_of(const char *name, const char *value)
{
	return (nghttp2_nv){ .name = mem_no_const(name),
			     .value = mem_no_const(value),
			     .namelen = strlen(name),
			     .valuelen = strlen(value) };
}

void h2_answer(struct h2_request *r, int status, const struct h2_field *fields, size_t n_fields,
	       const char *body)
{
	struct h2_connection *c = r->connection;
	const nghttp2_data_provider provider = { .source.ptr = r, .read_callback = on_read };
	nghttp2_nv values[MAX_FIELDS + 1];
	char number[TEXT_NUMBER_SIZE];
	size_t n = 0;

	assert(!r->is_answered && n_fields <= MAX_FIELDS);
	r->is_answered = true;
	idtab_remove(c->server->requests, r->id);
	r->id = 0;
	values[n++] = field_of(":status", text_number(number, (uint64_t)status));
	for (size_t i = 0; i < n_fields; i++)
		if (fields[i].value)
			values[n++] = field_of(fields[i].name, fields[i].value);
	text_add(&r->answer, body);
	nghttp2_submit_response(c->session, r->stream_id, values, n, body ? &provider : NULL);
	net_write_later(c->server->net, &c->output);
}

void h2_end_connection(struct h2_request *r, bool with_reset, const void *last, size_t n_last)
{
	struct h2_connection *c = r->connection;
	const struct iovec piece = { .iov_base = mem_no_const(last), .iov_len = n_last };

	if (n_last)
		stream_send(c->stream, &piece, 1);
	c->ending = with_reset ? H2_IS_RESET : H2_ENDS;
	net_write_later(c->server->net, &c->output);
}
