/*
 * Lab fixture
 *
 * The lab API at a socket of its own, on a core with fake ports; requests to it and their answers.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "proto/text/text.h"
#include "web/lab/lab.h"

#include <json-c/json.h>

struct http_client;
struct store;

/** In real time; a test that takes this long has failed. */
enum { PATIENCE_MS = 10000 };

struct fixture {
	struct loop *loop;
	struct metrics *metrics;
	struct faults *faults;
	struct journal *journal;
	struct store *store;
	struct core *core;
	struct lab *lab;
	struct http_client *client;
	struct core_config core_config;
	struct lab_config lab_config;
	char dir[32];
	char *socket;
	struct leg caller;
	/* what the fake clearing house answers next; 0: nothing */
	int push_status, push_diag;
	bool push_is_held; /* it answers when lab_answer_push() is called */
	char *next_hop;
	uint64_t push_id;
	bool leg_is_free;
};

int lab_setup(void **state);
int lab_setup_without_journal(void **state);
/** With a TCP listener, and with a token for it. */
#define LAB_TOKEN "0123456789abcdef"
int lab_setup_tcp(void **state);
int lab_setup_tcp_everywhere(void **state);
int lab_setup_token(void **state);
int lab_teardown(void **state);

/** Answer the latest push. */
void lab_answer_push(void *fixture);

/** Operations of fixture.caller, which do nothing. */
extern const struct leg_ops lab_caller_ops;

/* ---- requests ---- */

struct call {
	struct fixture *f;
	uint64_t id;
	bool done;
	int status;
	struct text body; /* as it comes */
	struct json_object *json;
};

/** Start a request below /lab/v1. body: JSON with ' in place of "; may be NULL. */
void call_begin(struct fixture *f, struct call *call, const char *method, const char *path,
		const char *body);
/** The same for a stream that goes on behind an event. */
void call_begin_after(struct fixture *f, struct call *call, const char *path,
		      const char *last_event_id);
/** Run until it is answered. */
void call_finish(struct call *call);
void call_deinit(struct call *call);

/** Begin and finish. Returns the answer, which belongs to the call. */
struct json_object *ask(struct fixture *f, struct call *call, const char *method, const char *path,
			const char *body);

/** Expect a request to be refused with this status and a sentence that has this word. */
void refused(struct fixture *f, int status, const char *word, const char *method, const char *path,
	     const char *body);

/** A member, which must exist: as it is, as a string, or one item of an array. */
struct json_object *at(struct json_object *o, const char *name);
const char *str(struct json_object *o, const char *name);
struct json_object *item(struct json_object *o, const char *name, size_t i);

/** Run until a metric has this value. */
void wait_for_metric(struct fixture *f, const char *name, int64_t value);

/** Add a record about bob@lab.test with key conv:77 and one field. */
void note(struct fixture *f, const char *kind, const char *name, const char *value);
