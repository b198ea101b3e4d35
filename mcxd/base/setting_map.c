/*
 * Settings: maps
 */
#include "mcxd/base/setting_map.h"

#include "proto/text/mem.h"

#include <strings.h>

void setting_map_set(struct setting_map *m, const char *name, const char *value)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcasecmp(m->pairs[i].name, name)) {
			mem_set_string(&m->pairs[i].value, value);
			return;
		}
	m->pairs = mem_realloc(m->pairs, (m->n + 1) * sizeof(*m->pairs));
	m->pairs[m->n++] = (struct setting_pair){ mem_strdup(name), mem_strdup(value) };
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
