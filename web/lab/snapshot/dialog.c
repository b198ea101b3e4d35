/*
 * Lab API: the conversation of a hosted desktop in a snapshot
 */
#include "mcxd/sim/dialog.h"

#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/json.h"
#include "web/lab/snapshot/private.h"

enum {
	PEER,
	NAME,
	CALL_ID,
	LOCAL,
	REMOTE,
	TARGET,
	N_TEXTS,
	LOCAL_CSEQ = N_TEXTS,
	REMOTE_CSEQ,
	N_MEMBERS
};

static const struct lab_member dialog_members[N_MEMBERS] = {
	[PEER] = { "peer", json_type_string, true },
	[NAME] = { "name", json_type_string, true },
	[CALL_ID] = { "callId", json_type_string, true },
	[LOCAL] = { "local", json_type_string, true },
	[REMOTE] = { "remote", json_type_string, true },
	[TARGET] = { "target", json_type_string, false, .nullable = true },
	[LOCAL_CSEQ] = { "localCSeq", json_type_int, true },
	[REMOTE_CSEQ] = { "remoteCSeq", json_type_int, true },
};

static char **text_of(struct sim_dialog *d, int member)
{
	char **const texts[N_TEXTS] = {
		[PEER] = &d->peer,   [NAME] = &d->name,     [CALL_ID] = &d->call_id,
		[LOCAL] = &d->local, [REMOTE] = &d->remote, [TARGET] = &d->target,
	};

	return texts[member];
}

struct json_object *snapshot_dialog_json(struct sim_dialog *d)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < N_TEXTS; i++)
		json_out_string(o, dialog_members[i].name, *text_of(d, i));
	json_out_int(o, dialog_members[LOCAL_CSEQ].name, d->local_cseq);
	json_out_int(o, dialog_members[REMOTE_CSEQ].name, d->remote_cseq);
	return o;
}

static bool read_number(const struct lab_member *m, uint32_t *ret, struct text *why)
{
	int64_t n;

	if (!snapshot_read_number(m->value, 0, INT32_MAX, &n)) {
		text_addf(why, "dialog: \"%s\" must be from 0 to 2147483647.", m->name);
		return false;
	}
	*ret = (uint32_t)n;
	return true;
}

static bool read_texts(const struct lab_member *m, struct sim_dialog *ret, struct text *why)
{
	for (int i = 0; i < N_TEXTS; i++) {
		if (m[i].value && !snapshot_is_name(m[i].value)) {
			text_addf(why, "dialog: \"%s\" must be a line of at most 64k.", m[i].name);
			return false;
		}
		mem_set_string(text_of(ret, i), lab_member_string(&m[i]));
	}
	if (sim_dialog_is_sound(ret))
		return true;
	text_add(why, "dialog: This cannot be a SIP dialog.");
	return false;
}

bool snapshot_dialog_read(struct json_object *o, struct sim_dialog *ret, struct text *why)
{
	struct lab_member m[N_MEMBERS];

	memcpy(m, dialog_members, sizeof(m));
	return lab_take_members(o, m, N_MEMBERS, why) && read_texts(m, ret, why) &&
	       read_number(&m[LOCAL_CSEQ], &ret->local_cseq, why) &&
	       read_number(&m[REMOTE_CSEQ], &ret->remote_cseq, why);
}
