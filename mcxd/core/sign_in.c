/*
 * Sign-in of a phone
 */
#include "mcxd/core/phone_private.h"

#include "mcxd/base/random.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "proto/sip/ident.h"

/* A sign-in that waits for the store. */
struct sign_in {
	struct list of_core;
	struct core *core;
	uint64_t post;     /* the call that ends it when there is nothing to store */
	uint64_t phone_id; /* 0: refused, with the result */
	bool is_new;
	enum phone_result result;
	phone_done_h *done;
	void *magic;
};

static void make_identity(struct phone *p)
{
	unsigned char opaque[16];
	char hex[33];

	random_hex(5, hex);
	p->epid = mem_strdup(hex);
	random_hex(16, hex);
	p->push_identity = mem_strdup(hex);
	p->gruu_token = mem_zalloc(IDENT_TOKEN_SIZE);
	do
		random_bytes(opaque, sizeof(opaque));
	while (!ident_gruu_token(opaque, p->gruu_token));
}

static void sign_in_free(struct sign_in *s)
{
	list_remove(&s->of_core);
	loop_unpost(s->core->loop, s->post);
	free(s);
}

void sign_ins_forget(struct core *c)
{
	list_for_each_safe (node, &c->sign_ins)
		sign_in_free(LIST_ENTRY(node, struct sign_in, of_core));
}

static void sign_in_end(void *magic)
{
	struct sign_in *s = magic;
	struct phone *p = phone_get(s->core, s->phone_id);

	if (s->result == PHONE_OK && !p)
		s->result = PHONE_NOT_FOUND; /* removed with its user meanwhile */
	s->post = 0;
	s->done(s->magic, s->result, s->phone_id, s->is_new);
	sign_in_free(s);
}

static void on_stored(void *magic, int err)
{
	struct sign_in *s = magic;
	struct phone *p = phone_get(s->core, s->phone_id);

	if (err) {
		s->result = PHONE_FULL;
		if (p)
			phone_sign_out(p);
	}
	sign_in_end(s);
}

static struct phone *find_endpoint(const struct user *u, const char *endpoint_id)
{
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		if (endpoint_id && !strcmp(p->endpoint_id, endpoint_id))
			return p;
	}
	return NULL;
}

static struct phone *sign_in_new(struct user *u, const struct phone_spec *spec)
{
	struct phone *p;
	char hex[33];

	random_hex(6, hex);
	p = phone_new(u, 0, hex);
	if (!p)
		return NULL;
	random_hex(16, hex);
	p->endpoint_id = mem_strdup(spec->endpoint_id ? spec->endpoint_id : hex);
	p->user_agent = mem_strdup(spec->user_agent);
	p->culture = mem_strdup(spec->culture);
	make_identity(p);
	phone_start_session(p);
	metric_inc(&u->core->metrics->sign_ins_total);
	note_add(u->core,
		 &(struct note){ .kind = "user",
				 .user = u->aor,
				 .key = p->fsm.key,
				 .fields = { { "action", "signed-in" },
					     { "phone", p->app_id },
					     { "agent", p->user_agent } } },
		 "%s signs in with %s", u->aor, p->user_agent ? p->user_agent : "a phone");
	return p;
}

void phone_sign_in(struct user *u, const struct phone_spec *spec, phone_done_h *done, void *magic)
{
	struct core *c = u->core;
	struct sign_in *s = MEM_NEW(struct sign_in);
	struct phone *p = find_endpoint(u, spec->endpoint_id);

	*s = (struct sign_in){ .core = c, .result = PHONE_OK, .done = done, .magic = magic };
	list_append(&c->sign_ins, &s->of_core);
	if (!u->policy.enable_mobility) {
		s->result = PHONE_FORBIDDEN;
	} else if (p) {
		phone_touch(p);
		s->phone_id = p->id;
	} else if ((p = sign_in_new(u, spec))) {
		s->phone_id = p->id;
		s->is_new = true;
		phone_store(p, on_stored, s);
		return;
	} else {
		s->result = PHONE_FULL;
	}
	s->post = loop_post(c->loop, sign_in_end, s);
}
