/*
 * Users of a fleet
 */
#include "mcxd/tools/mcxsim/fleet_users.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "mcxd/sim/fleet/fleet.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N_AT_ONCE = 16, TIMEOUT_MS = 30000 };

struct fleet_users {
	struct loop *loop;
	struct http_client *http; /* NULL: they were given */
	struct sim_fleet_user *all;
	size_t n, n_added;
	size_t n_next, n_open; /* of what is being done */
	bool removing;
	char *problem;
	uint64_t post;
	fleet_users_h *on_done;
	void *magic;
};

static struct fleet_users *make(size_t n)
{
	struct fleet_users *u = MEM_NEW(struct fleet_users);

	u->n = n;
	u->all = mem_zalloc(n * sizeof(*u->all));
	return u;
}

struct fleet_users *fleet_users_given(const char *pattern, const char *password, size_t n)
{
	struct fleet_users *u = make(n);
	int before = (int)strcspn(pattern, "%");

	for (size_t i = 0; i < n; i++) {
		u->all[i].aor = text_format("%.*s%zu%s", before, pattern, i, pattern + before + 1);
		u->all[i].password = mem_strdup(password);
	}
	return u;
}

struct fleet_users *fleet_users_new(struct loop *l, const char *lab_socket, size_t n)
{
	struct fleet_users *u = make(n);
	char uuid[RANDOM_UUID_SIZE];

	random_uuid(uuid);
	u->loop = l;
	u->http = http_client_new(l, &(struct http_client_config){ .unix_socket = lab_socket });
	for (size_t i = 0; i < n; i++) {
		u->all[i].aor = text_format("fleet-%.8s-%zu@lab.test", uuid, i);
		u->all[i].password = mem_strdup(uuid);
	}
	return u;
}

struct fleet_users *fleet_users_free(struct fleet_users *u)
{
	if (!u)
		return NULL;
	if (u->post)
		loop_unpost(u->loop, u->post);
	http_client_free(u->http);
	for (size_t i = 0; i < u->n; i++) {
		free(mem_no_const(u->all[i].aor));
		free(mem_no_const(u->all[i].password));
	}
	free(u->problem);
	free(u->all);
	free(u);
	return NULL;
}

const struct sim_fleet_user *fleet_users_all(const struct fleet_users *u)
{
	return u->all;
}

/* ---- adding and removing ---- */

static void go_on(struct fleet_users *u);

static void note_problem(struct fleet_users *u, const struct http_result *r)
{
	struct json_object *body = json_tokener_parse(r->n_body ? r->body : "");
	const char *message = json_in_string(body, "message");

	if (!u->problem)
		u->problem = text_format("the lab answers %d: %s", r->status,
					 message     ? message
					 : r->status ? "no reason given"
						     : r->error);
	json_object_put(body);
}

static void on_answer(void *magic, const struct http_result *r)
{
	struct fleet_users *u = magic;

	u->n_open--;
	if (r->status != (u->removing ? 204 : 201))
		note_problem(u, r);
	else if (!u->removing)
		u->n_added++;
	go_on(u);
}

static void send(struct fleet_users *u, const char *method, const char *path, const char *body)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	CLEANUP(mem_free_string) char *url = text_concat("http://lab", path);

	u->n_open++;
	http_client_send(u->http,
			 &(struct http_exchange){ .method = method,
						  .url = url,
						  .headers = headers,
						  .body = body,
						  .n_body = body ? strlen(body) : 0,
						  .timeout_ms = TIMEOUT_MS },
			 NULL, on_answer, u);
}

static void add(struct fleet_users *u, const struct sim_fleet_user *user)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "aor", user->aor);
	json_out_string(o, "password", user->password);
	send(u, "POST", "/lab/v1/users", json_object_to_json_string(o));
	json_object_put(o);
}

static void take_away(struct fleet_users *u, const struct sim_fleet_user *user)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;

	text_add(&path, "/lab/v1/users/");
	percent_add_segment(&path, user->aor);
	send(u, "DELETE", text_str(&path), NULL);
}

static void on_post(void *magic)
{
	struct fleet_users *u = magic;

	u->post = 0;
	u->on_done(u->magic, u->problem);
}

static void go_on(struct fleet_users *u)
{
	/* They are added in order, so that those to remove are the first. */
	size_t end = u->removing ? u->n_added : u->problem ? 0 : u->n;

	while (u->n_next < end && u->n_open < N_AT_ONCE) {
		const struct sim_fleet_user *user = &u->all[u->n_next++];

		if (u->removing)
			take_away(u, user);
		else
			add(u, user);
	}
	if (u->n_open == 0 && u->n_next >= end)
		on_post(u);
}

void fleet_users_add(struct fleet_users *u, fleet_users_h *on_done, void *magic)
{
	u->on_done = on_done;
	u->magic = magic;
	if (u->http)
		go_on(u);
	else
		on_post(u);
}

void fleet_users_remove(struct fleet_users *u, fleet_users_h *on_done, void *magic)
{
	u->on_done = on_done;
	u->magic = magic;
	u->removing = true;
	u->n_next = 0;
	if (u->http)
		go_on(u);
	else
		on_post(u);
}
