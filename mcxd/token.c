/*
 * Token
 */
#include "mcxd/token.h"

#include "mcxd/checks.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdio.h>

enum { MIN_SIZE = 16, MAX_SIZE = 512 };

/* RFC 6750 2.1: what can stand in Authorization, and cannot end a cookie. */
static bool is_token(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~+/=";

	return !s[strspn(s, letters)];
}

static void trim_end(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && strchr("\r\n", s[n - 1]))
		s[--n] = '\0';
}

char *token_read(const char *path, struct text *why)
{
	char line[MAX_SIZE + 1] = "";
	size_t n = why->n;
	FILE *file;

	checks_file(path, why);
	if (why->n != n)
		return NULL;
	file = fopen(path, "re");
	if (file && !fread(line, 1, sizeof(line) - 1, file))
		*line = '\0';
	if (file)
		fclose(file);
	trim_end(line);
	if (strlen(line) < MIN_SIZE || strlen(line) == MAX_SIZE || !is_token(line)) {
		text_addf(why,
			  "%s must have one line of %d to %d letters, digits and -._~+/=, as "
			  "\"openssl rand -hex 32\" prints it",
			  path, MIN_SIZE, MAX_SIZE - 1);
		return NULL;
	}
	return mem_strdup(line);
}

void token_check(const char *path, struct text *why)
{
	if (*path)
		free(token_read(path, why));
}
