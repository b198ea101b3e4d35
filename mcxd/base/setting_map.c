/*
 * Settings: maps
 */
#include "mcxd/base/setting_map.h"

#include "mcxd/base/idtab.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

static char *key_of(const char *name)
{
	char *key = mem_memdup(name, strlen(name));

	for (char *c = key; *c; c++)
		*c = chars_lower(*c);
	return key;
}

void setting_map_set(struct setting_map *m, const char *name, const char *value)
{
	CLEANUP(mem_free_string) char *key = key_of(name);
	struct setting_pair *pair;

	if (!m->by_name)
		m->by_name = strtab_new();
	pair = strtab_get(m->by_name, key);
	if (pair) {
		mem_set_string(&pair->value, value);
		return;
	}
	pair = MEM_NEW(struct setting_pair);
	*pair = (struct setting_pair){ mem_strdup(name), mem_strdup(value) };
	strtab_add(m->by_name, key, pair);
	m->pairs = mem_realloc(m->pairs, (m->n + 1) * sizeof(struct setting_pair *));
	m->pairs[m->n++] = pair;
}

void setting_map_deinit(struct setting_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		CLEANUP(mem_free_string) char *key = key_of(m->pairs[i]->name);

		strtab_remove(m->by_name, key);
		free(m->pairs[i]->name);
		free(m->pairs[i]->value);
		free(m->pairs[i]);
	}
	strtab_free(m->by_name);
	free(m->pairs);
	*m = (struct setting_map){ 0 };
}
