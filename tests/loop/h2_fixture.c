/*
 * An HTTP/2 server without TLS, and a client that writes its frames by hand
 */
#include "tests/loop/h2_fixture.h"

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"
#include "web/http/h2/request.h"
#include "web/http/h2/server.h"

enum { HEAD_BYTES = 9, PATIENCE_MS = 5000 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* ---- the server ---- */

static void on_request(void *magic, struct h2_request *r)
{
	struct h2_fixture *f = magic;
	size_t n;
	const char *body = h2_body(r, &n);

	f->n_requests++;
	text_reset(&f->method);
	text_reset(&f->path);
	text_reset(&f->body);
	text_add(&f->method, h2_method(r));
	text_add(&f->path, h2_path(r));
	text_add_bytes(&f->body, body, n);
	f->was_cut = h2_body_is_cut(r);
	if (f->parks)
		f->parked = h2_request_id(r);
	else
		h2_answer(r, f->was_cut ? 413 : 200,
			  (const struct h2_field[]){ { "x-peer", h2_peer(r) }, { "x-none", NULL } },
			  2, f->was_cut ? "too much" : f->answer);
}

int h2_set_up(void **state)
{
	struct h2_fixture *f = MEM_NEW(struct h2_fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->config = (struct h2_config){
		.listen = "127.0.0.1:0",
		.max_connections = 3,
		.max_streams = 10,
		.max_header_bytes = 8192,
		.max_body_bytes = 4096,
		.max_resets = 50,
		.resets_per_s = 1,
		.max_dropped_bytes = 262144,
		.max_settings = 32,
		.max_unsent_acks = 100,
		.max_continuations = 8,
		.max_idle_frames = 500,
		.handshake_timeout_ms = 20000,
		.request_timeout_ms = 20000,
		.unread_timeout_ms = 20000,
		.idle_timeout_ms = 20000,
	};
	f->client.fd = -1;
	*state = f;
	return 0;
}

void h2_start(struct h2_fixture *f)
{
	assert_int_equal(h2_server_new(&(struct h2_args){ .loop = f->loop,
							  .name = "h2",
							  .config = &f->config,
							  .on_request = on_request,
							  .magic = f,
							  .goaway_idle = "idle",
							  .goaway_shutdown = "shutdown" },
				       &f->server),
			 0);
}

int h2_tear_down(void **state)
{
	struct h2_fixture *f = *state;

	if (f->client.fd >= 0)
		raw_close(&f->client);
	h2_server_free(f->server);
	loop_free(f->loop);
	text_deinit(&f->method);
	text_deinit(&f->path);
	text_deinit(&f->body);
	free(f);
	return 0;
}

/* ---- the client ---- */

void add_frame(struct text *t, enum h2_frame_type type, unsigned flags, unsigned stream,
	       const void *p, size_t n)
{
	const unsigned char head[HEAD_BYTES] = {
		(unsigned char)(n >> 16),
		(unsigned char)(n >> 8),
		(unsigned char)n,
		(unsigned char)type,
		(unsigned char)flags,
		(unsigned char)(stream >> 24),
		(unsigned char)(stream >> 16),
		(unsigned char)(stream >> 8),
		(unsigned char)stream,
	};

	text_add_bytes(t, head, sizeof(head));
	text_add_bytes(t, p, n);
}

/* RFC 7541, 5.1, with a prefix of seven bits. */
static void add_string(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (n < 127) {
		text_add_bytes(t, &(unsigned char){ (unsigned char)n }, 1);
	} else {
		text_add_bytes(t, "\x7F", 1);
		for (n -= 127; n >= 128; n >>= 7)
			text_add_bytes(t, &(unsigned char){ (unsigned char)(n | 128) }, 1);
		text_add_bytes(t, &(unsigned char){ (unsigned char)n }, 1);
	}
	text_add(t, s);
}

void add_field(struct text *t, const char *name, const char *value)
{
	text_add_bytes(t, "", 1);
	add_string(t, name);
	add_string(t, value);
}

void add_request(struct text *t, const char *method, const char *path)
{
	add_field(t, ":method", method);
	add_field(t, ":scheme", "http");
	add_field(t, ":authority", "lab.test");
	add_field(t, ":path", path);
}

void h2_connect(struct h2_fixture *f)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	raw_tcp(&f->client, f->loop, h2_server_listen(f->server));
	text_add(&t, preface);
	add_frame(&t, FRAME_SETTINGS, 0, 0, NULL, 0);
	raw_send(&f->client, t.data, t.n);
}

void h2_reconnect(struct h2_fixture *f)
{
	raw_close(&f->client);
	h2_connect(f);
}

void send_frame(struct h2_fixture *f, enum h2_frame_type type, unsigned flags, unsigned stream,
		const void *p, size_t n)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	add_frame(&t, type, flags, stream, p, n);
	raw_send(&f->client, t.data, t.n);
}

void send_request(struct h2_fixture *f, unsigned stream, unsigned flags)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	add_request(&t, "POST", "/thing");
	send_frame(f, FRAME_HEADERS, flags | END_HEADERS, stream, t.data, t.n);
}

/* ---- what comes ---- */

static bool take_frame(struct text *in, struct frame *ret)
{
	const unsigned char *p = (const unsigned char *)text_str(in);
	size_t n;

	if (in->n < HEAD_BYTES)
		return false;
	n = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
	if (in->n < HEAD_BYTES + n)
		return false;
	*ret = (struct frame){ .type = (enum h2_frame_type)p[3],
			       .flags = p[4],
			       .stream = (unsigned)p[5] << 24 | (unsigned)p[6] << 16 |
					 (unsigned)p[7] << 8 | p[8] };
	text_add_bytes(&ret->payload, p + HEAD_BYTES, n);
	memmove(in->data, in->data + HEAD_BYTES + n, in->n - HEAD_BYTES - n);
	in->n -= HEAD_BYTES + n;
	return true;
}

void frame_deinit(struct frame *frame)
{
	text_deinit(&frame->payload);
}

bool next_frame(struct h2_fixture *f, enum h2_frame_type type, struct frame *ret)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;
	bool was_closed;

	*ret = (struct frame){ 0 };
	do {
		was_closed = f->client.closed;
		raw_poll(&f->client);
		while (take_frame(&f->client.in, ret)) {
			if (ret->type == type)
				return true;
			frame_deinit(ret);
		}
		loop_step(f->loop, 1);
	} while (!was_closed && loop_real_ms(f->loop) < end);
	return false;
}

unsigned expect_code(struct h2_fixture *f, enum h2_frame_type type, unsigned stream)
{
	const size_t at = type == FRAME_GOAWAY ? 4 : 0;
	struct frame frame;
	const unsigned char *p;
	unsigned code;

	assert_true(next_frame(f, type, &frame));
	assert_int_equal(frame.stream, stream);
	assert_true(frame.payload.n >= at + 4);
	p = (const unsigned char *)text_str(&frame.payload) + at;
	code = (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 | p[3];
	frame_deinit(&frame);
	return code;
}

void expect_answer(struct h2_fixture *f, unsigned stream)
{
	struct frame frame;

	assert_true(next_frame(f, FRAME_HEADERS, &frame));
	assert_int_equal(frame.stream, stream);
	frame_deinit(&frame);
}

void expect_alive(struct h2_fixture *f)
{
	size_t n = f->n_requests;

	h2_reconnect(f);
	send_request(f, 1, END_STREAM);
	expect_answer(f, 1);
	assert_int_equal(f->n_requests, n + 1);
}
