/*
 * An HTTP/2 server without TLS, and a client that writes its frames by hand
 */
#pragma once

#include "proto/text/text.h"
#include "tests/loop/raw.h"
#include "web/http/h2/server.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum h2_frame_type {
	FRAME_DATA,
	FRAME_HEADERS,
	FRAME_PRIORITY,
	FRAME_RST_STREAM,
	FRAME_SETTINGS,
	FRAME_PUSH_PROMISE,
	FRAME_PING,
	FRAME_GOAWAY,
	FRAME_WINDOW_UPDATE,
	FRAME_CONTINUATION
};

enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, PRIORITY = 32 };

/* Error codes of RFC 9113, 7. */
enum {
	NO_ERROR,
	PROTOCOL_ERROR,
	INTERNAL_ERROR,
	FLOW_CONTROL_ERROR,
	SETTINGS_TIMEOUT,
	STREAM_CLOSED,
	FRAME_SIZE_ERROR,
	REFUSED_STREAM,
	CANCEL,
	COMPRESSION_ERROR,
	ENHANCE_YOUR_CALM = 11
};

struct frame {
	enum h2_frame_type type;
	unsigned flags;
	unsigned stream;
	struct text payload;
};

struct h2_fixture {
	struct loop *loop;
	struct h2_config config;
	struct h2_server *server;
	struct raw client;
	/* what the handler saw */
	size_t n_requests;
	struct text method, path, body;
	bool was_cut;
	uint64_t parked; /* id of one that was not answered */
	bool parks;
	const char *answer; /* body of every answer */
};

/** With limits that tests can reach; the server starts at h2_start(). */
int h2_set_up(void **state);
int h2_tear_down(void **state);
void h2_start(struct h2_fixture *f);

/** Connect, with preface and empty settings. */
void h2_connect(struct h2_fixture *f);
void h2_reconnect(struct h2_fixture *f);

/** Append a frame, a field without compression, or the fields of a request. */
void add_frame(struct text *t, enum h2_frame_type type, unsigned flags, unsigned stream,
	       const void *p, size_t n);
void add_field(struct text *t, const char *name, const char *value);
void add_request(struct text *t, const char *method, const char *path);

void send_frame(struct h2_fixture *f, enum h2_frame_type type, unsigned flags, unsigned stream,
		const void *p, size_t n);
/** HEADERS of a POST; with END_STREAM in flags it is complete. */
void send_request(struct h2_fixture *f, unsigned stream, unsigned flags);

/** The next frame of this type, or false after five seconds; those before it are dropped. */
bool next_frame(struct h2_fixture *f, enum h2_frame_type type, struct frame *ret);
void frame_deinit(struct frame *frame);
/** The same, which must come; its first four bytes, or those of GOAWAY that say why. */
unsigned expect_code(struct h2_fixture *f, enum h2_frame_type type, unsigned stream);
/** An answer must come on this stream. */
void expect_answer(struct h2_fixture *f, unsigned stream);

/** The server still serves, on a new connection. */
void expect_alive(struct h2_fixture *f);
