/*
 * HTTP/2 server: what its files share
 *
 * A file uses only what stands before it in this list: head, closed, request, struck, session, connection, server.
 */
#pragma once

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "proto/text/text.h"
#include "web/http/h2/closed.h"
#include "web/http/h2/head.h"
#include "web/http/h2/server.h"

#include <nghttp2/nghttp2.h>

struct idtab;
struct listener;

struct h2_server {
	struct loop *loop;
	char *name;
	struct h2_config config;
	struct stream_limits limits;
	h2_request_h *on_request;
	void *magic;
	const char *goaway_idle, *goaway_shutdown;
	struct net *net;
	struct listener *listener;
	char listen[ADDRESS_TEXT_SIZE];
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *options;
	struct list connections; /* struct h2_connection.of_server */
	struct idtab *requests;  /* struct h2_request: handed out and not answered */
	struct h2_metrics metrics;
};

/* How a connection is to end once nghttp2 has returned. */
enum h2_ending { H2_GOES_ON, H2_ENDS, H2_IS_RESET };

struct h2_connection {
	struct list of_server;
	struct h2_server *server;
	struct stream *stream;
	nghttp2_session *session;
	struct list
		requests; /* struct h2_request.of_connection: every stream that is open, the oldest first */
	struct net_output output;
	struct loop_timer timer;
	int64_t asked_ms; /* real time of its last request, or of its beginning */
	struct h2_heads heads;
	struct h2_closed closed;
	int64_t n_idle_frames;
	enum h2_ending ending;
	bool has_settings; /* the client's first ones have come */
	bool was_flooded;
	char peer[ADDRESS_TEXT_SIZE];
	void *context; /* the handler's */
};

/* What a request that a fault strikes carries. */
struct h2_struck {
	struct faults *faults;
	struct fault_strike strike;
	struct fault_hold hold;
};

struct h2_request {
	struct list of_connection;
	struct h2_connection *connection;
	int32_t stream_id;
	uint64_t id;        /* in server->requests; 0: it is not there */
	struct text fields; /* name, NUL, value, NUL, and so on */
	int64_t n_list;     /* as SETTINGS_MAX_HEADER_LIST_SIZE counts */
	struct text body;
	size_t n_dropped; /* of the body, because it is too long */
	int64_t begun_ms; /* real time */
	bool is_cut, is_complete, is_handed_out, is_answered;
	struct text answer; /* its body */
	size_t n_sent;
	struct h2_struck *struck; /* NULL: it is not */
	void *context;            /* the handler's */
};

/* ---- request.c ---- */

struct h2_request *h2_request_new(struct h2_connection *c, int32_t stream_id);
/* NULL is fine. */
void h2_request_free(struct h2_request *r);
/* Whether it must still become complete. */
bool h2_request_is_awaited(const struct h2_request *r);

/* ---- session.c ---- */

/* Callbacks and options of every connection. */
void h2_session_init(struct h2_server *s);
void h2_session_deinit(struct h2_server *s);
/* Begin one, with our settings. */
void h2_session_start(struct h2_connection *c);
/* Look at a frame that nghttp2 has not seen yet. */
void h2_session_on_head(struct h2_connection *c, const struct h2_head *head);

/* ---- connection.c ---- */

/* Takes the descriptor over. */
void h2_connection_accept(struct h2_server *s, int fd, const struct address *peer);
/* Say goodbye with these words, which are written at the end of the round. */
void h2_connection_dismiss(struct h2_connection *c, const char *goodbye);
/* Forget it. */
void h2_connection_close(struct h2_connection *c);
