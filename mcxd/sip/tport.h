/*
 * Transport objects
 *
 * What sofia's tport_t is here, for the files of the transport alone: a master, a primary or a connection begins with a struct
 * tport_s, which says what it is. NTA counts references on them; a connection that has ended stays for as long as somebody
 * refers to it.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/net/address.h"
#include "mcxd/net/peers.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/answered.h"
#include "mcxd/sip/struck.h"
#include "mcxd/sip/transport.h"
#include "mcxd/sip/waiters.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/tport.h>

#include <sys/uio.h>

struct datagram_socket;
struct slow;
struct listener;

enum tport_kind { TPORT_MASTER, TPORT_PRIMARY, TPORT_CONNECTION };
enum tport_protocol { TPORT_UDP, TPORT_TCP, TPORT_TLS, N_TPORT_PROTOCOLS };

extern const char *const tport_protocol_names[N_TPORT_PROTOCOLS]; /* as NTA writes them */

struct tport_s {
	enum tport_kind kind;
	enum tport_protocol protocol;
	unsigned refs;
	struct transport
		*master; /* NULL: it is gone, and this object lives for its references only */
	struct tport_s *primary; /* of a primary itself */
	tp_name_t name;
	char host[ADDRESS_TEXT_SIZE], port[TEXT_NUMBER_SIZE];
	char *canon;
	struct address address; /* a primary's own, a connection's peer's */
	su_addrinfo_t info;     /* the same as sofia wants it */
	struct waiters waiters;
};

struct primary {
	struct tport_s tport;
	struct primary *next;
	tp_magic_t *magic;
	size_t mtu; /* 0: none */
	struct datagram_socket *datagrams;
	struct listener *listener;
	struct list *buckets; /* struct connection.of_bucket, by address */
	size_t n_buckets, n_connections;
	struct list connections; /* struct connection.of_primary */
	struct stream_limits limits;
};

struct connection {
	struct tport_s tport;
	struct list of_primary, of_bucket;
	struct stream *stream; /* NULL: it has ended */
	struct peer *peer;     /* whom it is charged to; NULL: we have opened it */
	bool accepted;
	bool takes_no_more;         /* is not chosen for new messages */
	size_t scanned;             /* of the head of an incomplete message */
	size_t n_skip;              /* bytes of a body that is too long to be taken */
	uint64_t n_received;        /* messages */
	uint64_t n_received_before; /* when a request was last sent by it */
	bool owes_answer;           /* nothing has come since then */
	struct slow *slow;          /* what goes out slowly; NULL: nothing */
	const char *client_name;    /* of the certificate by which we let it in; NULL: none */
};

/** What is being handed to the stack. */
struct delivery {
	struct tport_s *tport;
	const msg_t *msg;
	const char *bytes;
	size_t n;
	const char *fault;     /* what is wrong with it; NULL: nothing that we know of */
	int status;            /* with which a fault answers it; 0: none */
	struck_again_h *again; /* delivers what was held of it */
	bool is_trusted;       /* its sender may say what only trusted servers may */
	const sip_via_t *
		disguise; /* the answer to the next tport_magic() of this tport; NULL: the usual one */
};

struct transport {
	struct tport_s tport;
	tp_stack_t *stack;
	const tport_stack_class_t *class;
	const struct transport_config *config;
	struct primary *primaries;
	struct delivery delivery;
	struct answered answered;
	const struct tport_s
		*is_kept_here; /* the answer to the request in hand: NTA need not keep it */
	int64_t n_connections;
	struct list struck;                     /* struct struck.of_transport */
	struct peers peers;                     /* who connected to us */
	struct log_throttle refusals, failures; /* of handshakes: theirs with us, ours with them */
	struct log_throttle crowds;             /* of connections too many */
	struct log_throttle faults;             /* of what comes by the others */
};

static inline struct primary *primary_of(const struct tport_s *tp)
{
	return LIST_ENTRY(tp->primary, struct primary, tport);
}

static inline struct connection *connection_of(const struct tport_s *tp)
{
	/* const is about the object that is looked at, not about the type that it is part of */
	return LIST_ENTRY(mem_no_const(tp), struct connection, tport);
}

/* ---- tport.c ---- */

/** Give it its name, and sofia's form of its address. canon is the name to be shown to peers; NULL: the address. */
void tport_set_name(struct tport_s *tp, const char *canon);
int tport_protocol_of(const char *name);
bool tport_is_any(const char *s);

/* ---- deliver.c ---- */

/** What is to become of the connection that a message came by. */
enum delivery_end { DELIVERY_GOES_ON, DELIVERY_CLOSE, DELIVERY_RESET };

/** Hand a message to the stack. flags: MSG_FLG_ERROR, MSG_FLG_TOOLARGE or 0. fault: what is known to be wrong with it, a static
 *  sentence; or NULL. */
enum delivery_end transport_deliver(struct tport_s *tp, const struct address *from,
				    const char *bytes, size_t n, unsigned flags, const char *fault);

/* ---- hold.c ---- */

struct fault_strike;
/** Hold what a fault strikes, until it is over. */
void transport_hold_struck(struct tport_s *tp, const struct address *from, const struct text *bytes,
			   const sip_t *sip, const struct fault_strike *strike,
			   struck_again_h *again);

/* ---- output.c ---- */

/** Queue by a connection, behind what goes out slowly. Returns 0 or an errno. */
int transport_write(struct connection *c, const struct iovec *pieces, size_t n_pieces);

/** Send bytes by a primary for UDP, or by a connection. Returns 0 or an errno. */
int transport_send_bytes(struct tport_s *tp, const struct address *to, const char *bytes, size_t n);

/** A peer is at fault: tell the owner, and log a line unless there are too many of them. */
void transport_fault(const struct transport *t, enum log_level level, struct log_throttle *throttle,
		     const struct address *peer, const char *what);

/** Count a message and show it to the owner; m->protocol and m->peer_name are filled in. */
void transport_tap(const struct tport_s *tp, struct transport_message *m);

/* ---- connection.c ---- */

/** An open connection of this primary to that address that takes messages; canon: the peer's name, which TLS must have
 *  checked. NULL: none. */
struct connection *connection_find(const struct primary *p, const struct address *to,
				   const char *canon);

/** Connect. NULL with errno set and a sentence in why when that fails at once; later failures are told to those who wait. */
struct connection *connection_open(struct primary *p, const struct address *to, const char *canon,
				   struct text *why);

/** Take over an accepted descriptor. */
void connection_accept(struct primary *p, int fd, const struct address *peer);

/** End it at once; those who wait are told error, an errno, with the usual words for it. */
void connection_close(struct connection *c, int error);

/* ---- primary.c ---- */

/** Listen, or with !listens be there for the connections that we open. Returns 0 with the primary, or a negative errno. */
int primary_open(struct transport *t, enum tport_protocol protocol, const struct address *local,
		 bool listens, struct primary **ret_primary);
/** Stop listening and close its connections; it lives on for its references. */
void primary_close(struct primary *p);
