/*
 * Lines
 */
#include "mcxd/sim/lines.h"

#include "mcxd/base/list.h"
#include "proto/text/mem.h"

struct line {
	struct list of_lines;
	char *text;
};

void sim_lines_init(struct sim_lines *l)
{
	list_init(&l->list);
	l->n = 0;
}

void sim_lines_deinit(struct sim_lines *l)
{
	list_for_each_safe (node, &l->list) {
		struct line *line = LIST_ENTRY(node, struct line, of_lines);

		list_remove(&line->of_lines);
		free(line->text);
		free(line);
	}
	l->n = 0;
}

bool sim_lines_add(struct sim_lines *l, const char *text)
{
	struct line *line;

	if (l->n >= SIM_MAX_LINES)
		return false;
	line = MEM_NEW(struct line);
	line->text = mem_strdup(text);
	list_append(&l->list, &line->of_lines);
	l->n++;
	return true;
}

char *sim_lines_take(struct sim_lines *l)
{
	struct line *line;
	char *text;

	if (l->n == 0)
		return NULL;
	line = LIST_ENTRY(l->list.next, struct line, of_lines);
	text = line->text;
	list_remove(&line->of_lines);
	free(line);
	l->n--;
	return text;
}
