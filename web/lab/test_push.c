/*
 * Lab API: the synthetic push transaction
 *
 * Test-CsMcxPushNotification of Lync Server 2010: sends a push MESSAGE that addresses no phone, or, as the cmdlet cannot, a
 * phone of a user, and reports the outcome in the cmdlet's words.
 */
#include "mcxd/base/list.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

#define REJECTED       "Push Notification request was rejected."
#define STATUS_SUCCESS 200

struct test_push {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked;
	char *target;
	bool is_to_phone;
};

/* What Success says nothing of. */
#define BEYOND_CLEARING_HOUSE                                                                      \
	"The clearing house has answered; no phone was addressed. Success does not cover "         \
	"policies, the phone's subscription and its "                                              \
	"channel, the push service, and whether the app is in the background (mcxctl explain "     \
	"USER, mcxctl test-push --user USER)."
#define BEYOND_PUSH_SERVICE                                                                        \
	"The push service has taken the notification for the phone. Success does not cover "       \
	"whether the phone is connected and "                                                      \
	"shows it, and whether an invitation is pushed at all, which depends on the app being in " \
	"the background (mcxctl explain USER)."

static void test_push_free(struct test_push *t)
{
	list_remove(&t->of_lab);
	t->lab->n_waiting--;
	free(t->target);
	free(t);
}

static void on_gone(void *magic, uint64_t id)
{
	struct test_push *t = magic;

	(void)id;
	push_test_withdraw(t->lab->core, t);
	test_push_free(t);
}

static void add_failure(struct json_object *o, const struct push *p)
{
	CLEANUP(mem_free_string) char *error = NULL;
	CLEANUP(mem_free_string) char *diagnosis = NULL;

	if (!p->sip_status)
		error = mem_strdup("No response was received from the network.");
	else if (p->sip_status >= 500)
		error = text_format("A %d (%s) response was received from the network and the "
				    "operation failed.",
				    p->sip_status, diag_lync_phrase(p->sip_status));
	else
		error = mem_strdup(REJECTED);
	json_out_string(o, "error", error);
	if (p->diag_id)
		diagnosis = text_format("ErrorCode=%d, Reason=%s", p->diag_id,
					p->reason ? p->reason : "");
	json_out_string(o, "diagnosis", diagnosis ? diagnosis : p->reason);
}

static void on_done(void *magic, const struct push *p)
{
	struct test_push *t = magic;
	struct http_request *r = http_parked(t->lab->http, t->parked);
	enum diag_code wanted = t->is_to_phone ? DIAG_SUCCESS : DIAG_SYNTHETIC_SUCCESS;
	bool success = p->sip_status == STATUS_SUCCESS && p->diag_id == diag_row(wanted)->id;
	struct json_object *o;

	if (r) {
		o = json_object_new_object();
		json_out_string(o, "targetFqdn", t->target);
		json_out_string(o, "result", success ? "Success" : "Failure");
		json_out_int(o, "latencyUs", p->answered_us ? p->answered_us - p->sent_us : 0);
		json_out_string(o, "error", NULL);
		json_out_string(o, "diagnosis",
				t->is_to_phone ? BEYOND_PUSH_SERVICE : BEYOND_CLEARING_HOUSE);
		if (!success)
			add_failure(o, p);
		if (p->sip_status)
			json_out_int(o, "status", p->sip_status);
		json_out_int(o, "push", (int64_t)p->id);
		http_answer_json(r, 200, NULL, o);
	}
	test_push_free(t);
}

/* The SIP URI of an Edge, and its name or address with its port, for free(); false: it is none. A name or an address alone
 * goes by the transport that pushes go by. */
static bool read_edge(struct lab *l, const char *edge, char **ret_next_hop, char **ret_target)
{
	const char *usual = lab_get_info(l).push_next_hop;
	char transport[URI_MAX_TRANSPORT + 1] = "tls";
	struct uri u;

	if (uri_is_host_port(edge)) {
		if (usual && uri_decode(usual, strlen(usual), &u, NULL) >= 0)
			uri_transport(&u, "tcp", transport);
		*ret_next_hop = text_concat("sip:", edge, ";transport=", transport);
		*ret_target = mem_strdup(edge);
		return true;
	}
	if (uri_decode(edge, strlen(edge), &u, NULL) < 0)
		return false;
	*ret_next_hop = mem_strdup(edge);
	*ret_target = u.port ? text_format("%s:%u", u.host, u.port) : mem_strdup(u.host);
	return true;
}

/* A phone of this user that can be pushed; NULL: there is none, and the request has been answered. */
static struct phone *find_phone(struct core *c, const char *aor, struct http_request *r)
{
	const struct user *u = lab_meet(c, aor);
	const char *obstacle = "No phone of this user is signed in";

	if (!u) {
		lab_error(r, 404, "%s is not a user of this server.", aor);
		return NULL;
	}
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		obstacle = push_obstacle(p);
		if (!obstacle)
			return p;
	}
	lab_error(r, 409, "%s.", obstacle);
	return NULL;
}

enum { EDGE, USER, N_MEMBERS };

static void test(struct lab *l, struct http_request *r, const struct lab_member *m)
{
	CLEANUP(mem_free_string) char *next_hop = NULL;
	const char *aor = lab_member_string(&m[USER]);
	char *target = NULL;
	struct phone *p;
	struct test_push *t;

	if (m[EDGE].value && !read_edge(l, lab_member_string(&m[EDGE]), &next_hop, &target)) {
		lab_error(r, 400,
			  "\"edge\" must be a name or an address, with or without a port, or a SIP "
			  "URI.");
		return;
	}
	p = aor ? find_phone(l->core, aor, r) : NULL;
	if (aor && !p) {
		free(target);
		return;
	}
	t = MEM_NEW(struct test_push);
	t->lab = l;
	t->is_to_phone = p;
	t->target = target ? target : mem_strdup(lab_get_info(l).push_target);
	list_append(&l->test_pushes, &t->of_lab);
	l->n_waiting++;
	t->parked = http_park(r, on_gone, t);
	push_test(l->core, p, p ? delivery_count_tile(p) : 0, next_hop, on_done, t);
}

void lab_post_test_push(void *magic, struct http_request *r)
{
	struct lab_member m[N_MEMBERS] = { [EDGE] = { "edge", json_type_string, false },
					   [USER] = { "user", json_type_string, false } };
	struct lab *l = magic;
	struct json_object *body =
		lab_core(l, r) && lab_may_wait(l, r) ? lab_body(r, m, N_MEMBERS) : NULL;

	if (body)
		test(l, r, m);
	json_object_put(body);
}

void lab_test_pushes_free(struct lab *l)
{
	list_for_each_safe (node, &l->test_pushes) {
		struct test_push *t = LIST_ENTRY(node, struct test_push, of_lab);

		lab_answer_ending(l, t->parked);
		push_test_withdraw(l->core, t);
		test_push_free(t);
	}
}
