/*
 * Clearing house: inside
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/sip/ident.h"
#include "web/http/client.h"

#define CLEARING_HOUSE_SERVER "RTCC/4.0.0.0 PnchApplication"

enum {
	CLEARING_HOUSE_ACCEPTED,
	CLEARING_HOUSE_SYNTHETIC,
	CLEARING_HOUSE_REFUSED,
	CLEARING_HOUSE_BAD,
	CLEARING_HOUSE_FAILED,
	CLEARING_HOUSE_LIMITED,
	CLEARING_HOUSE_PENDING,
	N_CLEARING_HOUSE_METRICS
};

struct clearing_house {
	struct loop *loop;
	struct journal *journal;
	const struct clearing_house_config *config;
	struct agent *agent;
	struct http_client *http;
	struct uri address;
	struct idtab *pushes;
	struct budget pending;
	struct metric metrics[N_CLEARING_HOUSE_METRICS];
};

enum push_step { PUSH_NOTIFY, PUSH_TILE };

/** A notification on its way to a push service. */
struct notification {
	struct clearing_house *clearing_house;
	uint64_t id;
	nta_incoming_t *irq; /* NULL once it is answered */
	struct push_body body;
	char *user;     /* AoR of the phone's owner, NULL when it is not known */
	char *sip_key;  /* "sip:<Call-ID>" */
	char *mpns_key; /* "mpns:<X-MessageID>" */
	enum push_step step;
	uint64_t exchange; /* the HTTP request under way */
};

/** Everything about a request that is looked at before it is taken. */
struct clearing_house_request {
	const sip_t *sip;
	struct mcx_user from; /* aor "" for a synthetic one from elsewhere */
	struct push_body body;
};

/* ---- clearing_house.c ---- */

/** Answer with a diagnostic, and further header lines (may be NULL); destroys the transaction. */
void clearing_house_answer(struct clearing_house *p, nta_incoming_t *irq, const struct diag *d,
			   const char *headers);

/* ---- check.c ---- */

/** Check a request and decode its body. Returns true, or false with the diagnostic and further
 * header lines (static, or NULL) for the answer; *ret is empty then. */
bool clearing_house_check(const struct clearing_house *p, const sip_t *sip,
			  struct clearing_house_request *ret, struct diag *ret_diag,
			  const char **ret_headers);
void clearing_house_request_deinit(struct clearing_house_request *r);

/** Whether a notification URI is of the plain form http(s)://host[:port]/… and names a host that
 * the list allows. NULL, or what is wrong with it (static). */
const char *clearing_house_check_uri(const char *uri, const char *allow_hosts);

/* ---- notification.c ---- */

/** Hand a checked notification to its push service. Takes over irq and the request's contents. */
void notification_start(struct clearing_house *p, nta_incoming_t *irq,
			struct clearing_house_request *r);
void notification_free(struct notification *push);

/* ---- form.c ---- */

/** The toast and the tile of a notification, as MPNS documents of 3072 bytes at most. */
void clearing_house_toast(struct text *out, const struct push_body *b, int64_t max_preview_bytes);
void clearing_house_tile(struct text *out, const struct push_body *b);

/** The same as a JSON object, for webhooks. */
void clearing_house_webhook(struct text *out, const struct push_body *b);
