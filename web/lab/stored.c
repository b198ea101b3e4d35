/*
 * Lab API: answers that wait for the store
 */
#include "web/lab/stored.h"

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

struct lab_stored {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked; /* 0: the client has gone */
	int status;
	lab_tell_h *tell; /* may be NULL */
	char *name;
};

bool lab_may_store(struct lab *l, struct http_request *r)
{
	if (!lab_core(l, r) || !lab_may_wait(l, r))
		return false;
	if (l->core->stopping) {
		lab_refuse_ending(r);
		return false;
	}
	if (!core_store_is_failing(l->core))
		return true;
	lab_error(r, 503, "The store cannot be written at the moment.");
	return false;
}

static void stored_free(struct lab_stored *s)
{
	list_remove(&s->of_lab);
	s->lab->n_waiting--;
	free(s->name);
	free(s);
}

/* The store will call all the same. */
static void on_gone(void *magic, uint64_t id)
{
	struct lab_stored *s = magic;

	(void)id;
	s->parked = 0;
}

static void answer(struct http_request *r, const struct lab_stored *s, int err)
{
	struct json_object *o = !err && s->tell ? s->tell(s->lab, s->name) : NULL;

	if (err)
		lab_error(r, 503, "This is done, but not in the store: it will be tried again.");
	else if (!s->tell)
		http_answer(r, 204, NULL, NULL, 0);
	else if (o)
		http_answer_json(r, s->status, NULL, o);
	else
		lab_error(r, 404, "%s has been removed meanwhile.", s->name);
}

static void on_stored(void *magic, int err)
{
	struct lab_stored *s = magic;
	struct http_request *r = s->parked ? http_parked(s->lab->http, s->parked) : NULL;

	if (r)
		answer(r, s, err);
	stored_free(s);
}

void lab_answer_stored(struct lab *l, struct http_request *r, int status, lab_tell_h *tell,
		       const char *name)
{
	struct lab_stored *s = MEM_NEW(struct lab_stored);

	*s = (struct lab_stored){
		.lab = l, .status = status, .tell = tell, .name = mem_strdup(name)
	};
	list_append(&l->stored, &s->of_lab);
	l->n_waiting++;
	s->parked = http_park(r, on_gone, s);
	core_sync(l->core, on_stored, s);
}

bool lab_is_idle(const struct lab *l)
{
	return !l || (list_empty(&l->stored) && !l->import);
}

void lab_stored_free(struct lab *l)
{
	list_for_each_safe (node, &l->stored) {
		struct lab_stored *s = LIST_ENTRY(node, struct lab_stored, of_lab);

		if (s->parked)
			lab_answer_ending(l, s->parked);
		stored_free(s);
	}
}
