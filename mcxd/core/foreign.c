/*
 * Foreign words
 */
#include "mcxd/core/foreign.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* The members are const for those who only pass them on. */
static void free_string(const char *s)
{
	free(mem_no_const(s));
}

struct foreign *foreign_copy(const struct foreign *f)
{
	struct foreign *copy;

	if (!f)
		return NULL;
	copy = MEM_NEW(struct foreign);
	copy->phrase = mem_strdup(f->phrase);
	copy->headers = mem_strdup(f->headers);
	copy->challenges = mem_strdup(f->challenges);
	copy->target = mem_strdup(f->target);
	copy->body = f->body ? mem_memdup(f->body, f->n_body) : NULL;
	copy->n_body = f->n_body;
	return copy;
}

void foreign_free(struct foreign *f)
{
	if (!f)
		return;
	free_string(f->phrase);
	free_string(f->headers);
	free_string(f->challenges);
	free_string(f->target);
	free_string(f->body);
	free(f);
}

void foreign_add_challenges(struct foreign *f, const char *challenges)
{
	char *all = text_concat(f->challenges ? f->challenges : "", challenges);

	free_string(f->challenges);
	f->challenges = all;
}
