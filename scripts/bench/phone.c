/*
 * Phone
 */
#include "scripts/bench/phone.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum { N_SIGNING_IN = 16 };

enum step { TOKEN, APPLICATION, AVAILABLE, SUBSCRIPTION, SIGNED_IN };

struct phone {
	unsigned long index;
	enum step step;
	char *token, *application, *next; /* next: where the next events are */
	struct conn *commands, *events;
	bool polling;
	int n_live; /* conversations that were accepted and have not ended */
};

static struct {
	struct phones_config config;
	void (*on_ready)(void);
	struct phone *all;
	unsigned long n_started, n_signed_in;
	struct phones_count count;
} phones;

static void on_command(void *magic, struct conn *c, const struct wire_message *m);
static void on_events(void *magic, struct conn *c, const struct wire_message *m);

static void on_commands_closed(void *magic, struct conn *c)
{
	struct phone *p = magic;

	(void)c;
	p->commands = NULL;
}

static void on_events_closed(void *magic, struct conn *c)
{
	struct phone *p = magic;

	(void)c;
	p->events = NULL;
	if (p->polling)
		phones.count.failed++;
	p->polling = false;
}

/* ---- requests ---- */

static void request(struct conn *c, const struct phone *p, const char *method, const char *path,
		    const char *type, const char *body)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	text_addf(&t, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, phones.config.http);
	if (p->token)
		text_addf(&t, "Authorization: Bearer %s\r\n", p->token);
	if (body)
		text_addf(&t, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type,
			  strlen(body), body);
	else if (strcmp(method, "GET") != 0)
		text_add(&t, "Content-Length: 0\r\n\r\n");
	else
		text_add(&t, "\r\n");
	conn_send(c, t.data, t.n);
}

static void command(struct phone *p, const char *method, const char *path, const char *type,
		    const char *body)
{
	struct conn_handler h = { on_command, on_commands_closed, p };

	if (!p->commands)
		p->commands = wire_connect(phones.config.http, &h);
	request(p->commands, p, method, path, type, body);
}

static void connect_events(struct phone *p)
{
	struct conn_handler h = { on_events, on_events_closed, p };

	if (!p->events)
		p->events = wire_connect(phones.config.http, &h);
}

static void poll_events(struct phone *p)
{
	connect_events(p);
	p->polling = true;
	request(p->events, p, "GET", p->next, NULL, NULL);
}

/* ---- signing in ---- */

static void sign_in_step(struct phone *p)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	CLEANUP(text_deinit) struct text body = TEXT_INIT;

	switch (p->step) {
	case TOKEN:
		text_addf(&body, "grant_type=password&username=m%lu%%40%s&password=%s", p->index,
			  phones.config.domain, phones.config.password);
		command(p, "POST", "/WebTicket/oauthtoken", "application/x-www-form-urlencoded",
			text_str(&body));
		break;
	case APPLICATION:
		text_addf(&body,
			  "{\"UserAgent\":\"WPLync/4.1.7947.0\",\"EndpointId\":\"bench-%lu\","
			  "\"Culture\":\"en-US\"}",
			  p->index);
		command(p, "POST", "/ucwa/oauth/v1/applications", "application/json",
			text_str(&body));
		break;
	case AVAILABLE:
		text_addf(&path, "%s/me/makeMeAvailable", p->application);
		command(p, "POST", text_str(&path), "application/json", "{}");
		break;
	case SUBSCRIPTION:
		text_addf(&path, "%s/pushSubscription", p->application);
		text_addf(&body,
			  "{\"platform\":\"windowsPhone\",\"notificationUri\":"
			  "\"http://127.0.0.1:9/n/%lu\",\"deviceName\":\"bench\","
			  "\"userAgent\":\"WPLync/4.1.7947.0\"}",
			  p->index);
		command(p, "PUT", text_str(&path), "application/json", text_str(&body));
		break;
	case SIGNED_IN: break;
	}
}

static const char *get_string(struct json_object *o, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(o, name, &member) ? json_object_get_string(member) : NULL;
}

static struct json_object *get(struct json_object *o, const char *name)
{
	struct json_object *member;

	return json_object_object_get_ex(o, name, &member) ? member : NULL;
}

static const char *link_of(struct json_object *o, const char *rel)
{
	return get_string(get(get(o, "_links"), rel), "href");
}

static void start_next(void)
{
	if (phones.n_started == phones.config.n)
		return;
	sign_in_step(&phones.all[phones.n_started++]);
}

static void signed_in(struct phone *p)
{
	connect_events(p); /* so that what is measured is a conversation alone */
	start_next();
	if (++phones.n_signed_in == phones.config.n)
		phones.on_ready();
}

/* What a sign-in needs from an answer. */
static void learn(struct phone *p, struct json_object *body)
{
	if (p->step == TOKEN) {
		mem_set_string(&p->token, get_string(body, "access_token"));
		if (!p->token)
			errx(1, "an answer without access_token");
	} else if (p->step == APPLICATION) {
		mem_set_string(&p->application, link_of(body, "self"));
		mem_set_string(&p->next, link_of(body, "events"));
		if (!p->application || !p->next)
			errx(1, "an application without the links self and events");
	}
}

static int status_of(const struct wire_message *m)
{
	const char *space = strchr(m->head, ' ');

	return space ? (int)strtol(space, NULL, 10) : 0;
}

static void on_command(void *magic, struct conn *c, const struct wire_message *m)
{
	struct phone *p = magic;
	struct json_object *body;

	(void)c;
	if (status_of(m) / 100 != 2) {
		phones.count.failed++;
		warnx("phone %lu, step %d: %.*s %s", p->index, (int)p->step,
		      (int)strcspn(m->head, "\r\n"), m->head, m->body);
		if (p->step != SIGNED_IN)
			errx(1, "cannot sign in");
		return;
	}
	if (p->step == SIGNED_IN)
		return;
	body = json_tokener_parse(m->body);
	learn(p, body);
	json_object_put(body);
	p->step++;
	if (p->step == SIGNED_IN)
		signed_in(p);
	else
		sign_in_step(p);
}

void phones_start(const struct phones_config *config, void (*on_ready)(void))
{
	phones.config = *config;
	phones.on_ready = on_ready;
	phones.all = mem_zalloc(config->n * sizeof(struct phone));
	for (unsigned long i = 0; i < config->n; i++)
		phones.all[i].index = i;
	for (int i = 0; i < N_SIGNING_IN; i++)
		start_next();
}

/* ---- events ---- */

static void on_invitation(struct phone *p, struct json_object *event)
{
	const char *accept = link_of(get(get(event, "_embedded"), "messagingInvitation"), "accept");

	if (!accept)
		return;
	command(p, "POST", accept, NULL, NULL);
	p->n_live++;
	phones.count.accepted++;
}

/* A message's path ends in its number; new messages are posted to the part before it. */
static void on_message(struct phone *p, struct json_object *event)
{
	struct json_object *message = get(get(event, "_embedded"), "message");
	const char *direction = get_string(message, "direction");
	const char *self = link_of(message, "self");
	const char *slash = self ? strrchr(self, '/') : NULL;
	CLEANUP(mem_free_string) char *path = NULL;

	if (!slash || !direction || strcmp(direction, "Incoming") != 0)
		return;
	path = mem_memdup(self, (size_t)(slash - self));
	command(p, "POST", path, "text/plain", "Hi Alice");
	phones.count.answered++;
}

static void on_event(struct phone *p, struct json_object *event)
{
	const char *rel = get_string(get(event, "link"), "rel");
	const char *type = get_string(event, "type");

	if (!rel || !type)
		return;
	if (!strcmp(rel, "messagingInvitation") && !strcmp(type, "started")) {
		on_invitation(p, event);
	} else if (!strcmp(rel, "message") && !strcmp(type, "completed")) {
		on_message(p, event);
	} else if (!strcmp(rel, "conversation") && !strcmp(type, "deleted")) {
		p->n_live -= p->n_live > 0;
		phones.count.ended++;
	}
}

static void on_packet(struct phone *p, struct json_object *packet)
{
	struct json_object *senders = get(packet, "sender");
	size_t n_senders = senders ? json_object_array_length(senders) : 0;

	mem_set_string(&p->next, link_of(packet, "next"));
	for (size_t i = 0; i < n_senders; i++) {
		struct json_object *events = get(json_object_array_get_idx(senders, i), "events");
		size_t n_events = events ? json_object_array_length(events) : 0;

		for (size_t k = 0; k < n_events; k++)
			on_event(p, json_object_array_get_idx(events, k));
	}
}

static void on_events(void *magic, struct conn *c, const struct wire_message *m)
{
	struct phone *p = magic;
	struct json_object *packet = NULL;

	(void)c;
	p->polling = false;
	if (status_of(m) == 200)
		packet = json_tokener_parse(m->body);
	if (!link_of(packet, "next")) {
		phones.count.failed++;
		warnx("phone %lu, events: %.*s %s", p->index, (int)strcspn(m->head, "\r\n"),
		      m->head, m->body);
		json_object_put(packet);
		return;
	}
	on_packet(p, packet);
	json_object_put(packet);
	if (p->n_live > 0)
		poll_events(p);
}

/* ---- pushes ---- */

static void come_back(void *magic)
{
	struct phone *p = magic;

	if (!p->polling)
		poll_events(p);
}

void phone_push(unsigned long index)
{
	if (index >= phones.config.n)
		errx(1, "a push for phone %lu", index);
	wire_later(come_back, &phones.all[index]);
}

const struct phones_count *phones_count(void)
{
	return &phones.count;
}
