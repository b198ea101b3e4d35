/*
 * State: device tokens that have been
 */
#include "mcxd/push_service/state_ended.h"

#include "mcxd/push_service/ended.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/state_member.h"
#include "proto/push/apns.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { GONE = 410 };

static const struct state_member members[] = {
	{ "token", json_type_string, false, 0, 0 },
	{ "ended", json_type_string, false, 0, 0 },
	{ "atUs", json_type_int, false, -1000 * STATE_MAX_MS, 0 },
};

struct writing {
	struct json_object *list;
	int64_t moment_us;
};

static void write_one(void *magic, const char *token, enum apns_reason reason, int64_t wall_ms)
{
	const struct writing *w = magic;
	struct json_object *o = json_object_new_object();

	json_out_string(o, "token", token);
	json_out_string(o, "ended", apns_reason_name(reason));
	json_out_int(o, "atUs", wall_ms * 1000 - w->moment_us);
	json_object_array_add(w->list, o);
}

void state_ended_write(const struct push_service *service, struct json_object *list,
		       int64_t moment_us)
{
	ended_each(service->ended, write_one, &(struct writing){ list, moment_us });
}

bool state_is_ended(struct json_object *o)
{
	return json_object_object_get_ex(o, "ended", NULL);
}

static enum apns_reason reason_of(struct json_object *o)
{
	return apns_reason_of(GONE, state_string(o, "ended"));
}

bool state_ended_check(struct json_object *o, struct text *why)
{
	if (!state_check_members(members, ARRAY_SIZE(members), o, why))
		return false;
	if (!apns_is_device_token(state_string(o, "token")) ||
	    strpbrk(state_string(o, "token"), "ABCDEF"))
		text_add(why, "\"token\" must be a device token in lower case.");
	else if (apns_reason_status(reason_of(o)) != GONE ||
		 strcmp(apns_reason_name(reason_of(o)), state_string(o, "ended")) != 0)
		text_add(why, "\"ended\" must be a reason of APNs for 410.");
	return !why->n;
}

void state_ended_load(struct push_service *service, struct json_object *o, int64_t moment_us)
{
	ended_add(service->ended, state_string(o, "token"), reason_of(o),
		  (moment_us + state_number(o, "atUs")) / 1000);
}
