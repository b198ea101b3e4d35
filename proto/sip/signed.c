/*
 * What a signature covers
 */
#include "proto/sip/signed.h"

#include "proto/sip/line.h"
#include "proto/sip/name_addr.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum field { CALL_ID, CSEQ, FROM, TO, EXPIRES, ASSERTED, PREFERRED, N_FIELDS };
enum { MAX_TAG = 256 };

/* The first of each kind, without folds; NULL where there is none. */
struct fields {
	char *values[N_FIELDS];
	char status[4]; /* of an answer, else empty */
};

static void fields_deinit(struct fields *f)
{
	for (int i = 0; i < N_FIELDS; i++)
		free(f->values[i]);
}

static void take(struct fields *f, const struct sip_line *line)
{
	static const struct {
		const char *name;
		char compact;
	} rows[N_FIELDS] = {
		[CALL_ID] = { "Call-ID", 'i' },
		[CSEQ] = { "CSeq", 0 },
		[FROM] = { "From", 'f' },
		[TO] = { "To", 't' },
		[EXPIRES] = { "Expires", 0 },
		[ASSERTED] = { "P-Asserted-Identity", 0 },
		[PREFERRED] = { "P-Preferred-Identity", 0 },
	};

	for (int i = 0; i < N_FIELDS; i++) {
		struct text value = TEXT_INIT;

		if (f->values[i] || !sip_line_is(line, rows[i].name, rows[i].compact))
			continue;
		sip_line_add_value(&value, line);
		f->values[i] = text_take(&value);
	}
}

static int read_fields(const char *p, size_t n, struct fields *ret)
{
	static const char version[] = "SIP/2.0 ";
	const char *end = p + n, *eol = n ? memmem(p, n, "\r\n", 2) : NULL;
	struct sip_line line;

	*ret = (struct fields){ 0 };
	if (!eol)
		return -EINVAL;
	if ((size_t)(eol - p) >= sizeof(version) - 1 + 3 &&
	    !strncasecmp(p, version, sizeof(version) - 1))
		memcpy(ret->status, p + sizeof(version) - 1, 3);
	p = eol + 2;
	while (sip_line_read(&p, end, &line))
		take(ret, &line);
	return ret->values[CALL_ID] && ret->values[CSEQ] && ret->values[FROM] && ret->values[TO]
		       ? 0
		       : -EINVAL;
}

/* ---- the string ---- */

static void add(struct text *out, const char *p, size_t n)
{
	text_add(out, "<");
	text_add_bytes(out, p, n);
	text_add(out, ">");
}

static void add_string(struct text *out, const char *s)
{
	add(out, s ? s : "", s ? strlen(s) : 0);
}

static void add_uri(struct text *out, const struct name_addr *a)
{
	add(out, a->uri, a->n_uri);
}

static void add_tag(struct text *out, const struct name_addr *a)
{
	char tag[MAX_TAG];

	add_string(out, name_addr_param(a, "tag", tag, sizeof(tag)) ? NULL : tag);
}

/* The number of a CSeq, and its method. */
static void add_cseq(struct text *out, const char *cseq)
{
	size_t n = strspn(cseq, "0123456789");

	add(out, cseq, n);
	cseq += n + strspn(cseq + n, " \t");
	add(out, cseq, strcspn(cseq, " \t"));
}

/* Of a list of identities, the first that is a SIP URI and the first that is not. */
static void add_identities(struct text *out, const char *list)
{
	const char *uris[2] = { NULL, NULL };
	size_t n[2] = { 0, 0 };

	while (list && (list = strchr(list, '<'))) {
		size_t n_uri = strcspn(++list, ">");
		int kind = strncasecmp(list, "sip", 3) != 0;

		if (!uris[kind]) {
			uris[kind] = list;
			n[kind] = n_uri;
		}
		list += n_uri;
	}
	add(out, uris[0] ? uris[0] : "", n[0]);
	add(out, uris[1] ? uris[1] : "", n[1]);
}

int sip_signed_add(struct text *out, const char *message, size_t n, const struct sip_signed *s)
{
	CLEANUP(fields_deinit) struct fields f;
	struct name_addr from, to;
	bool is_long = s->version > 2;

	if (read_fields(message, n, &f) || name_addr_decode(f.values[FROM], &from, NULL) ||
	    name_addr_decode(f.values[TO], &to, NULL))
		return -EINVAL;
	add_string(out, s->scheme);
	add_string(out, s->random);
	add_string(out, s->count);
	add_string(out, s->realm);
	add_string(out, s->target);
	add_string(out, f.values[CALL_ID]);
	add_cseq(out, f.values[CSEQ]);
	add_uri(out, &from);
	add_tag(out, &from);
	if (is_long)
		add_uri(out, &to);
	add_tag(out, &to);
	if (is_long)
		add_identities(out, f.values[ASSERTED] ? f.values[ASSERTED] : f.values[PREFERRED]);
	add_string(out, f.values[EXPIRES]);
	if (*f.status)
		add_string(out, f.status);
	return 0;
}
