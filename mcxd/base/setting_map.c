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

const char *setting_map_get(const struct setting_map *m, const char *name)
{
	CLEANUP(mem_free_string) char *key = key_of(name);
	const struct setting_pair *pair = m->by_name ? strtab_get(m->by_name, key) : NULL;

	return pair ? pair->value : NULL;
}

static void pair_free(struct setting_map *m, struct setting_pair *pair)
{
	CLEANUP(mem_free_string) char *key = key_of(pair->name);

	strtab_remove(m->by_name, key);
	free(pair->name);
	free(pair->value);
	free(pair);
}

void setting_map_remove(struct setting_map *m, const char *name)
{
	CLEANUP(mem_free_string) char *key = key_of(name);
	struct setting_pair *pair = m->by_name ? strtab_get(m->by_name, key) : NULL;
	size_t i = 0;

	if (!pair)
		return;
	while (m->pairs[i] != pair)
		i++;
	memmove(&m->pairs[i], &m->pairs[i + 1], (m->n - i - 1) * sizeof(struct setting_pair *));
	m->n--;
	pair_free(m, pair);
}

void setting_map_deinit(struct setting_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		pair_free(m, m->pairs[i]);
	strtab_free(m->by_name);
	free(m->pairs);
	*m = (struct setting_map){ 0 };
}
