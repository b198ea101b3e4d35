/*
 * SIP adapter, private part
 *
 * Grouped by the .c file that defines it.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/front_end/front_end.h"
#include "proto/diag.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"
#include "proto/sip/uri.h"

enum front_end_metric {
	SIP_REFUSED,
	SIP_DIALOGS,
	SIP_LOST_ACKS,
	SIP_PUSHES_UNANSWERED,
	SIP_UNEXPECTED,
	N_FRONT_END_METRICS
};

struct front_end {
	struct loop *loop;
	struct journal *journal;
	struct core *core;
	const struct front_end_config *config;
	struct agent *agent;
	struct fsm_env fsm_env;
	char push_aor[URI_MAX_AOR + 1];
	struct list legs;          /* struct sip_leg.of_sip */
	struct list registrations; /* under way */
	struct list pushes;        /* under way */
	struct list byes;          /* that there is a second way for */
	uint64_t last_leg;         /* number of the newest, for log lines */
	unsigned push_cseq;        /* counts on over all pushes, as MCX's does */
	struct metric metrics[N_FRONT_END_METRICS];
};

/* ---- words.c: words of the messages that sofia has parsed ---- */

#define SIP_ALLOW "INVITE,ACK,CANCEL,BYE,MESSAGE,INFO,UPDATE,OPTIONS,REGISTER"

/** The address of record of a URL. Returns 0 or -EINVAL. */
int sip_url_aor(const url_t *url, char ret[URI_MAX_AOR + 1]);

/** A header field as text; free() it. NULL for NULL. */
char *sip_field_text(const void *header);

/** Bounded copy of a text from outside for core: NULL for NULL, for "", and for what has control
 *  characters or is longer than max bytes. free() it. */
char *sip_clean_copy(const char *s, size_t max);

/** What an answer repeats of its request, kept for as long as there may be one. */
struct sip_echo {
	char *from, *to, *call_id, *cseq, *vias, *record_routes;
};
/** Returns 0, or -EINVAL with a static sentence when no answer could be made of it; e is to be deinitialized
 *  in either case. */
int sip_echo_init(struct sip_echo *e, const sip_t *sip, const char **ret_why);
void sip_echo_deinit(struct sip_echo *e);
/** The same for the builders of proto; lists need room for one value each. */
void sip_echo_request(const struct sip_echo *e, const char *vias[1], const char *routes[1],
		      struct sip_request_echo *ret);

/** Start an answer with what it repeats, and a To tag (";tag=…" and more). */
void sip_start_answer(struct sip_text *m, int status, const struct sip_echo *e,
		      const char *to_params);

/** Refuse a request that core never hears of. info and headers may be NULL. Destroys the
 *  transaction. */
void sip_refuse(struct front_end *s, nta_incoming_t *irq, enum diag_code code, const char *info,
		const char *headers);

/** Append our own contact, "sip:user@127.0.0.1:5060;transport=tcp", and tell host and port. */
void sip_add_own_uri(const struct front_end *s, struct text *out, const char *aor, bool udp);
void sip_own_address(const struct front_end *s, bool udp, char host[64], unsigned *ret_port);

/** A record that ties two stories. */
void sip_link(struct front_end *s, const char *key, const char *call_id, const char *summary);

/* ---- session.c ---- */

/** Decode the session that a message describes. Returns DIAG_SUCCESS, or why it is none of instant messages,
 *  with a static sentence in *ret_why. */
enum diag_code sip_session_decode(const sip_t *sip, struct sdp_im *ret, const char **ret_why);

/** Append the description of a session of ours; its address and port are filled in. As sdp_im_encode(). */
int sip_session_encode(const struct front_end *s, bool udp, struct sdp_im_session *session,
		       struct text *out);
