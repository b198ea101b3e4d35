/*
 * Hosts
 */
#include "mcxd/net/hosts.h"

#include "mcxd/net/address.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <errno.h>

enum { MAX_NAME = 253, MAX_LABEL = 63 };

struct host {
	char *name; /* lower case */
	struct address address;
};

/* In the order in which they were added: a lab has a handful, and a list keeps what people wrote. */
struct hosts {
	struct host *rows;
	size_t n;
};

struct hosts *hosts_new(void)
{
	return MEM_NEW(struct hosts);
}

struct hosts *hosts_free(struct hosts *h)
{
	if (!h)
		return NULL;
	for (size_t i = 0; i < h->n; i++)
		free(h->rows[i].name);
	free(h->rows);
	free(h);
	return NULL;
}

/* Labels of letters, digits and inner hyphens, and underscores. */
static bool has_labels(const char *s)
{
	size_t n_label = 0;

	if (strlen(s) > MAX_NAME)
		return false;
	for (; *s; s++) {
		bool is_dot = *s == '.';

		if (is_dot && (n_label == 0 || s[-1] == '-'))
			return false;
		if (!is_dot && !chars_is_alnum(*s) && *s != '_' && (*s != '-' || n_label == 0))
			return false;
		n_label = is_dot ? 0 : n_label + 1;
		if (n_label > MAX_LABEL)
			return false;
	}
	return n_label > 0 && s[-1] != '-';
}

bool hosts_is_name(const char *s)
{
	struct address ignored;

	return has_labels(s) && !address_read_host(s, &ignored);
}

static const struct host *find(const struct hosts *h, const char *name)
{
	for (size_t i = 0; h && i < h->n; i++)
		if (!strcasecmp(h->rows[i].name, name))
			return &h->rows[i];
	return NULL;
}

int hosts_add(struct hosts *h, const char *name, const char *address)
{
	struct address a;
	char *copy;

	if (!hosts_is_name(name) || !address_read_host(address, &a))
		return -EINVAL;
	if (find(h, name))
		return -EEXIST;
	copy = mem_memdup(name, strlen(name) + 1);
	for (char *c = copy; *c; c++)
		*c = chars_lower(*c);
	h->rows = mem_realloc(h->rows, (h->n + 1) * sizeof(*h->rows));
	h->rows[h->n++] = (struct host){ .name = copy, .address = a };
	return 0;
}

bool hosts_resolve(const struct hosts *h, const char *host, uint16_t port, struct address *ret)
{
	const struct host *row;

	if (!host)
		return false;
	if (!address_read_host(host, ret)) {
		row = find(h, host);
		if (row)
			*ret = row->address;
		else if (strcasecmp(host, "localhost") != 0 || !address_read_host("127.0.0.1", ret))
			return false;
	}
	address_set_port(ret, port);
	return true;
}

const char *hosts_name_of(const struct hosts *h, const struct address *a)
{
	const char *name = NULL;

	for (size_t i = 0; h && i < h->n; i++) {
		if (!address_same_host(&h->rows[i].address, a))
			continue;
		if (name)
			return NULL;
		name = h->rows[i].name;
	}
	return name;
}
