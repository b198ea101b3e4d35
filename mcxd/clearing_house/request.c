/*
 * Clearing house: a request and its checks
 *
 * One function a check, in the order of their answers: method, peer, target, extensions, type, body, sender, phone.
 */
#include "mcxd/clearing_house/request.h"

#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/provider_token.h"
#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/push/apns.h"
#include "proto/push/body.h"
#include "proto/push/notification_uri.h"
#include "proto/sip/ident.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"
#include "web/http/client.h"

#include <string.h>
#include <strings.h>

/* An address, and a key or a certificate. */
static bool has_apns(const struct clearing_house *house)
{
	const struct clearing_house_apns *apns = &house->config->apns;

	return apns->url && *apns->url &&
	       (house->provider_token.key || (apns->cert_file && *apns->cert_file));
}

/* Fails a check; info, which is static, says what is wrong in particular. */
static bool fail(struct diag *ret, enum diag_code code, const char *info)
{
	*ret = diag_because(code, info);
	return false;
}

static bool check_method(const sip_t *sip, struct diag *ret, struct text *ret_headers)
{
	if (sip->sip_request->rq_method == sip_method_message)
		return true;
	text_add(ret_headers, "Allow: MESSAGE\r\n");
	return fail(ret, DIAG_BAD_METHOD, NULL);
}

/* Where certificates do not decide who may connect, addresses do. */
static bool check_peer(const struct clearing_house *house, nta_incoming_t *irq, struct diag *ret)
{
	struct address peer;

	if (house->config->proves_peers && !strcmp(agent_came_by(house->agent), "tls"))
		return true;
	if (agent_peer(irq, &peer) && prefixes_contain(house->peers, &peer))
		return true;
	return fail(ret, DIAG_PUSH_SENDER, "Its address is not in clearing_house.allow_peers");
}

static bool check_target(const struct clearing_house *house, const sip_t *sip, struct diag *ret)
{
	const url_t *url = sip->sip_request->rq_url;

	if (!url->url_user || !url->url_host || strcmp(url->url_user, house->address.user) != 0 ||
	    strcasecmp(url->url_host, house->address.host) != 0)
		return fail(ret, DIAG_PUSH_BAD_TARGET, NULL);
	return true;
}

/* RFC 3261 8.2.2.3 */
static bool check_extensions(const sip_t *sip, struct diag *ret, struct text *ret_headers)
{
	CLEANUP(text_deinit) struct text missing = TEXT_INIT;
	const char *const none = NULL;

	agent_add_unsupported(sip, &none, &missing);
	if (!missing.n)
		return true;
	text_add_all(ret_headers, "Unsupported: ", text_str(&missing), "\r\n");
	return fail(ret, DIAG_BAD_EXTENSION, NULL);
}

static bool check_type(const sip_t *sip, struct diag *ret, struct text *ret_headers)
{
	if (!sip->sip_content_type)
		return fail(ret, DIAG_PUSH_NO_HEADER, "There is no Content-Type");
	if (!strcasecmp(sip->sip_content_type->c_type, PUSH_BODY_CONTENT_TYPE))
		return true;
	text_add(ret_headers, "Accept: " PUSH_BODY_CONTENT_TYPE "\r\n");
	return fail(ret, DIAG_PUSH_BAD_TYPE, NULL);
}

/* What unpacks to a thousand times its size is not even looked at. */
static bool check_encoding(const sip_t *sip, struct diag *ret, struct text *ret_headers)
{
	const sip_content_encoding_t *e = sip->sip_content_encoding;
	size_t i = 0;

	while (e && e->k_items && e->k_items[i] && !strcasecmp(e->k_items[i], "identity"))
		i++;
	if (!e || !e->k_items || !e->k_items[i])
		return true;
	text_add(ret_headers, "Accept-Encoding: identity\r\n");
	return fail(ret, DIAG_PUSH_BAD_TYPE, "The body is encoded");
}

static bool check_body(const struct clearing_house *house, const sip_t *sip,
		       struct clearing_house_request *r, struct diag *ret)
{
	const sip_payload_t *body = sip->sip_payload;
	const char *why;

	if (!body || body->pl_len == 0)
		return fail(ret, DIAG_PUSH_MALFORMED, "There is no body");
	if ((int64_t)body->pl_len > house->config->max_body_bytes)
		return fail(ret, DIAG_PUSH_TOO_LARGE, NULL);
	if (push_body_decode(body->pl_data, body->pl_len, &r->body, &why) < 0)
		return fail(ret, DIAG_PUSH_MALFORMED, why);
	return true;
}

static bool may_send(const char *domains, const char *domain)
{
	CLEANUP(words_free) char **words = words_split(domains ? domains : "");

	if (!*words)
		return true;
	for (char **word = words; domain && *word; word++)
		if (!strcasecmp(*word, domain))
			return true;
	return false;
}

/* A push comes from the phone's own identity, which carries its owner's address. A synthetic transaction
 * has no phone and may come from any address. */
static bool check_sender(const struct clearing_house *house, const sip_t *sip,
			 struct clearing_house_request *r, struct diag *ret)
{
	const char *level = agent_other_header(sip, "ms-asserted-verification-level");
	const url_t *url = sip->sip_from->a_url;
	CLEANUP(mem_free_string)
	char *from = text_format("sip:%s@%s", url->url_user ? url->url_user : "",
				 url->url_host ? url->url_host : "");
	int err = ident_mcx_user_decode(from, &r->from);

	if (err)
		r->from.aor[0] = '\0';
	if (!may_send(house->config->allow_senders, url->url_host))
		return fail(ret, DIAG_PUSH_SENDER,
			    "The domain of From is not in clearing_house.allow_senders");
	if (r->body.synthetic)
		return true;
	if (err)
		return fail(ret, DIAG_PUSH_NO_HEADER,
			    "From is not of the form sip:McxUser<32 hex digits>user@domain");
	if (!level)
		return fail(ret, DIAG_PUSH_NO_HEADER, "There is no ms-asserted-verification-level");
	if (strcasecmp(level, SIP_TEXT_VERIFIED) != 0)
		return fail(ret, DIAG_PUSH_UNVERIFIED, NULL);
	return true;
}

static bool check_notification_uri(const struct clearing_house *house, const char *s,
				   struct diag *ret)
{
	struct notification_uri uri;
	struct address address;
	const char *why;

	if (notification_uri_decode(s, &uri, &why) < 0)
		return fail(ret, DIAG_PUSH_REJECTED, why);
	if (!notification_uri_is_allowed(&uri, house->config->allow_hosts))
		return fail(ret, DIAG_PUSH_REJECTED,
			    "The host and port of the notification URI are not in "
			    "clearing_house.allow_hosts");
	if (!http_client_knows(house->http, s, &address))
		return fail(ret, DIAG_PUSH_REJECTED,
			    "The host of the notification URI is a name that is not in [hosts]");
	if (house->own.has && house->own.has(house->own.magic, &address))
		return fail(ret, DIAG_PUSH_REJECTED,
			    "The notification URI leads to a listener of mcxd's that is not its "
			    "push service");
	return true;
}

bool clearing_house_delivers(const struct clearing_house *house, const char *platform)
{
	if (!strcmp(platform, PUSH_PLATFORM_APPLE))
		return has_apns(house);
	return platform_of(platform) != NULL;
}

static bool check_device_token(const char *s, struct diag *ret)
{
	if (!s)
		return fail(ret, DIAG_PUSH_MALFORMED,
			    "This platform needs a deviceToken, not a notificationUri");
	if (!apns_is_device_token(s))
		return fail(ret, DIAG_PUSH_MALFORMED, "The deviceToken is not hex digits");
	return true;
}

static bool check_phone(const struct clearing_house *house, const struct push_body *b,
			struct diag *ret)
{
	if (b->synthetic)
		return true;
	if (!platform_of(b->platform))
		return fail(ret, DIAG_PUSH_BAD_PLATFORM, NULL);
	if (!clearing_house_delivers(house, b->platform))
		return fail(ret, DIAG_PUSH_NOT_CONFIGURED, NULL);
	if (!strcmp(b->platform, PUSH_PLATFORM_APPLE))
		return check_device_token(b->device_token, ret);
	if (!b->notification_uri)
		return fail(ret, DIAG_PUSH_MALFORMED,
			    "This platform needs a notificationUri, not a deviceToken");
	return check_notification_uri(house, b->notification_uri, ret);
}

void clearing_house_request_deinit(struct clearing_house_request *r)
{
	push_body_deinit(&r->body);
}

bool clearing_house_request_check(const struct clearing_house *house, nta_incoming_t *irq,
				  const sip_t *sip, struct clearing_house_request *ret,
				  struct diag *ret_diag, struct text *ret_headers)
{
	*ret = (struct clearing_house_request){ .sip = sip };
	if (!check_method(sip, ret_diag, ret_headers) || !check_peer(house, irq, ret_diag) ||
	    !check_target(house, sip, ret_diag) || !check_extensions(sip, ret_diag, ret_headers) ||
	    !check_type(sip, ret_diag, ret_headers) || !check_encoding(sip, ret_diag, ret_headers))
		return false;
	if (check_body(house, sip, ret, ret_diag) && check_sender(house, sip, ret, ret_diag) &&
	    check_phone(house, &ret->body, ret_diag))
		return true;
	clearing_house_request_deinit(ret);
	return false;
}
