/*
 * UCWA request bodies: the first byte says which. A refusal has a sentence; the strings of an accepted body can
 * go into a header line.
 */
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/batch.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/watch_body.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const char *s)
{
	for (; s && *s; s++)
		assert((unsigned char)*s >= 0x20 && *s != 0x7F);
}

static void check_problem(int err, const struct ucwa_problem *p)
{
	assert(!err || (*p->message && diag_row(p->code)->http_status >= 400));
}

static int application(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_application a;
	int err = ucwa_application_decode(p, n, &a, problem);

	assert(err || (a.user_agent && a.endpoint_id && a.culture));
	check_string(a.user_agent);
	check_string(a.endpoint_id);
	ucwa_application_deinit(&a);
	return err;
}

static int subscription(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_subscription s;
	int err = ucwa_subscription_decode(p, n, &s, problem);

	assert(err || (s.platform && !s.notification_uri == !!s.device_token));
	check_string(s.notification_uri);
	check_string(s.phone_name);
	ucwa_subscription_deinit(&s);
	return err;
}

static int available(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_available a;
	int err = ucwa_available_decode(p, n, &a, problem);

	ucwa_available_deinit(&a);
	return err;
}

static int watch(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_watch_body b;
	int err = ucwa_watch_body_decode(p, n, &b, problem);

	for (size_t i = 0; i < b.n_uris; i++)
		assert(b.uris[i]);
	assert(!err || (!b.n_uris && !b.uris));
	ucwa_watch_body_deinit(&b);
	return err;
}

static int status(const void *p, size_t n, struct ucwa_problem *problem)
{
	static const char *const names[] = { "availability", "message", "location" };
	struct ucwa_status s;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !err; i++) {
		err = ucwa_status_decode(p, n, names[i], &s, problem);
		check_string(s.message);
		ucwa_status_deinit(&s);
	}
	return err;
}

static int decline(const void *p, size_t n, struct ucwa_problem *problem)
{
	bool here;

	return ucwa_decline_decode(p, n, &here, problem);
}

static int start(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_start s;
	int err = ucwa_start_decode(p, n, &s, problem);

	assert(err || !s.text == !s.text_type || !s.text);
	check_string(s.operation_id);
	check_string(s.subject);
	check_string(s.thread_id);
	ucwa_start_deinit(&s);
	return err;
}

static int batch(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_batch_request r;
	const char *why = NULL;
	int err = ucwa_batch_request_decode(p, n, &r, &why);

	assert(!err == !why);
	assert(err || (r.body >= r.text && r.body + r.n_body <= r.text + n));
	for (size_t i = 0; i < r.n_fields; i++)
		check_string(r.fields[i].value);
	ucwa_batch_request_deinit(&r);
	if (err) {
		problem->code = DIAG_BAD_REQUEST;
		snprintf(problem->message, sizeof(problem->message), "%s", why);
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const decoders[])(const void *p, size_t n, struct ucwa_problem *problem) = {
		application, subscription, available,           status, decline, start,
		watch,       batch,        ucwa_network_decode,
	};
	struct ucwa_problem problem = { 0 };

	if (!size)
		return 0;
	check_problem(decoders[*data % ARRAY_SIZE(decoders)](data + 1, size - 1, &problem),
		      &problem);
	return 0;
}
