/*
 * Progress
 */
#include "mcxd/tools/mcxsim/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 40 };

void progress_init(struct progress *p)
{
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) };
}

void progress_draw(struct progress *p, const char *what, int64_t n, int64_t all, int64_t n_failed)
{
	char bar[WIDTH + 1] = { 0 };
	int64_t full = all > 0 ? n * WIDTH / all : WIDTH;

	if (!p->terminal)
		return;
	memset(bar, '.', WIDTH);
	memset(bar, '#', (size_t)(full < WIDTH ? full : WIDTH));
	fprintf(stderr, "\r%-6s [%s] %lld/%lld", what, bar, (long long)n, (long long)all);
	if (n_failed)
		fprintf(stderr, ", %lld lost", (long long)n_failed);
	fputs("\033[K", stderr);
	p->drawn = true;
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
