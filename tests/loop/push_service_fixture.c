/*
 * A push service, and a client that talks to it over real HTTP
 */
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/push_service_config.h"
#include "web/http/client.h"

enum { PATIENCE_MS = 10000 };

static char *copy_header(const struct http_result *r, const char *name)
{
	return r->status ? mem_strdup(r->header(r, name)) : NULL;
}

void outcome_on_result(void *magic, const struct http_result *r)
{
	struct outcome *o = magic;

	o->done = true;
	o->status = r->status;
	o->body = r->n_body ? json_tokener_parse(r->body) : NULL;
	o->notification = copy_header(r, MPNS_HEADER_NOTIFICATION_STATUS);
	o->connection = copy_header(r, MPNS_HEADER_CONNECTION_STATUS);
	o->subscription = copy_header(r, MPNS_HEADER_SUBSCRIPTION_STATUS);
	o->message_id = copy_header(r, MPNS_HEADER_MESSAGE_ID);
	o->allow = copy_header(r, "Allow");
}

void outcome_deinit(struct outcome *o)
{
	json_object_put(o->body);
	free(o->notification);
	free(o->connection);
	free(o->subscription);
	free(o->message_id);
	free(o->allow);
	*o = (struct outcome){ 0 };
}

void await_outcome(struct fixture *f, const struct outcome *o)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (!o->done && loop_real_ms(f->loop) < end)
		loop_step(f->loop, 100);
	assert_true(o->done);
}

void start_exchange(struct fixture *f, const char *method, const char *path,
		    const char *const *headers, const char *body, struct outcome *o)
{
	CLEANUP(mem_free_string) char *url = NULL;

	url = *path == '/' ? text_format("%s%s", push_service_url(f->push_service), path)
			   : mem_strdup(path);
	*o = (struct outcome){ 0 };
	http_client_send(f->http,
			 &(struct http_exchange){ .method = method,
						  .url = url,
						  .headers = headers,
						  .body = body,
						  .n_body = body ? strlen(body) : 0 },
			 NULL, outcome_on_result, o);
}

void exchange(struct fixture *f, const char *method, const char *path, const char *body,
	      struct outcome *o)
{
	start_exchange(f, method, path, NULL, body, o);
	await_outcome(f, o);
}

void notify(struct fixture *f, const char *uri, const char *target, const char *class,
	    const char *body, struct outcome *o)
{
	CLEANUP(mem_free_string) char *target_line = NULL;
	CLEANUP(mem_free_string) char *class_line = NULL;
	const char *headers[5] = { MPNS_HEADER_MESSAGE_ID ": " ID, "Content-Type: text/xml" };
	size_t n = 2;

	target_line = text_format(MPNS_HEADER_TARGET ": %s", target);
	class_line = text_format(MPNS_HEADER_CLASS ": %s", class);
	if (*target)
		headers[n++] = target_line;
	if (*class)
		headers[n++] = class_line;
	start_exchange(f, "POST", uri, headers, body, o);
	await_outcome(f, o);
}

const char *string_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, name, &value));
	return json_object_get_string(value);
}

int64_t number_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, name, &value));
	return json_object_get_int64(value);
}

struct json_object *notices_of(const struct outcome *o)
{
	struct json_object *list = NULL;

	assert_int_equal(o->status, 200);
	assert_true(json_object_object_get_ex(o->body, "notifications", &list));
	return list;
}

struct json_object *notice_at(const struct outcome *o, size_t i)
{
	struct json_object *list = notices_of(o);

	assert_true(i < json_object_array_length(list));
	return json_object_array_get_idx(list, i);
}

struct channel_of_test new_channel(struct fixture *f)
{
	struct channel_of_test c;
	struct outcome o;

	exchange(f, "POST", "/channels", "{\"deviceName\":\"bob@lab.test\",\"x\":1}", &o);
	assert_int_equal(o.status, 201);
	c.path = text_format("/channels/%s", string_of(o.body, "channelId"));
	c.uri = text_format("%s", string_of(o.body, "notificationUri"));
	c.carrier = text_format("%s", string_of(o.body, "carrier"));
	outcome_deinit(&o);
	return c;
}

void channel_deinit(struct channel_of_test *c)
{
	free(c->path);
	free(c->uri);
	free(c->carrier);
}

void hold(struct fixture *f, const struct channel_of_test *c, unsigned after, unsigned timeout_s,
	  struct outcome *o)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s?after=%u&timeout=%u", c->carrier, after, timeout_s);

	start_exchange(f, "GET", path, NULL, NULL, o);
}

void take(struct fixture *f, const struct channel_of_test *c, unsigned after, struct outcome *o)
{
	hold(f, c, after, 0, o);
	await_outcome(f, o);
}

struct json_object *first_listed(const struct outcome *o)
{
	struct json_object *list = NULL;

	assert_true(json_object_object_get_ex(o->body, "channels", &list));
	return json_object_array_get_idx(list, 0);
}

void await_connection(struct fixture *f, const char *state)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;
	struct outcome o;
	bool reached;

	do {
		exchange(f, "GET", "/channels", NULL, &o);
		reached = !strcmp(string_of(first_listed(&o), "connection"), state);
		outcome_deinit(&o);
	} while (!reached && loop_real_ms(f->loop) < end);
	assert_true(reached);
}

static void open_push_service(struct fixture *f)
{
	assert_int_equal(push_service_new(&(struct push_service_args){ .loop = f->loop,
								       .journal = f->journal,
								       .metrics = f->metrics,
								       .config = &f->config },
					  &f->push_service),
			 0);
}

int push_service_set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1000000 });
	f->metrics = metrics_new();
	f->http = http_client_new(f->loop, &(struct http_client_config){ 0 });
	f->config = push_service_config;
	f->config.max_queue = 3;
	f->config.max_per_day = 10;
	f->config.max_channels = 2;
	open_push_service(f);
	*state = f;
	return 0;
}

int push_service_tear_down(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->http);
	push_service_free(f->push_service);
	metrics_free(f->metrics);
	journal_free(f->journal);
	loop_free(f->loop);
	free(f);
	return 0;
}
