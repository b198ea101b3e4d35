/*
 * Transport objects: what they are
 *
 * The functions of <sofia-sip/tport.h> that only look.
 */
#include "mcxd/sip/tport.h"

#include "mcxd/net/address.h"
#include "mcxd/sip/waiters.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <netinet/in.h>
#include <strings.h>

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names are not words */

const char *const tport_protocol_names[N_TPORT_PROTOCOLS] = { "udp", "tcp", "tls" };

int tport_protocol_of(const char *name)
{
	for (int i = 0; name && i < N_TPORT_PROTOCOLS; i++)
		if (!strcasecmp(name, tport_protocol_names[i]))
			return i;
	return -1;
}

bool tport_is_any(const char *s)
{
	return !s || !strcmp(s, "*");
}

void tport_set_name(tport_t *tp, const char *canon)
{
	bool udp = tp->protocol == TPORT_UDP;

	address_format_host(&tp->address, true, tp->host);
	text_number(tp->port, address_port(&tp->address));
	mem_set_string(&tp->canon, canon ? canon : tp->host);
	tp->name = (tp_name_t){ .tpn_proto = tport_protocol_names[tp->protocol],
				.tpn_canon = tp->canon,
				.tpn_host = tp->host,
				.tpn_port = tp->port };
	tp->info = (su_addrinfo_t){ .ai_family = tp->address.any.sa_family,
				    .ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM,
				    .ai_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP,
				    .ai_addr = &tp->address.any,
				    .ai_addrlen = address_length(&tp->address),
				    .ai_canonname = tp->canon };
}

/* ---- references ---- */

static void tport_free(tport_t *tp)
{
	waiters_deinit(&tp->waiters);
	free(tp->canon);
	if (tp->kind == TPORT_CONNECTION)
		free(connection_of(tp));
	else
		free(primary_of(tp));
}

tport_t *tport_ref(tport_t *tp)
{
	if (tp)
		tp->refs++;
	return tp;
}

/* The master belongs to tport_destroy(). */
void tport_unref(tport_t *tp)
{
	if (tp && --tp->refs == 0 && tp->kind != TPORT_MASTER)
		tport_free(tp);
}

void tport_decref(tport_t **slot)
{
	tport_t *tp = *slot;

	*slot = NULL;
	tport_unref(tp);
}

/* ---- properties ---- */

static bool is_open(const tport_t *tp)
{
	return connection_of(tp)->stream != NULL;
}

int tport_is_secondary(const tport_t *tp)
{
	return tp && tp->kind == TPORT_CONNECTION;
}

int tport_is_udp(const tport_t *tp)
{
	return tp && tp->kind != TPORT_MASTER && tp->protocol == TPORT_UDP;
}

int tport_is_stream(const tport_t *tp)
{
	return tp && tp->kind != TPORT_MASTER && tp->protocol != TPORT_UDP;
}

/* TLS too: NTA asks whether a transport is TCP to know whether it can carry what is too long for a datagram. */
int tport_is_tcp(const tport_t *tp)
{
	return tport_is_stream(tp);
}

int tport_has_tls(const tport_t *tp)
{
	return tp && tp->kind != TPORT_MASTER && tp->protocol == TPORT_TLS;
}

/* NTA asks once for each request, before it calls anybody: see answered.h. */
int tport_is_reliable(const tport_t *tp)
{
	if (tp && tp->master && tp->master->is_kept_here == tp) {
		tp->master->is_kept_here = NULL;
		return 1;
	}
	return tport_is_stream(tp);
}

int tport_has_ip4(const tport_t *tp)
{
	return tp && tp->info.ai_family == AF_INET;
}

int tport_has_ip6(const tport_t *tp)
{
	return tp && tp->info.ai_family == AF_INET6;
}

int tport_is_public(const tport_t *tp)
{
	(void)tp;
	return 0;
}

int tport_is_updating(const tport_t *tp)
{
	(void)tp;
	return 0;
}

int tport_is_connected(const tport_t *tp)
{
	return tport_is_secondary(tp) && is_open(tp);
}

int tport_is_clear_to_send(const tport_t *tp)
{
	return tp &&
	       (tp->kind != TPORT_CONNECTION || (is_open(tp) && !connection_of(tp)->takes_no_more));
}

void tport_set_magic(tport_t *tp, tp_magic_t *magic)
{
	if (tp->kind == TPORT_PRIMARY)
		primary_of(tp)->magic = magic;
}

/* A connection's is its primary's, also after NTA has given that another one. */
tp_magic_t *tport_magic(const tport_t *tp)
{
	struct delivery *d;

	if (!tp || !tp->master || tp->kind == TPORT_MASTER)
		return NULL;
	d = &tp->master->delivery;
	if (d->tport == tp && d->disguise) {
		const sip_via_t *via = d->disguise;

		d->disguise = NULL;
		return mem_no_const((const tp_magic_t *)via);
	}
	return primary_of(tp)->magic;
}

const tp_name_t *tport_name(const tport_t *tp)
{
	return &tp->name;
}

const su_addrinfo_t *tport_get_address(const tport_t *tp)
{
	return tp ? &tp->info : NULL;
}

tport_t *tport_parent(const tport_t *tp)
{
	return tp ? tp->primary : NULL;
}

tport_t *tport_primaries(const tport_t *tp)
{
	if (!tp || !tp->master || !tp->master->primaries)
		return NULL;
	return &tp->master->primaries->tport;
}

tport_t *tport_next(const tport_t *tp)
{
	if (!tp || tp->kind != TPORT_PRIMARY || !primary_of(tp)->next)
		return NULL;
	return &primary_of(tp)->next->tport;
}

/* ---- names ---- */

/* NTA asks before it would look a name up in the DNS. It is not to: a name is found in the static table when the message is
 * sent, or the message fails. */
int tport_name_is_resolved(const tp_name_t *name)
{
	(void)name;
	return 1;
}

int tport_name_dup(su_home_t *home, tp_name_t *ret, const tp_name_t *name)
{
	if (!name->tpn_proto || !name->tpn_canon || !name->tpn_host || !name->tpn_port)
		return -1;
	*ret = (tp_name_t){ .tpn_proto = su_strdup(home, name->tpn_proto),
			    .tpn_canon = su_strdup(home, name->tpn_canon),
			    .tpn_host = su_strdup(home, name->tpn_host),
			    .tpn_port = su_strdup(home, name->tpn_port),
			    .tpn_comp = name->tpn_comp ? su_strdup(home, name->tpn_comp) : NULL };
	return ret->tpn_proto && ret->tpn_canon && ret->tpn_host && ret->tpn_port ? 0 : -1;
}

char *tport_hostport(char buf[], isize_t size, const su_sockaddr_t *su, int with_port)
{
	struct address a;
	char whole[ADDRESS_TEXT_SIZE];

	if (!address_from_sockaddr(&su->su_sa, sizeof(*su), &a))
		return NULL;
	if (with_port && address_port(&a))
		address_format(&a, whole);
	else
		address_format_host(&a, true, whole);
	if (strlen(whole) >= (size_t)size)
		return NULL;
	text_join(buf, (size_t)size, whole);
	return buf;
}

/* ---- compression and STUN: none ---- */

int tport_can_send_sigcomp(const tport_t *tp)
{
	(void)tp;
	return 0;
}

int tport_has_compression(const tport_t *tp, const char *comp)
{
	(void)tp;
	(void)comp;
	return 0;
}

int tport_set_compression(tport_t *tp, const char *comp)
{
	(void)tp;
	return comp ? -1 : 0;
}

int tport_delivered_with_comp(tport_t *tp, const msg_t *msg, tport_compressor_t **ret)
{
	(void)tp;
	(void)msg;
	(void)ret;
	return -1;
}

int tport_keepalive(tport_t *tp, const su_addrinfo_t *ai, tag_type_t tag, tag_value_t value, ...)
{
	(void)tp;
	(void)ai;
	(void)tag;
	(void)value;
	return -1;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
