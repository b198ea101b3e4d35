/*
 * pcapng
 */
#include "proto/pcapng.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0A0D0D0A,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2, /* of an interface */
	OPTION_APPLICATION = 4,
	OPTION_RESOLUTION = 9,
	LINK_RAW = 101,
	IP_TCP = 6,
	IP_UDP = 17,
	N_IP = 20,
	N_TCP = 20,
	N_UDP = 8,
	MAX_DATA = 65000,
	MAX_COMMENT = 1000
};

/* ---- numbers: blocks are little-endian, packets big-endian ---- */

static void add_little(struct text *out, uint64_t v, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		text_add_bytes(out, &(char){ (char)(v >> 8 * i) }, 1);
}

static void add_big(struct text *out, uint64_t v, int n_bytes)
{
	for (int i = n_bytes - 1; i >= 0; i--)
		text_add_bytes(out, &(char){ (char)(v >> 8 * i) }, 1);
}

static void pad(struct text *out, size_t n)
{
	text_add_bytes(out, "\0\0\0", -n & 3);
}

static void add_option(struct text *out, int code, const void *p, size_t n)
{
	add_little(out, (uint64_t)code, 2);
	add_little(out, n, 2);
	text_add_bytes(out, p, n);
	pad(out, n);
}

static void add_block(struct text *out, uint32_t type, const struct text *body)
{
	size_t n = body->n + 12;

	add_little(out, type, 4);
	add_little(out, n, 4);
	text_add_bytes(out, text_str(body), body->n);
	add_little(out, n, 4);
}

/* ---- blocks ---- */

void pcapng_begin(struct text *out)
{
	CLEANUP(text_deinit) struct text section = TEXT_INIT;
	CLEANUP(text_deinit) struct text interface = TEXT_INIT;

	add_little(&section, 0x1A2B3C4D, 4);
	add_little(&section, 1, 2);
	add_little(&section, 0, 2);
	add_little(&section, UINT64_MAX, 8);
	add_option(&section, OPTION_APPLICATION, "mcxd", 4);
	add_little(&section, 0, 4);
	add_block(out, BLOCK_SECTION, &section);
	add_little(&interface, LINK_RAW, 2);
	add_little(&interface, 0, 6);
	add_option(&interface, OPTION_NAME, "mcxd", 4);
	add_option(&interface, OPTION_RESOLUTION, "\6", 1);
	add_little(&interface, 0, 4);
	add_block(out, BLOCK_INTERFACE, &interface);
}

void pcapng_add_names(struct text *out, const struct pcapng_name *names, size_t n)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;

	for (size_t i = 0; i < n; i++) {
		CLEANUP(text_deinit) struct text record = TEXT_INIT;

		add_big(&record, names[i].address, 4);
		text_add_bytes(&record, names[i].name, strlen(names[i].name) + 1);
		add_option(&body, 1, record.data, record.n);
	}
	add_little(&body, 0, 4);
	add_block(out, BLOCK_NAMES, &body);
}

static void add_packet(struct text *out, const struct pcapng_packet *p, const struct text *bytes)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	uint64_t time = (uint64_t)p->time_us;
	size_t n_comment = p->comment ? strnlen(p->comment, MAX_COMMENT) : 0;

	add_little(&body, 0, 4);
	add_little(&body, time >> 32, 4);
	add_little(&body, time, 4);
	add_little(&body, bytes->n, 4);
	add_little(&body, bytes->n, 4);
	text_add_bytes(&body, bytes->data, bytes->n);
	pad(&body, bytes->n);
	if (n_comment) {
		add_option(&body, OPTION_COMMENT, p->comment, n_comment);
		add_little(&body, 0, 4);
	}
	add_block(out, BLOCK_PACKET, &body);
}

/* ---- packets ---- */

static size_t data_of(const struct pcapng_packet *p)
{
	return p->n < MAX_DATA ? p->n : MAX_DATA;
}

static void add_ip(struct text *out, const struct pcapng_packet *p, int protocol, size_t n)
{
	add_big(out, 0x4500, 2);
	add_big(out, N_IP + n, 2);
	add_big(out, 0x4000, 4); /* no identification; not to be fragmented */
	add_big(out, (uint64_t)(64 << 8 | protocol), 2);
	add_big(out, 0, 2);
	add_big(out, p->from.address, 4);
	add_big(out, p->to.address, 4);
	add_big(out, p->from.port, 2);
	add_big(out, p->to.port, 2);
}

void pcapng_add_udp(struct text *out, const struct pcapng_packet *p)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	size_t n = data_of(p);

	add_ip(&bytes, p, IP_UDP, N_UDP + n);
	add_big(&bytes, N_UDP + n, 2);
	add_big(&bytes, 0, 2);
	text_add_bytes(&bytes, p->data, n);
	add_packet(out, p, &bytes);
}

void pcapng_add_tcp(struct text *out, const struct pcapng_packet *p, uint32_t seq, uint32_t ack,
		    int flags)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	size_t n = data_of(p);

	add_ip(&bytes, p, IP_TCP, N_TCP + n);
	add_big(&bytes, seq, 4);
	add_big(&bytes, ack, 4);
	add_big(&bytes, (uint64_t)(0x5000 | flags), 2);
	add_big(&bytes, 65535, 2);
	add_big(&bytes, 0, 4);
	text_add_bytes(&bytes, p->data, n);
	add_packet(out, p, &bytes);
}
