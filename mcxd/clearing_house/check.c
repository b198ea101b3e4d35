/*
 * Clearing house: what is checked before a notification is taken
 */
#include "mcxd/clearing_house/private.h"

#include "proto/text/chars.h"

#include <errno.h>
#include <strings.h>

/* Fails the check with a row of the table and what is wrong in particular. */
static bool fail(struct diag *ret, enum diag_code code, const char *info)
{
	*ret = diag_make(code);
	ret->info = info;
	return false;
}

static bool check_target(const struct clearing_house *p, const sip_t *sip, struct diag *ret)
{
	const url_t *url = sip->sip_request->rq_url;

	if (!url->url_user || !url->url_host || strcmp(url->url_user, p->address.user) != 0 ||
	    strcasecmp(url->url_host, p->address.host) != 0)
		return fail(ret, DIAG_PUSH_BAD_TARGET, NULL);
	return true;
}

static bool check_type(const sip_t *sip, struct diag *ret)
{
	if (!sip->sip_content_type)
		return fail(ret, DIAG_PUSH_NO_HEADER, "there is no Content-Type");
	if (strcasecmp(sip->sip_content_type->c_type, PUSH_BODY_CONTENT_TYPE) != 0)
		return fail(ret, DIAG_PUSH_BAD_TYPE, NULL);
	return true;
}

static bool check_body(const struct clearing_house *p, const sip_t *sip,
		       struct clearing_house_request *r, struct diag *ret)
{
	const sip_payload_t *body = sip->sip_payload;
	const char *why;

	if (!body || body->pl_len == 0)
		return fail(ret, DIAG_PUSH_MALFORMED, "there is no body");
	if ((int64_t)body->pl_len > p->config->max_body_bytes)
		return fail(ret, DIAG_PUSH_TOO_LARGE, NULL);
	if (push_body_decode(body->pl_data, body->pl_len, &r->body, &why) < 0)
		return fail(ret, DIAG_PUSH_MALFORMED, why);
	return true;
}

/* A push comes from the phone's own identity, fused with its owner's address; a synthetic one has
 * no phone. */
static bool check_sender(const sip_t *sip, struct clearing_house_request *r, struct diag *ret)
{
	const char *level = agent_other_header(sip, "ms-asserted-verification-level");
	const url_t *url = sip->sip_from->a_url;
	CLEANUP(mem_free_string)
	char *from = text_format("sip:%s@%s", url->url_user ? url->url_user : "",
				 url->url_host ? url->url_host : "");
	int err = ident_mcx_user_decode(from, &r->from);

	if (err)
		r->from.aor[0] = '\0';
	if (r->body.synthetic)
		return true;
	if (err)
		return fail(ret, DIAG_PUSH_NO_HEADER,
			    "From is not of the form sip:McxUser<32 hex digits>user@domain");
	if (!level)
		return fail(ret, DIAG_PUSH_NO_HEADER, "there is no ms-asserted-verification-level");
	if (strcasecmp(level, "ms-source-verified-user=verified") != 0)
		return fail(ret, DIAG_PUSH_UNVERIFIED, NULL);
	return true;
}

/* ---- notification URIs ---- */

static bool is_host_char(char c)
{
	return chars_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/* The end of "host" or "[address]" at s; s itself when there is none. Only the plainest forms pass,
 * so that what is checked here is what the HTTP client will connect to. */
static const char *skip_host(const char *s)
{
	const char *end = s;

	if (*s == '[') {
		for (end = s + 1; chars_hex(*end) >= 0 || *end == ':' || *end == '.';)
			end++;
		return *end == ']' && end > s + 1 ? end + 1 : s;
	}
	while (is_host_char(*end))
		end++;
	return end;
}

static const char *skip_port(const char *s)
{
	const char *end = s + 1;
	unsigned port = 0;

	if (*s != ':')
		return s;
	for (; chars_is_digit(*end) && port <= UINT16_MAX; end++)
		port = port * 10 + (unsigned)(*end - '0');
	return port >= 1 && port <= UINT16_MAX ? end : s;
}

static bool is_entry(const char *entry, size_t n, const char *s, size_t n_s)
{
	return n == n_s && !strncasecmp(entry, s, n);
}

/* authority: n_host bytes of host, n of it with its port. */
static bool is_allowed(const char *list, const char *authority, size_t n_host, size_t n)
{
	const char *entry = list;

	while (entry && *entry) {
		size_t n_entry = strcspn(entry, " ,\t");

		if (is_entry(entry, n_entry, "*", 1) ||
		    is_entry(entry, n_entry, authority, n_host) ||
		    is_entry(entry, n_entry, authority, n))
			return true;
		entry += n_entry;
		entry += strspn(entry, " ,\t");
	}
	return false;
}

const char *clearing_house_check_uri(const char *uri, const char *allow_hosts)
{
	const char *authority, *host_end, *end;

	if (!strncasecmp(uri, "http://", 7))
		authority = uri + 7;
	else if (!strncasecmp(uri, "https://", 8))
		authority = uri + 8;
	else
		return "the notification URI is neither http nor https";
	host_end = skip_host(authority);
	end = skip_port(host_end);
	if (host_end == authority || (*end && *end != '/' && *end != '?'))
		return "the notification URI is not of the form http://host:port/path";
	for (const char *c = end; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F ||
		    strchr("\"<>\\^`{|}", *c))
			return "the notification URI has characters that no URI has";
	if (!is_allowed(allow_hosts, authority, (size_t)(host_end - authority),
			(size_t)(end - authority)))
		return "the host of the notification URI is not in clearing_house.allow_hosts";
	return NULL;
}

static bool check_device(const struct clearing_house *p, const struct push_body *b,
			 struct diag *ret)
{
	const char *why;

	if (b->synthetic)
		return true;
	if (!strcmp(b->platform, "apple"))
		return fail(ret, DIAG_PUSH_BAD_PLATFORM,
			    "this clearing house has no connection to the Apple push service");
	if (strcmp(b->platform, "windowsPhone") != 0 && strcmp(b->platform, "webhook") != 0)
		return fail(ret, DIAG_PUSH_BAD_PLATFORM, NULL);
	if (!b->notification_uri)
		return fail(ret, DIAG_PUSH_MALFORMED,
			    "this platform needs a notificationUri, not a deviceToken");
	why = clearing_house_check_uri(b->notification_uri, p->config->allow_hosts);
	return why ? fail(ret, DIAG_PUSH_REJECTED, why) : true;
}

void clearing_house_request_deinit(struct clearing_house_request *r)
{
	push_body_deinit(&r->body);
}

bool clearing_house_check(const struct clearing_house *p, const sip_t *sip,
			  struct clearing_house_request *ret, struct diag *ret_diag,
			  const char **ret_headers)
{
	*ret = (struct clearing_house_request){ .sip = sip };
	*ret_headers = NULL;
	if (sip->sip_request->rq_method != sip_method_message) {
		*ret_headers = "Allow: MESSAGE\r\n";
		return fail(ret_diag, DIAG_BAD_METHOD, NULL);
	}
	if (!check_target(p, sip, ret_diag))
		return false;
	if (!check_type(sip, ret_diag)) {
		if (ret_diag->code == DIAG_PUSH_BAD_TYPE)
			*ret_headers = "Accept: " PUSH_BODY_CONTENT_TYPE "\r\n";
		return false;
	}
	if (check_body(p, sip, ret, ret_diag) && check_sender(sip, ret, ret_diag) &&
	    check_device(p, &ret->body, ret_diag))
		return true;
	clearing_house_request_deinit(ret);
	return false;
}
