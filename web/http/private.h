/*
 * HTTP server, inside
 *
 * libmicrohttpd is used without threads and without its listening: listen.c accepts and shares
 * the connections out among several of its daemons (shards), each an epoll set on the loop, because
 * a daemon walks all its suspended connections whenever one is resumed.
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/route.h"
#include "web/http/target.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <sys/types.h>

enum http_metric {
	HTTP_REQUESTS,
	HTTP_CONNECTIONS,
	HTTP_REFUSED_CONNECTIONS,
	HTTP_BAD_REQUESTS,
	HTTP_OVERSIZED_BODIES,
	HTTP_TIMEOUTS,
	HTTP_PARKED,
	HTTP_STREAMS,
	HTTP_SLOW_READERS,
	HTTP_HANGUPS,
	HTTP_BODY_BYTES,
	HTTP_ANSWER_BYTES,
	N_HTTP_METRICS
};

struct http_tls;

struct http_shard {
	struct http *http;
	struct MHD_Daemon *daemon;
	struct loop_fd *watch;   /* of the daemon's epoll descriptor */
	struct loop_timer timer; /* what MHD_get_timeout() asks for */
	uint64_t post;           /* of a run in the next round, 0: none */
	bool dirty;              /* connections were resumed, it has to run */
};

struct http_listener {
	int fd;
	struct loop_fd *watch;
	struct loop_timer retry; /* after accept ran out of descriptors */
	char *address;
	bool is_unix;
	dev_t dev; /* of the UNIX socket that we made */
	ino_t ino;
};

struct http {
	struct loop *loop;
	char *name;
	struct http_config config; /* numbers, with the defaults filled in */
	char *cert_file, *key_file;
	struct http_args args; /* callbacks and routes */
	struct http_router *router;
	struct http_listener listener;
	struct http_shard *shards;
	int n_shards;
	int next_shard;
	struct http_tls *tls; /* NULL: plain */

	struct idtab *waiting; /* parked requests and streams */
	int gone_epoll;        /* hang-ups of connections that are or were suspended */
	struct idtab *watched; /* those connections */
	struct loop_fd *gone_watch;
	struct list resumes; /* suspended requests that have something to do */
	uint64_t resume_post;

	struct list deadlines; /* connections that owe us bytes, by time */
	struct loop_timer deadline_timer;
	struct list lingering; /* closed connections whose input is still thrown away */
	int64_t n_lingering;

	bool closing;
	struct metric metrics[N_HTTP_METRICS];
	char *metric_names[N_HTTP_METRICS];
};

struct http_conn {
	struct http *http;
	struct http_shard *shard;
	struct MHD_Connection *mhd;
	int fd;
	char peer[64];
	struct http_tls *tls; /* a reference, for the credentials of its session */
	struct http_request *request;
	struct list deadline; /* in http.deadlines */
	int64_t due_ms;       /* machine's time */
	bool last;            /* we close after this answer */
	bool timed_out;       /* we shut it down */
	bool linger;          /* input that nobody reads is to be expected */
	uint64_t watched;     /* in http.watched, 0: not yet */
	bool hung_up;         /* gone_epoll has told its end */
};

struct http_field {
	const char *name;
	char *value;
};

enum http_state {
	HTTP_NEW,     /* the request line is there */
	HTTP_READING, /* the head is there */
	HTTP_RUNNING, /* its handler runs */
	HTTP_WAITING, /* parked */
	HTTP_ANSWERED,
	HTTP_STREAMING,
	HTTP_GONE /* the client has hung up, or read too slowly */
};

struct http_request {
	struct http *http;
	struct http_conn *conn;
	char *method;
	struct http_target target;
	const struct http_pattern *pattern; /* NULL: none matched */
	char *rest;                         /* what a {name*} matched */

	char *body;
	size_t n_body;
	size_t size_body;

	struct http_field *headers; /* of the answer */
	size_t n_headers;
	struct MHD_Response *response; /* an answer that is not handed over yet */

	uint64_t id; /* in http.waiting */
	http_gone_h *on_gone;
	void *gone_magic;
	struct list resume; /* in http.resumes */

	struct text queue; /* of a stream */
	size_t n_taken;    /* from its front */

	void *context;
	void (*free_context)(void *);

	enum http_state state;
	int status; /* of the answer, 0: none yet */
	bool target_is_bad;
	bool raw; /* libmicrohttpd cannot answer in this state: the answer goes to the socket */
	bool suspended;
	bool ended; /* a stream */
};

/* http.c */
void http_count(struct http *h, enum http_metric which, int64_t by);

/* listen.c */
int http_listener_open(struct http *h, const char *listen);
void http_listener_close(struct http *h);

/* shard.c */
int http_shard_start(struct http *h, struct http_shard *s);
void http_shard_stop(struct http_shard *s);
void http_shard_run(struct http_shard *s);
struct http_conn *http_conn_of(struct MHD_Connection *mhd);

/* fault.c */
/** Hand over r->response. */
enum MHD_Result http_queue_response(struct http_request *r);
/** Log an error when libmicrohttpd goes on without us. */
void http_check_interposed(const struct http *h);

/* conn.c */
struct http_conn *http_conn_new(struct http_shard *s, struct MHD_Connection *mhd);
void http_conn_free(struct http_conn *c);
/** Its bytes must come within the idle time from now; disarm: it owes none. */
void http_conn_arm(struct http_conn *c);
void http_conn_disarm(struct http_conn *c);
/** Write to the socket past libmicrohttpd, as far as it takes it. */
void http_conn_write(struct http_conn *c, const char *p, size_t n);
/** The address of a peer; size 64 suffices. */
void http_conn_peer(const struct sockaddr *address, char *ret, size_t size);

/* linger.c */
/** Throw away what comes on a socket that was answered early, so that the kernel does not answer it
 *  with a reset that overtakes the answer. Takes over fd. */
void http_linger(struct http *h, int fd);
void http_linger_free_all(struct http *h);

/* request.c */
struct http_request *http_request_new(struct http_conn *c, const char *target);
void http_request_free(struct http_request *r);
/** The head is there; false when it was answered. */
bool http_request_head(struct http_request *r, const char *method, const char *version);
/** More of the body; false when it was too much and the connection has to be closed. */
bool http_request_body(struct http_request *r, const char *p, size_t n);
/** All is there: find the route and call its handler. */
void http_request_run(struct http_request *r);
bool http_is_token(const char *s); /* RFC 9110 5.6.2 */

/* answer.c */
/** Answer by the room's on_error, or by a line of text. */
void http_refuse(struct http_request *r, int status, const char *allow);
/** The same where libmicrohttpd takes no answer; the connection is closed by the caller. */
void http_refuse_raw(struct http_request *r, int status);
void http_answer_add_headers(struct http_request *r, const char *type);
/** Is it the time for an answer? Logs when it is not. */
bool http_answer_is_due(const struct http_request *r, const char *what);

/* park.c */
int http_park_init(struct http *h);
void http_park_deinit(struct http *h);
/** Tell the holder of a parked request or stream that it has gone. */
void http_park_gone(struct http_request *r);
/** No longer parked, without a word to the holder. */
void http_unpark(struct http_request *r);
void http_suspend(struct http_request *r);
void http_resume(struct http_request *r);
/** Answer, or end, all that wait; for the end of the server. */
void http_park_end_all(struct http *h);

/* stream.c */
void http_stream_end_request(struct http_request *r);

/* tls.c */
int http_tls_load(const char *cert_file, const char *key_file, struct http_tls **ret_tls);
struct http_tls *http_tls_ref(struct http_tls *tls);
struct http_tls *http_tls_unref(struct http_tls *tls);
/** Give a new session its credentials and tickets. */
int http_tls_begin(struct http_tls *tls, gnutls_session_t session);
/** The options of a daemon that speaks TLS. */
const struct MHD_OptionItem *http_tls_options(void);
gnutls_session_t http_tls_session(struct MHD_Connection *mhd);
