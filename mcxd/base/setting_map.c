/*
 * Settings: maps
 */
#include "mcxd/base/setting_map.h"

#include "proto/text/mem.h"

#include <strings.h>

static struct setting_pair *find(const struct setting_map *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcasecmp(m->pairs[i].name, name))
			return &m->pairs[i];
	return NULL;
}

void setting_map_set(struct setting_map *m, const char *name, const char *value)
{
	struct setting_pair *pair = find(m, name);

	if (pair) {
		mem_set_string(&pair->value, value);
		return;
	}
	m->pairs = mem_realloc(m->pairs, (m->n + 1) * sizeof(*m->pairs));
	m->pairs[m->n++] = (struct setting_pair){ mem_strdup(name), mem_strdup(value) };
}

const char *setting_map_get(const struct setting_map *m, const char *name)
{
	const struct setting_pair *pair = find(m, name);

	return pair ? pair->value : NULL;
}

void setting_map_deinit(struct setting_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->pairs[i].name);
		free(m->pairs[i].value);
	}
	free(m->pairs);
	*m = (struct setting_map){ 0 };
}
