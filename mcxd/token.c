/*
 * Token
 */
#include "mcxd/token.h"

#include "mcxd/checks.h"
#include "proto/text/chars.h"
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

/* NULL having appended what is wrong; "" if there is more than fits. */
static char *read_line(const char *path, struct text *why)
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
	return mem_strdup(strlen(line) < MAX_SIZE ? line : "");
}

char *token_read(const char *path, struct text *why)
{
	char *line = read_line(path, why);

	if (!line || (strlen(line) >= MIN_SIZE && is_token(line)))
		return line;
	text_addf(why,
		  "%s must have one line of %d to %d letters, digits and -._~+/=, as "
		  "\"openssl rand -hex 32\" prints it",
		  path, MIN_SIZE, MAX_SIZE - 1);
	free(line);
	return NULL;
}

void token_check(const char *path, struct text *why)
{
	if (*path)
		free(token_read(path, why));
}

char *password_read(const char *path, struct text *why)
{
	char *line = read_line(path, why);

	if (!line || (*line && !chars_have_control(line, strlen(line))))
		return line;
	text_addf(why, "%s must have a password of at most %d characters in one line", path,
		  MAX_SIZE - 1);
	free(line);
	return NULL;
}

void password_check(const char *path, struct text *why)
{
	if (*path)
		free(password_read(path, why));
}
