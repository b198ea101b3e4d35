/*
 * Words
 */
#include "proto/text/words.h"

#include "proto/text/mem.h"

static const char separators[] = " ,";

static const char *skip(const char *s)
{
	return s + strspn(s, separators);
}

static const char *end_of(const char *s)
{
	return s + strcspn(s, separators);
}

/* The array, and behind it the words. */
char **words_split(const char *list)
{
	size_t n = 0, i = 0;
	char **words, *copy;

	for (const char *s = skip(list); *s; s = skip(end_of(s)))
		n++;
	words = mem_zalloc((n + 1) * sizeof(*words) + strlen(list) + 1);
	copy = (char *)(words + n + 1);
	for (const char *s = skip(list); *s; s = skip(end_of(s))) {
		size_t length = (size_t)(end_of(s) - s);

		words[i++] = memcpy(copy, s, length);
		copy += length + 1;
	}
	return words;
}

void words_free(char ***words)
{
	free(*words);
}

size_t words_count(char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}
