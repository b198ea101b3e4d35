/*
 * Settings
 */
#include "mcxd/base/setting.h"

#include "mcxd/base/inifile.h"
#include "mcxd/base/setting_value.h"

#include <errno.h>

#define MAX_NAME 64

/* A name that differs in more letters is not what was meant. */
#define MAX_DISTANCE 3

static void row_name(const struct setting *row, char ret[MAX_NAME])
{
	snprintf(ret, MAX_NAME, "%s.%s", row->section, row->key);
}

void setting_defaults(const struct setting_table *t, void *object)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		const struct setting *row = &t->rows[i];

		if (setting_value_set(row, object, row->def ? row->def : "", &why) < 0) {
			fprintf(stderr, "mcxd: default of %s.%s: %s\n", row->section, row->key,
				text_str(&why));
			abort();
		}
	}
}

void setting_deinit(const struct setting_table *t, void *object)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		char **slot = (char **)(void *)((char *)object + t->rows[i].offset);

		if (t->rows[i].type != SETTING_STRING)
			continue;
		free(*slot);
		*slot = NULL;
	}
}

const struct setting *setting_find(const struct setting_table *t, const char *name)
{
	char candidate[MAX_NAME];

	for (size_t i = 0; i < t->n_rows; i++) {
		row_name(&t->rows[i], candidate);
		if (strcmp(candidate, name) == 0)
			return &t->rows[i];
	}
	return NULL;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be put in, taken out or replaced (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[MAX_NAME];
	size_t n = strlen(b);

	if (n >= MAX_NAME || strlen(a) >= MAX_NAME)
		return MAX_NAME;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 1; k <= n; k++) {
			size_t above = row[k];

			row[k] = min3(above + 1, row[k - 1] + 1, diagonal + (a[i] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

static void explain_unknown(const struct setting_table *t, const char *name, struct text *why)
{
	const struct setting *nearest = NULL;
	size_t best = MAX_DISTANCE + 1;
	char candidate[MAX_NAME];

	for (size_t i = 0; i < t->n_rows; i++) {
		size_t d;

		row_name(&t->rows[i], candidate);
		d = distance(candidate, name);
		if (d < best ||
		    (d > MAX_DISTANCE && !nearest && strcmp(t->rows[i].key, name) == 0)) {
			best = d;
			nearest = &t->rows[i];
		}
	}
	text_addf(why, "%s: there is no such setting", name);
	if (nearest)
		text_addf(why, " (is it %s.%s?)", nearest->section, nearest->key);
}

int setting_set(const struct setting_table *t, void *object, const char *name, const char *value,
		struct text *why)
{
	CLEANUP(text_deinit) struct text what = TEXT_INIT;
	const struct setting *row = setting_find(t, name);

	if (!row) {
		explain_unknown(t, name, why);
		return -EINVAL;
	}
	if (setting_value_set(row, object, value, &what) < 0) {
		text_addf(why, "%s: %s", name, text_str(&what));
		return -EINVAL;
	}
	return 0;
}

int setting_set_arg(const struct setting_table *t, void *object, const char *arg, struct text *why)
{
	CLEANUP(mem_free_string) char *name = mem_strdup(arg);
	char *equals = strchr(name, '=');

	if (!equals) {
		text_addf(why, "%s: not of the form section.key=value", arg);
		return -EINVAL;
	}
	*equals = '\0';
	return setting_set(t, object, name, equals + 1, why);
}

struct load {
	const struct setting_table *table;
	void *object;
};

static int check_section(const struct setting_table *t, const char *section, struct text *why)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (!strcmp(t->rows[i].section, section))
			return 0;
	text_addf(why, "there are no settings in [%s]", section);
	return -EINVAL;
}

static int on_key(void *magic, const struct inifile_line *l, struct text *why)
{
	CLEANUP(mem_free_string)
	char *name = text_format("%s.%s", l->section, l->key ? l->key : "");
	const struct load *load = magic;

	if (!*l->section) {
		text_addf(why, "%s: a setting must stand in a [section]", l->key);
		return -EINVAL;
	}
	if (*l->name) {
		text_addf(why, "[%s %s]: a section of settings has no second word", l->section,
			  l->name);
		return -EINVAL;
	}
	if (!l->key)
		return check_section(load->table, l->section, why);
	return setting_set(load->table, load->object, name, l->value, why);
}

int setting_load(const struct setting_table *t, void *object, const char *path, struct text *errors)
{
	struct load load = { t, object };

	return inifile_load(path, on_key, &load, errors);
}

void setting_dump(const struct setting_table *t, const void *object, struct text *out)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct setting *row = &t->rows[i];

		text_addf(out, "%s.%s = ", row->section, row->key);
		setting_add_value(row, object, out);
		text_addf(out, "  # %s\n", row->help);
	}
}

static void add_cell(struct text *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			text_add(out, "\\");
		text_add_bytes(out, s, 1);
	}
}

void setting_markdown(const struct setting_table *t, struct text *out)
{
	text_add(out, "| Setting | Default | Range | Meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct setting *row = &t->rows[i];
		bool has_default = row->def && *row->def;

		text_addf(out, "| `%s.%s` | %s", row->section, row->key, has_default ? "`" : "");
		add_cell(out, has_default ? row->def : "empty");
		text_addf(out, "%s | ", has_default ? "`" : "");
		setting_add_range(row, out);
		text_add(out, " | ");
		add_cell(out, row->help);
		text_add(out, " |\n");
	}
}

static const char *what_is_wrong(const struct setting_table *t, const struct setting *row,
				 struct text *why)
{
	char name[MAX_NAME];
	union {
		int64_t number;
		bool flag;
		char *string;
	} scratch = { 0 };
	struct setting copy = *row;
	int err;

	row_name(row, name);
	if (!row->help || !*row->help)
		return "no help";
	if (setting_find(t, name) != row)
		return "twice, or its name is too long";
	copy.offset = 0;
	err = setting_value_set(&copy, &scratch, row->def ? row->def : "", why);
	if (row->type == SETTING_STRING)
		setting_deinit(&(struct setting_table){ &copy, 1 }, &scratch);
	return err ? text_str(why) : NULL;
}

const char *setting_check_table(const struct setting_table *t)
{
	static char message[256];

	for (size_t i = 0; i < t->n_rows; i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		const char *what = what_is_wrong(t, &t->rows[i], &why);

		if (!what)
			continue;
		snprintf(message, sizeof(message), "%s.%s: %s", t->rows[i].section, t->rows[i].key,
			 what);
		return message;
	}
	return NULL;
}
