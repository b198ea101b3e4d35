/*
 * HTTP client: the host of a URL
 */
#include "web/http/client_host.h"

#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static bool fail(struct text *why, const char *what)
{
	text_add(why, what);
	return false;
}

/* The plus lets libcurl forget it in time, as it does what it has looked up itself. */
static struct curl_slist *make_pin(const char *name, const char *port, const struct address *a)
{
	char host[ADDRESS_TEXT_SIZE];
	CLEANUP(mem_free_string)
	char *line = text_concat("+", name, ":", port, ":", address_format_host(a, true, host));

	return mem_check(curl_slist_append(NULL, line));
}

static bool find(const struct hosts *hosts, const char *host, const char *port,
		 struct client_host *ret, struct text *why)
{
	uint16_t number;

	if (!address_read_port(port, &number))
		return fail(why, "its port is not a number");
	if (!address_read_host(host, &ret->address)) {
		if (!hosts_resolve(hosts, host, 0, &ret->address)) {
			text_add_all(why, "the name ", host, " is not in the table of hosts");
			return false;
		}
		ret->pin = make_pin(host, port, &ret->address);
	}
	address_set_port(&ret->address, number);
	return true;
}

static bool read_url(const struct hosts *hosts, const char *url, struct client_host *ret,
		     struct text *why)
{
	char *host = NULL, *port = NULL;
	CURLUcode code;
	bool found;

	code = curl_url_set(ret->url, CURLUPART_URL, url, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(ret->url, CURLUPART_HOST, &host, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(ret->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	found = code == CURLUE_OK ? find(hosts, host, port, ret, why)
				  : fail(why, curl_url_strerror(code));
	curl_free(host);
	curl_free(port);
	return found;
}

bool client_host_find(const struct hosts *hosts, const char *url, struct client_host *ret,
		      struct text *why)
{
	*ret = (struct client_host){ .url = mem_check(curl_url()) };
	if (read_url(hosts, url, ret, why))
		return true;
	client_host_deinit(ret);
	return false;
}

void client_host_deinit(struct client_host *h)
{
	curl_url_cleanup(h->url);
	curl_slist_free_all(h->pin);
	*h = (struct client_host){ 0 };
}
