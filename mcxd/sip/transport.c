/*
 * Transport: making, binding, waiting, ending
 */
#include "mcxd/sip/transport.h"

#include "mcxd/base/list.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/net.h"
#include "mcxd/net/peers.h"
#include "mcxd/sip/answered.h"
#include "mcxd/sip/struck.h"
#include "mcxd/sip/tport.h"
#include "mcxd/sip/waiters.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <sofia-sip/su_tag_class.h>
#include <sofia-sip/su_tagarg.h>

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names are not words */

tag_typedef_t transporttag_config = PTRTAG_TYPEDEF(transport_config);
tag_typedef_t transporttag_connects_only = BOOLTAG_TYPEDEF(transport_connects_only);

static tag_value_t find_tag(const tagi_t *tags, tag_type_t wanted)
{
	for (; tags; tags = tl_next(tags))
		if (tags->t_tag == wanted)
			return tags->t_value;
	return 0;
}

/* NTA makes the master with the tags of the first listener. */
/* NOLINTNEXTLINE(readability-function-size): the macros for tags */
tport_t *tport_tcreate(tp_stack_t *stack, const tport_stack_class_t *class, su_root_t *root,
		       tag_type_t tag, tag_value_t value, ...)
{
	struct transport *t = MEM_NEW(struct transport);
	ta_list ta;

	(void)root;
	ta_start(ta, tag, value);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the value of a tag is an integer */
	t->config = (const struct transport_config *)find_tag(ta_args(ta), transporttag_config);
	ta_end(ta);
	if (!t->config) {
		free(t);
		errno = EINVAL;
		return NULL;
	}
	t->tport.kind = TPORT_MASTER;
	t->tport.refs = 1;
	t->tport.master = t;
	t->tport.primary = &t->tport;
	t->tport.name =
		(tp_name_t){ .tpn_proto = "*", .tpn_canon = "*", .tpn_host = "*", .tpn_port = "*" };
	t->stack = stack;
	t->class = class;
	list_init(&t->struck);
	answered_init(&t->answered, net_loop(t->config->net), t->config->max_repeatable);
	return &t->tport;
}

static int bind_one(struct transport *t, enum tport_protocol protocol, const tp_name_t *name,
		    const char *port, bool listens)
{
	struct primary **last = &t->primaries;
	struct address local;
	uint16_t number = 0;

	if (!tport_is_any(port) && !address_read_port(port, &number))
		return -EINVAL;
	if (!hosts_resolve(t->config->hosts, name->tpn_host, number, &local))
		return -EADDRNOTAVAIL;
	while (*last)
		last = &(*last)->next;
	return primary_open(t, protocol, &local, listens, last);
}

/* With "*" for a protocol each of the list that is known here, all at the port that the first one gets. */
/* NOLINTNEXTLINE(readability-function-size): the macros for tags */
int tport_tbind(tport_t *self, const tp_name_t *name, const char *const protocols[], tag_type_t tag,
		tag_value_t value, ...)
{
	const char *const one[] = { name->tpn_proto, NULL };
	const char *port = name->tpn_port;
	int err = -EPROTONOSUPPORT;
	bool listens;
	ta_list ta;

	ta_start(ta, tag, value);
	listens = !find_tag(ta_args(ta), transporttag_connects_only);
	ta_end(ta);
	for (const char *const *p = tport_is_any(name->tpn_proto) ? protocols : one; *p; p++) {
		int protocol = tport_protocol_of(*p);
		const struct primary *last;

		if (protocol < 0)
			continue;
		err = bind_one(self->master, (enum tport_protocol)protocol, name, port, listens);
		if (err)
			break;
		for (last = self->master->primaries; last->next; last = last->next)
			;
		port = last->tport.port;
	}
	errno = -err;
	return err ? -1 : 0;
}

static void receive_nothing(tp_stack_t *stack, tport_t *tp, msg_t *msg, tp_magic_t *magic,
			    su_time_t now)
{
	(void)stack;
	(void)tp;
	(void)magic;
	(void)now;
	msg_destroy(msg);
}

/* Connections that end now say so to nobody: NTA is being destroyed. */
void tport_destroy(tport_t *self)
{
	static const tport_stack_class_t nobody = { .tpac_size = sizeof(nobody),
						    .tpac_recv = receive_nothing };
	struct transport *t = self ? self->master : NULL;

	if (!t)
		return;
	t->class = &nobody;
	struck_forget(&t->struck, NULL);
	net_flush(t->config->net);
	while (t->primaries) {
		struct primary *p = t->primaries;

		t->primaries = p->next;
		p->next = NULL;
		primary_close(p);
	}
	answered_deinit(&t->answered);
	waiters_deinit(&t->tport.waiters);
	peers_deinit(&t->peers);
	free(t);
}

int tport_shutdown(tport_t *self, int how)
{
	(void)how;
	/* NTA asks for it after what it takes for garbage; where the next message begins is known here. */
	return self && self->kind == TPORT_CONNECTION ? 0 : -1;
}

/* Called for the master and all primaries: of the tags that NTA sets, the MTU of a primary for UDP matters. */
/* NOLINTNEXTLINE(readability-function-size): the macros for tags */
int tport_set_params(tport_t *self, tag_type_t tag, tag_value_t value, ...)
{
	ta_list ta;
	int n = 0;

	if (!self)
		return -1;
	ta_start(ta, tag, value);
	for (const tagi_t *t = ta_args(ta); t; t = tl_next(t)) {
		if (t->t_tag != tptag_mtu)
			continue;
		n++;
		if (tport_is_udp(self) && self->kind == TPORT_PRIMARY)
			primary_of(self)->mtu = (size_t)t->t_value;
	}
	ta_end(ta);
	return n;
}

/* ---- waiting ---- */

int tport_pend(tport_t *self, msg_t *msg, tport_pending_error_f *callback, tp_client_t *client)
{
	if (!self || !callback)
		return -1;
	return waiters_add(&self->waiters, msg, callback, client);
}

/* After a provisional answer NTA waits on. */
int tport_release(tport_t *self, int place, msg_t *msg, msg_t *reply, tp_client_t *client,
		  int still_pending)
{
	(void)reply;
	if (!self || !waiters_has(&self->waiters, place, msg, client))
		return -1;
	if (!still_pending)
		waiters_remove(&self->waiters, place);
	return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* ---- the seam ---- */

/* Every function by which NTA reaches the network. That they are named here has the linker take all of them from our objects,
 * before it looks into sofia's archive: one that we lacked would bring in sofia's object, and with it a second definition
 * of all others, which is an error. */
typedef void seam_f(void);

/* clang-format off */
__attribute__((used)) static seam_f *const seam[] = {
	(seam_f *)tport_by_name,
	(seam_f *)tport_by_protocol,
	(seam_f *)tport_can_send_sigcomp,
	(seam_f *)tport_decref,
	(seam_f *)tport_delivered_by,
	(seam_f *)tport_delivered_from,
	(seam_f *)tport_delivered_with_comp,
	(seam_f *)tport_destroy,
	(seam_f *)tport_get_address,
	(seam_f *)tport_has_compression,
	(seam_f *)tport_has_ip4,
	(seam_f *)tport_has_ip6,
	(seam_f *)tport_has_tls,
	(seam_f *)tport_hostport,
	(seam_f *)tport_is_clear_to_send,
	(seam_f *)tport_is_connected,
	(seam_f *)tport_is_public,
	(seam_f *)tport_is_reliable,
	(seam_f *)tport_is_secondary,
	(seam_f *)tport_is_stream,
	(seam_f *)tport_is_tcp,
	(seam_f *)tport_is_udp,
	(seam_f *)tport_is_updating,
	(seam_f *)tport_keepalive,
	(seam_f *)tport_magic,
	(seam_f *)tport_name,
	(seam_f *)tport_name_dup,
	(seam_f *)tport_name_is_resolved,
	(seam_f *)tport_next,
	(seam_f *)tport_parent,
	(seam_f *)tport_pend,
	(seam_f *)tport_primaries,
	(seam_f *)tport_primary_by_name,
	(seam_f *)tport_ref,
	(seam_f *)tport_release,
	(seam_f *)tport_set_compression,
	(seam_f *)tport_set_magic,
	(seam_f *)tport_set_params,
	(seam_f *)tport_shutdown,
	(seam_f *)tport_tbind,
	(seam_f *)tport_tcreate,
	(seam_f *)tport_tsend,
	(seam_f *)tport_unref,
};
/* clang-format on */

/* ---- for the agent ---- */

size_t transport_n_repeatable(const struct tport_s *master)
{
	return (size_t)master->master->answered.n;
}
