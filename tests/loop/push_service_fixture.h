/*
 * A push service, and a client that talks to it over real HTTP
 */
#pragma once

#include "mcxd/push_service/push_service.h"
#include "web/http/client.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct journal;
struct loop;
struct metrics;

#define TOAST(text)                                                                                \
	"<wp:Notification xmlns:wp=\"WPNotification\"><wp:Toast><wp:Text1>Alice</wp:Text1>"        \
	"<wp:Text2>" text "</wp:Text2></wp:Toast></wp:Notification>"
#define TILE                                                                                       \
	"<wp:Notification xmlns:wp=\"WPNotification\"><wp:Tile><wp:Count>2</wp:Count>"             \
	"</wp:Tile></wp:Notification>"

#define ID "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct push_service_config config;
	struct push_service *push_service;
	struct http_client *http;
};

/* The outcome of an exchange. */
struct outcome {
	bool done;
	int status;
	struct json_object *body;
	char *notification, *connection, *subscription, *message_id, *allow;
};

struct channel_of_test {
	char *path, *uri, *carrier;
};

int push_service_set_up(void **state);
int push_service_tear_down(void **state);

/* Exchanges. A path that starts with "/" is one of the push service, any other string a URL. */
http_result_h outcome_on_result;
void outcome_deinit(struct outcome *o);
void await_outcome(struct fixture *f, const struct outcome *o);
void start_exchange(struct fixture *f, const char *method, const char *path,
		    const char *const *headers, const char *body, struct outcome *o);
void exchange(struct fixture *f, const char *method, const char *path, const char *body,
	      struct outcome *o);
void notify(struct fixture *f, const char *uri, const char *target, const char *class,
	    const char *body, struct outcome *o);
const char *string_of(struct json_object *o, const char *name);
int64_t number_of(struct json_object *o, const char *name);
struct json_object *notices_of(const struct outcome *o);
struct json_object *notice_at(const struct outcome *o, size_t i);
struct channel_of_test new_channel(struct fixture *f);
void channel_deinit(struct channel_of_test *c);
/* Send a carrier request; take() waits for its answer, too. */
void hold(struct fixture *f, const struct channel_of_test *c, unsigned after, unsigned timeout_s,
	  struct outcome *o);
void take(struct fixture *f, const struct channel_of_test *c, unsigned after, struct outcome *o);
struct json_object *first_listed(const struct outcome *o);
/* Run until GET /channels shows the first channel in this state. */
void await_connection(struct fixture *f, const char *state);
