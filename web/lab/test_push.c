/*
 * Lab API: the synthetic push transaction
 *
 * Test-CsMcxPushNotification of Lync Server 2010: sends a push MESSAGE that addresses no phone and reports
 * the outcome in the cmdlet's words.
 */
#include "mcxd/base/list.h"
#include "mcxd/core/push.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#define REJECTED       "Push Notification request was rejected."
#define STATUS_SUCCESS 200

struct test_push {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked;
	char *target;
};

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
	bool success = p->sip_status == STATUS_SUCCESS &&
		       p->diag_id == diag_row(DIAG_SYNTHETIC_SUCCESS)->id;
	struct json_object *o;

	if (r) {
		o = json_object_new_object();
		json_out_string(o, "targetFqdn", t->target);
		json_out_string(o, "result", success ? "Success" : "Failure");
		json_out_int(o, "latencyUs", p->answered_us ? p->answered_us - p->sent_us : 0);
		json_out_string(o, "error", NULL);
		json_out_string(o, "diagnosis", NULL);
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

void lab_post_test_push(void *magic, struct http_request *r)
{
	struct lab_member edge = { "edge", json_type_string, false };
	CLEANUP(mem_free_string) char *next_hop = NULL;
	char *target = NULL;
	struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct json_object *body;
	struct test_push *t;

	if (!c || !lab_may_wait(l, r))
		return;
	body = lab_body(r, &edge, 1);
	if (!body)
		return;
	if (edge.value && !read_edge(l, lab_member_string(&edge), &next_hop, &target)) {
		lab_error(r, 400,
			  "\"edge\" must be a name or an address, with or without a port, or a SIP "
			  "URI.");
		json_object_put(body);
		return;
	}
	t = MEM_NEW(struct test_push);
	t->lab = l;
	t->target = target ? target : mem_strdup(lab_get_info(l).push_target);
	json_object_put(body);
	list_append(&l->test_pushes, &t->of_lab);
	l->n_waiting++;
	t->parked = http_park(r, on_gone, t);
	push_test(c, next_hop, on_done, t);
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
