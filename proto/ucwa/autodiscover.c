/*
 * Autodiscover
 */
#include "proto/ucwa/autodiscover.h"

#include "proto/sip/uri.h"
#include "proto/text/accept.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/quality.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"

#include <errno.h>

#define SERVICE "/autodiscover/autodiscoverservice.svc/root"
#define MCX     "/Mcx/McxService.svc"

/* ---- query ---- */

static bool is_domain(const char *s)
{
	size_t n = strlen(s);

	if (!n || n > URI_MAX_HOST || !chars_is_alnum(s[0]) || !chars_is_alnum(s[n - 1]))
		return false;
	for (; *s; s++)
		if (!chars_is_alnum(*s) && *s != '-' && (*s != '.' || s[1] == '.'))
			return false;
	return true;
}

static const char *decode_sipuri(const char *uri, struct autodiscover_query *ret)
{
	const char *why;

	if (uri_aor(uri, ret->aor, &why) < 0 || !is_domain(strchr(ret->aor, '@') + 1))
		return "must be an address such as sip:user@domain.";
	snprintf(ret->domain, sizeof(ret->domain), "%s", strchr(ret->aor, '@') + 1);
	return NULL;
}

int autodiscover_query_decode(const char *sipuri, const char *original_domain,
			      struct autodiscover_query *ret, struct ucwa_problem *ret_problem)
{
	const char *why = NULL;

	*ret = (struct autodiscover_query){ 0 };
	*ret_problem = (struct ucwa_problem){ 0 };
	if (original_domain && is_domain(original_domain))
		snprintf(ret->domain, sizeof(ret->domain), "%s", original_domain);
	else if (original_domain && *original_domain)
		ucwa_problem_add(ret_problem, "originalDomain", "must be a domain name.");
	if (sipuri && *sipuri)
		why = decode_sipuri(sipuri, ret);
	if (why)
		ucwa_problem_add(ret_problem, "sipuri", why);
	if (!ret_problem->n_parameters)
		return 0;
	*ret = (struct autodiscover_query){ 0 };
	return -EINVAL;
}

/* The best weight of what is named itself, and not by a range; -1: none is. *ret_at: where it is. */
static int named(const char *accept, const char *const *types, const char **ret_at)
{
	int best = -1;

	for (; *types; types++) {
		const char *at = strcasestr(accept, *types);
		int quality = at ? quality_of(accept, *types) : -1;

		if (quality > best) {
			best = quality;
			*ret_at = at;
		}
	}
	return best;
}

/* The heavier one (RFC 9110, 12.5.1); of two with one weight that which is named first. */
bool autodiscover_wants_xml(const char *accept)
{
	static const char *const xml_types[] = { "application/vnd.microsoft.rtc.autodiscover+xml",
						 "application/xml", "text/xml", NULL };
	static const char *const json_types[] = { "application/json",
						  "application/vnd.microsoft.com.ucwa+json", NULL };
	const char *xml_at = NULL, *json_at = NULL;
	int xml = accept ? named(accept, xml_types, &xml_at) : -1;
	int json = xml > 0 ? named(accept, json_types, &json_at) : 0;

	if (xml <= 0)
		return false;
	if (json < 0)
		json = accept_quality(accept, "application/json");
	return xml == json ? !json_at || xml_at < json_at : xml > json;
}

/* ---- answers ---- */

static char *service(const char *base, const char *below, const char *domain)
{
	return text_format("%s" SERVICE "%s%s%s", base, below, *domain ? "?originalDomain=" : "",
			   domain);
}

struct hal *autodiscover_json(enum autodiscover_answer what, const char *base, const char *domain)
{
	CLEANUP(mem_free_string) char *root = service(base, "", domain);
	CLEANUP(mem_free_string) char *user = service(base, "/oauth/user", domain);
	struct hal *o = hal_new();

	switch (what) {
	case AUTODISCOVER_REDIRECT:
		hal_link(o, "redirect", root);
		hal_link(o, "user", user);
		break;
	case AUTODISCOVER_USER:
		hal_link(o, "self", user);
		hal_link_revision(o, "applications", base, UCWA_APPLICATIONS, "2");
		hal_link(o, "xframe", base, AUTODISCOVER_XFRAME);
		break;
	case AUTODISCOVER_ROOT:
	case AUTODISCOVER_DOMAIN:
		hal_link(o, "self", root);
		hal_link(o, "user", user);
		hal_link(o, "xframe", base, AUTODISCOVER_XFRAME);
		break;
	}
	return o;
}

static void add_link(struct text *out, const char *token, const char *base, const char *path)
{
	text_addf(out, "<Link token=\"%s\" href=\"", token);
	text_add_xml(out, base);
	text_add_xml(out, path);
	text_add(out, "\"/>");
}

static void add_services(struct text *out, const char *base)
{
	add_link(out, "Internal/Autodiscover", base, SERVICE);
	add_link(out, "External/Autodiscover", base, SERVICE);
	add_link(out, "Internal/Mcx", base, MCX);
	add_link(out, "External/Mcx", base, MCX);
	add_link(out, "Internal/Ucwa", base, UCWA_APPLICATIONS);
	add_link(out, "External/Ucwa", base, UCWA_APPLICATIONS);
	add_link(out, "Ucwa", base, UCWA_APPLICATIONS);
	add_link(out, "Internal/XFrame", base, AUTODISCOVER_XFRAME);
	add_link(out, "External/XFrame", base, AUTODISCOVER_XFRAME);
	add_link(out, "XFrame", base, AUTODISCOVER_XFRAME);
}

static void add_root(struct text *out, const char *base, const char *domain)
{
	CLEANUP(mem_free_string) char *root = service("", "", domain);
	CLEANUP(mem_free_string) char *of_domain = service("", "/domain", domain);
	CLEANUP(mem_free_string) char *user = service("", "/oauth/user", domain);

	add_link(out, "Domain", base, of_domain);
	add_link(out, "User", base, user);
	add_link(out, "OAuth", base, user);
	add_link(out, "XFrame", base, AUTODISCOVER_XFRAME);
	add_link(out, "Self", base, root);
}

void autodiscover_xml(struct text *out, enum autodiscover_answer what, const char *base,
		      const char *domain)
{
	static const char *const elements[] = { [AUTODISCOVER_ROOT] = "Root",
						[AUTODISCOVER_REDIRECT] = "Root",
						[AUTODISCOVER_DOMAIN] = "Domain",
						[AUTODISCOVER_USER] = "User" };
	CLEANUP(mem_free_string) char *root = service("", "", domain);
	CLEANUP(mem_free_string) char *user = service("", "/oauth/user", domain);
	CLEANUP(mem_free_string)
	char *self = service("", what == AUTODISCOVER_USER ? "/oauth/user" : "/domain", domain);

	text_addf(out,
		  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		  "<AutodiscoverResponse AccessLocation=\"Internal\"><%s>",
		  elements[what]);
	switch (what) {
	case AUTODISCOVER_ROOT: add_root(out, base, domain); break;
	case AUTODISCOVER_REDIRECT:
		add_link(out, "Redirect", base, root);
		add_link(out, "User", base, user);
		break;
	case AUTODISCOVER_DOMAIN:
	case AUTODISCOVER_USER:
		add_services(out, base);
		add_link(out, "Self", base, self);
		break;
	}
	text_addf(out, "</%s></AutodiscoverResponse>\n", elements[what]);
}
