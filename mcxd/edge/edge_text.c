/*
 * Edge: messages as they leave it
 */
#include "mcxd/edge/edge_text.h"

#include "mcxd/base/random.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/su.h>

enum { MAX_PIECES = 80 };

/* nta puts "received" and the like into the Via of what it takes, which has no text from then on; only
 * such headers are written anew. */
static void add_bytes(struct text *out, msg_t *msg)
{
	msg_iovec_t pieces[MAX_PIECES];
	isize_t n = msg_prepare(msg) < 0 ? 0 : msg_iovec(msg, pieces, MAX_PIECES);

	for (isize_t i = 0; i < n && i < MAX_PIECES; i++)
		text_add_bytes(out, pieces[i].mv_base, pieces[i].mv_len);
}

/* A header with its folded lines, line end included; *pos is behind it then. NULL at the empty line. */
static const char *next_header(const char **pos, const char *end, size_t *ret_n)
{
	const char *start = *pos, *p = start;

	do {
		const char *eol = memchr(p, '\n', (size_t)(end - p));

		p = eol ? eol + 1 : end;
	} while (p < end && (*p == ' ' || *p == '\t') && p - start > 2);
	*pos = p;
	*ret_n = (size_t)(p - start);
	return *ret_n == 0 || *start == '\r' || *start == '\n' ? NULL : start;
}

static bool is_named(const char *header, size_t n, const char *name, char compact)
{
	size_t n_name = strlen(name);

	if (n > 1 && compact && (*header | 0x20) == compact && strchr(": \t", header[1]))
		return true;
	return n > n_name && !strncasecmp(header, name, n_name) && strchr(": \t", header[n_name]);
}

static unsigned port_of(msg_t *msg)
{
	const su_sockaddr_t *su = msg_addr(msg);

	return su ? ntohs(su->su_port) : 0;
}

/* Where it came from goes behind the first value of the first Via. */
static void add_received(struct text *out, const char *header, size_t n, msg_t *msg)
{
	const char *end = memchr(header, ',', n);
	char cid[5];

	if (!end)
		for (end = header + n; end > header && (end[-1] == '\n' || end[-1] == '\r'); end--)
			;
	random_hex(2, cid);
	text_add_bytes(out, header, (size_t)(end - header));
	text_addf(out, ";ms-received-port=%u;ms-received-cid=%s", port_of(msg), cid);
	text_add_bytes(out, end, n - (size_t)(end - header));
}

void edge_text_request(struct text *out, msg_t *request, const char *via, unsigned hops)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	bool first_via = true, counted = false;
	const char *header, *pos, *end;
	char info[21];
	size_t n;

	add_bytes(&bytes, request);
	pos = text_str(&bytes);
	end = pos + bytes.n;
	header = next_header(&pos, end, &n);
	text_add_bytes(out, header, header ? n : 0);
	random_hex(10, info);
	while ((header = next_header(&pos, end, &n))) {
		if (is_named(header, n, "Via", 'v') && first_via) {
			first_via = false;
			text_addf(out, "Via: %s;branched=FALSE;ms-internal-info=\"%s\"\r\n", via,
				  info);
			add_received(out, header, n, request);
		} else if (is_named(header, n, "Max-Forwards", 0)) {
			counted = true;
			text_addf(out, "%.12s: %u\r\n", header, hops);
		} else {
			text_add_bytes(out, header, n);
		}
	}
	if (!counted)
		text_addf(out, "Max-Forwards: %u\r\n", hops);
	text_add(out, "\r\n");
	text_add_bytes(out, pos, (size_t)(end - pos));
}

void edge_text_answer(struct text *out, msg_t *answer, const char *fqdn)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	const char *header, *pos, *end;
	size_t n;

	add_bytes(&bytes, answer);
	pos = text_str(&bytes);
	end = pos + bytes.n;
	while ((header = next_header(&pos, end, &n)))
		if (!is_named(header, n, "Via", 'v'))
			text_add_bytes(out, header, n);
	text_addf(out,
		  "ms-edge-proxy-message-trust: ms-source-type=DirectPartner;ms-ep-fqdn=%s;"
		  "ms-source-verified-user=verified;ms-source-network=federation\r\n\r\n",
		  fqdn);
	text_add_bytes(out, pos, (size_t)(end - pos));
}
