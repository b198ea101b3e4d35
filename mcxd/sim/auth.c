/*
 * Authentication of a simulated desktop
 */
#include "mcxd/sim/auth.h"

#include "mcxd/base/random.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/digest.h"
#include "proto/auth/params.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/url.h>

enum { CNONCE_BYTES = 8 };

void sim_auth_init(struct sim_auth *a, const char *user, const char *password)
{
	*a = (struct sim_auth){ .user = user, .password = password };
	if (password)
		a->maker = digest_maker_new();
}

void sim_auth_deinit(struct sim_auth *a)
{
	digest_session_deinit(&a->session);
	digest_maker_free(a->maker);
	*a = (struct sim_auth){ 0 };
}

static bool take_one(struct sim_auth *a, const void *header)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	CLEANUP(auth_params_deinit) struct auth_params p = { 0 };
	bool was_shown = a->session.nc > 0;
	struct digest_session session = { 0 };
	const char *why;

	agent_add_field(&value, header);
	if (auth_params_decode(text_str(&value), value.n, &p, &why) < 0 ||
	    digest_session_take(&session, &p, &why) < 0)
		return false;
	if (was_shown && !session.stale) {
		digest_session_deinit(&session);
		return false;
	}
	digest_session_deinit(&a->session);
	a->session = session;
	return true;
}

bool sim_auth_take(struct sim_auth *a, const sip_t *sip)
{
	int status = sip && sip->sip_status ? sip->sip_status->st_status : 0;
	const sip_www_authenticate_t *m;

	if (!a->password || (status != 401 && status != 407))
		return false;
	a->is_proxys = status == 407;
	m = a->is_proxys ? sip->sip_proxy_authenticate : sip->sip_www_authenticate;
	for (; m; m = m->au_next)
		if (take_one(a, m))
			return true;
	return false;
}

bool sim_auth_signs(const struct sim_auth *a, const sip_t *sip)
{
	return a->session.nonce && sip->sip_request;
}

void sim_auth_sign(struct sim_auth *a, const sip_t *sip, struct text *ret_lines)
{
	char uri[URI_MAX_BYTES], cnonce[2 * CNONCE_BYTES + 1];

	if (url_e(uri, sizeof(uri), sip->sip_request->rq_url) >= (issize_t)sizeof(uri))
		return;
	random_hex(CNONCE_BYTES, cnonce);
	text_add_all(ret_lines, a->is_proxys ? "Proxy-Authorization" : "Authorization", ": ");
	digest_session_answer(ret_lines, &a->session, a->maker,
			      &(struct digest_request){
				      .username = a->user,
				      .password = a->password,
				      .method = sip->sip_request->rq_method_name,
				      .uri = uri,
				      .cnonce = cnonce,
			      });
	text_add(ret_lines, "\r\n");
}
