/*
 * Hosts
 */
#include "mcxd/net/hosts.h"

#include "mcxd/base/idtab.h"
#include "mcxd/net/address.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <errno.h>

enum { MAX_NAME = 253, MAX_LABEL = 63 };

struct host {
	char *name; /* lower case */
	struct address address;
};

/* In the order in which they were added, and by name: a lab has a handful, but somebody may bring a list of thousands. */
struct hosts {
	struct host **rows;
	size_t n;
	struct strtab by_name;
};

struct hosts *hosts_new(void)
{
	struct hosts *h = MEM_NEW(struct hosts);

	strtab_init(&h->by_name);
	return h;
}

struct hosts *hosts_free(struct hosts *h)
{
	if (!h)
		return NULL;
	for (size_t i = 0; i < h->n; i++) {
		strtab_remove(&h->by_name, h->rows[i]->name);
		free(h->rows[i]->name);
		free(h->rows[i]);
	}
	strtab_deinit(&h->by_name);
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
	char key[MAX_NAME + 1];
	size_t n = strlen(name);

	if (!h || n > MAX_NAME)
		return NULL;
	for (size_t i = 0; i <= n; i++)
		key[i] = chars_lower(name[i]);
	return strtab_get(&h->by_name, key);
}

int hosts_add(struct hosts *h, const char *name, const char *address)
{
	struct host *row;
	struct address a;

	if (!hosts_is_name(name) || !address_read_host(address, &a))
		return -EINVAL;
	if (find(h, name))
		return -EEXIST;
	row = MEM_NEW(struct host);
	*row = (struct host){ .name = mem_memdup(name, strlen(name)), .address = a };
	for (char *c = row->name; *c; c++)
		*c = chars_lower(*c);
	strtab_add(&h->by_name, row->name, row);
	h->rows = mem_realloc(h->rows, (h->n + 1) * sizeof(struct host *));
	h->rows[h->n++] = row;
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
		if (!address_same_host(&h->rows[i]->address, a))
			continue;
		if (name)
			return NULL;
		name = h->rows[i]->name;
	}
	return name;
}
