/*
 * Invite
 */
#include "scripts/bench/invite.h"

#include "proto/text/text.h"
#include "scripts/bench/wire.h"

void invite_add(struct text *out, unsigned long i, const char *user, unsigned long n_users)
{
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\n"
				  "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5060 sip null\r\n"
				  "a=accept-types:text/plain\r\n";

	text_addf(out,
		  "INVITE sip:%s%lu@lab.test SIP/2.0\r\n"
		  "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK%lu\r\n"
		  "Max-Forwards: 70\r\n"
		  "From: <sip:alice@lab.test>;tag=%lu;epid=a11ce\r\n"
		  "To: <sip:%s%lu@lab.test>\r\n"
		  "Call-ID: invite-%lu\r\n"
		  "CSeq: 1 INVITE\r\n"
		  "Contact: <sip:alice@127.0.0.1:9;transport=tcp>\r\n"
		  "Content-Type: application/sdp\r\n"
		  "Content-Length: %zu\r\n\r\n%s",
		  user, i % n_users, i, i, user, i % n_users, i, sizeof(sdp) - 1, sdp);
}

static void copy(struct text *out, const char *head, const char *name)
{
	size_t n;
	const char *value = wire_header(head, name, &n);

	if (value)
		text_addf(out, "%s: %.*s\r\n", name, (int)n, value);
}

void invite_acknowledge(struct conn *c, const char *head)
{
	struct text ack = { 0 };

	text_add(&ack, "ACK sip:m0@lab.test SIP/2.0\r\n");
	copy(&ack, head, "Via");
	copy(&ack, head, "From");
	copy(&ack, head, "To");
	copy(&ack, head, "Call-ID");
	text_add(&ack, "Max-Forwards: 70\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
	conn_send(c, ack.data, ack.n);
	text_deinit(&ack);
}
