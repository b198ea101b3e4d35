/*
 * mcxctl: calls of the lab API
 */
#include "mcxd/tools/mcxctl/call.h"

#include "mcxd/base/loop.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <errno.h>
#include <unistd.h>

/* The host only fills the Host header: the connection goes to the socket. */
#define HOST "http://lab"
#define BASE HOST "/lab/v1/"

/* Lines of a stream of events. */
#define EVENT "event: "
#define DATA  "data: "

#define MAX_LINE_BYTES ((size_t)16 * 1024 * 1024)

struct call {
	struct ctl *ctl;
	int status; /* 0: no answer */
	struct text body;
	/* of a stream */
	ctl_record_h *on_record;
	void *magic;
	char event[32]; /* the name of the present event; "": a record */
	bool skips;     /* the rest of a line that is too long */
	bool has_begun;
};

static char *url_of(const char *path)
{
	return text_concat(*path == '/' ? HOST : BASE, path);
}

static void on_result(void *magic, const struct http_result *result)
{
	struct call *call = magic;

	call->status = result->status;
	if (result->body)
		text_add_bytes(&call->body, result->body, result->n_body);
	loop_stop(call->ctl->loop);
}

static int exit_code(const struct call *call)
{
	if (!call->status)
		return call->has_begun ? CTL_NO : CTL_NO_DAEMON;
	if (call->status / 100 == 2)
		return CTL_YES;
	return call->status == 400 ? CTL_USAGE : CTL_NO;
}

static void complain_of(const struct call *call)
{
	struct json_object *o = ctl_parse(text_str(&call->body), call->body.n);
	const char *message = o ? ctl_get(o, "error.message") : "";

	if (o && call->ctl->options.json)
		ctl_print_json(o);
	if (!call->status && call->has_begun)
		ctl_complain("the daemon has ended the stream: it ends itself, or this reader was "
			     "too slow");
	else if (!call->status && access(call->ctl->socket, R_OK | W_OK) < 0 && errno == EACCES)
		ctl_complain("no permission to open %s", call->ctl->socket);
	else if (!call->status)
		ctl_complain("no daemon at %s", call->ctl->socket);
	else if (*message)
		ctl_complain("%s", message);
	else
		ctl_complain("the daemon answered %d", call->status);
	json_object_put(o);
}

static void send_and_wait(struct call *call, const struct http_exchange *x, http_data_h *on_data)
{
	http_client_send(call->ctl->client, x, on_data, on_result, call);
	loop_run(call->ctl->loop);
}

int ctl_call(struct ctl *c, const char *method, const char *path, struct json_object *body,
	     struct json_object **ret)
{
	static const char *const headers[] = { "Content-Type: " JSON_CONTENT_TYPE, NULL };
	CLEANUP(mem_free_string) char *url = url_of(path);
	const char *bytes =
		body ? json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN) : NULL;
	struct call call = { .ctl = c };
	int code;

	send_and_wait(&call,
		      &(struct http_exchange){ .method = method,
					       .url = url,
					       .headers = bytes ? headers : NULL,
					       .body = bytes,
					       .n_body = bytes ? strlen(bytes) : 0 },
		      NULL);
	json_object_put(body);
	code = exit_code(&call);
	c->status = call.status;
	*ret = NULL;
	if (code == CTL_YES)
		*ret = ctl_parse(text_str(&call.body), call.body.n);
	else
		complain_of(&call);
	text_deinit(&call.body);
	return code;
}

int ctl_fetch(struct ctl *c, const char *path, struct text *ret)
{
	CLEANUP(mem_free_string) char *url = url_of(path);
	struct call call = { .ctl = c };
	int code;

	send_and_wait(&call, &(struct http_exchange){ .method = "GET", .url = url }, NULL);
	code = exit_code(&call);
	if (code == CTL_YES)
		text_add_bytes(ret, text_str(&call.body), call.body.n);
	else
		complain_of(&call);
	text_deinit(&call.body);
	return code;
}

/* The data of an event are one line. */
static void on_event(struct call *call, const char *data, size_t n)
{
	struct json_object *o = ctl_parse(data, n);

	if (strcmp(call->event, "lost") == 0)
		ctl_complain("records %s to %s were dropped before they could be read",
			     ctl_get(o, "from"), ctl_get(o, "to"));
	else if (o && !*call->event)
		call->on_record(call->magic, o);
	json_object_put(o);
}

static void on_line(struct call *call, const char *line, size_t n)
{
	if (n == 0)
		*call->event = '\0';
	else if (strncmp(line, EVENT, strlen(EVENT)) == 0)
		snprintf(call->event, sizeof(call->event), "%s", line + strlen(EVENT));
	else if (strncmp(line, DATA, strlen(DATA)) == 0)
		on_event(call, line + strlen(DATA), n - strlen(DATA));
}

/* Add to the incomplete line. One that gets too long is dropped up to its end. */
static void begin_line(struct call *call, const char *p, size_t n)
{
	if (call->body.n + n > MAX_LINE_BYTES)
		call->skips = true;
	if (call->skips)
		text_reset(&call->body);
	else
		text_add_bytes(&call->body, p, n);
}

static void end_line(struct call *call)
{
	if (call->skips)
		ctl_complain("skipped a record: line longer than %zu bytes", MAX_LINE_BYTES);
	else
		on_line(call, text_str(&call->body), call->body.n);
	call->skips = false;
	text_reset(&call->body);
}

static void on_stream_data(void *magic, const void *data, size_t n)
{
	struct call *call = magic;
	const char *p = data, *eol;

	call->has_begun = true;
	while ((eol = memchr(p, '\n', n))) {
		size_t n_line = (size_t)(eol - p);

		begin_line(call, p, n_line);
		end_line(call);
		p = eol + 1;
		n -= n_line + 1;
	}
	begin_line(call, p, n);
}

int ctl_follow(struct ctl *c, const char *path, ctl_record_h *on_record, void *magic)
{
	CLEANUP(mem_free_string) char *url = url_of(path);
	struct call call = { .ctl = c, .on_record = on_record, .magic = magic };
	int code;

	send_and_wait(&call, &(struct http_exchange){ .method = "GET", .url = url },
		      on_stream_data);
	code = exit_code(&call);
	if (code != CTL_YES)
		complain_of(&call);
	text_deinit(&call.body);
	return code;
}

char *ctl_path_of_list(const struct ctl *c, const char *path)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const char *user = c->options.user, *state = c->options.state;

	text_add(&out, path);
	if (*user) {
		text_add(&out, "?user=");
		percent_add(&out, user, strlen(user), "@");
	}
	if (*state) {
		text_add(&out, *user ? "&state=" : "?state=");
		percent_add(&out, state, strlen(state), "");
	}
	return text_take(&out);
}

char *ctl_filters(const struct ctl_options *o, const char *kind)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const struct {
		const char *name, *value;
	} given[] = {
		{ "kind", kind },      { "user", o->user },     { "hop", o->hop },
		{ "phone", o->phone }, { "method", o->method }, { "status", o->status },
		{ "since", o->since }, { "key", o->key },
	};

	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		if (!*given[i].value)
			continue;
		text_add_all(&out, "&", given[i].name, "=");
		percent_add(&out, given[i].value, strlen(given[i].value), "@:");
	}
	if (o->conversation)
		text_addf(&out, "&conversation=%lld", (long long)o->conversation);
	return text_take(&out);
}
