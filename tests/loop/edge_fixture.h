/*
 * Edge fixture: the Edge between a front end and a clearing house that the test plays
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/edge/edge.h"
#include "raw.h"

struct journal;
struct loop;
struct metrics;
struct stack;

struct fixture {
	struct loop *loop;
	struct stack *stack;
	struct journal *journal;
	struct metrics *metrics;
	struct edge_config config;
	struct edge *edge;
	struct raw front_end, clearing_house;
	int listener;
	char hop[32];
	char *next_hop;
};

/* As the front end writes it: spelling and order of its own, two Vias. */
#define PUSH(uri, hops) HEAD_OF_PUSH(uri) VIAS hops REST_OF_PUSH
#define HEAD_OF_PUSH(uri)                                                                          \
	"MESSAGE " uri " SIP/2.0\r\n"                                                              \
	"From: \"Bob\"<sip:McxUser00112233445566778899aabbccddeeffbob@lab.test>;epid=3470B22863;"  \
	"tag=b6d38c5ec0\r\n"                                                                       \
	"To: <sip:push@push.lync.com>\r\n"                                                         \
	"CSeq: 21319 MESSAGE\r\n"                                                                  \
	"Call-ID: edge-call\r\n"
#define REST_OF_PUSH                                                                               \
	"CONTACT: <sip:edge;gruu>;a=\"b,c\"\r\n"                                                   \
	"CONTENT-LENGTH: 4\r\n"                                                                    \
	"CONTENT-TYPE: application/vnd.microsoft.lync.pushNotification+xml; "                      \
	"charset=\"Unicode (UTF-8)\"\r\n"                                                          \
	"ms-asserted-verification-level: ms-source-verified-user=verified\r\n\r\n<a/>"
#define VIAS   FE_VIA MCX_VIA
#define FE_VIA "Via: SIP/2.0/TCP 127.0.0.1:50001;branch=z9hG4bKfe;branched=FALSE\r\n"
#define MCX_VIA                                                                                    \
	"Via: SIP/2.0/TCP "                                                                        \
	"127.0.0.1:50000;branch=z9hG4bKmcx;ms-received-port=1;ms-received-cid=100\r\n"
#define HOPS "Max-Forwards: 69\r\n"
#define URI  "sip:push@push.lync.com"

#define OTHER(method)                                                                              \
	method " " URI " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKo" method "\r\n"    \
	       "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: o" method "\r\nCSeq: 1 " method \
	       "\r\nContent-Length: 0\r\n\r\n"

int edge_set_up(void **state);
int edge_tear_down(void **state);

/** From the front end. */
void send_push(struct fixture *f, const char *push);
/** At the clearing house; free() it. */
char *take_push(struct fixture *f);
/** The clearing house's answer; status: "200 OK". */
void answer_push(struct fixture *f, const char *push, const char *status);
/** Send a request that the Edge has to answer itself like this; free() the answer. */
char *refused(struct fixture *f, const char *push, const char *status);
/** The value of a metric. */
int64_t count(const struct fixture *f, const char *name);
