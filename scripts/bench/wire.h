/*
 * Wire
 *
 * The load tools' own small transport: an epoll loop, TCP connections and UDP sockets that carry
 * messages of a head, an empty line and Content-Length bytes (SIP and HTTP alike), and calls that
 * are made a fixed time later.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

/** One whole message, with a NUL behind it; body points into it. */
struct wire_message {
	char *head;
	char *body;
	size_t n_body;
};

typedef void wire_message_h(void *magic, struct conn *c, const struct wire_message *m);
typedef void wire_closed_h(void *magic, struct conn *c);
typedef void wire_later_h(void *magic);

struct conn_handler {
	wire_message_h *on_message;
	wire_closed_h *on_closed; /* may be NULL; the connection is freed after it */
	void *magic;
};

/** Everything below ends the process with a message if it fails. */
void wire_init(void);

/** "127.0.0.1:5060" as a socket address. */
struct sockaddr_in wire_address(const char *address);

/** Run until SIGTERM or SIGINT. */
void wire_run(void);

/** address is "127.0.0.1:5060". Accepted connections get the same handler. */
void wire_listen_tcp(const char *address, const struct conn_handler *h);
void wire_listen_udp(const char *address, const struct conn_handler *h);

struct conn *wire_connect(const char *address, const struct conn_handler *h);
/** The same by TLS. Whose certificate it is does not matter to what is measured. */
struct conn *wire_connect_tls(const char *address, const struct conn_handler *h);

/** Send; on a UDP socket to the sender of the message that is being handled. */
void conn_send(struct conn *c, const void *p, size_t n);
void conn_close(struct conn *c);

/** Time that runs evenly. */
int64_t wire_now_us(void);

/** Call fn after delay_ms, which is the same for all calls. */
void wire_later(wire_later_h *fn, void *magic);
void wire_set_delay(int delay_ms);

/** The value of a header, as a slice of the head; NULL if there is no such header. */
const char *wire_header(const char *head, const char *name, size_t *ret_n);
