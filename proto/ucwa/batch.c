/*
 * Requests in a batch
 */
#include "proto/ucwa/batch.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

void ucwa_batch_request_deinit(struct ucwa_batch_request *r)
{
	free(r->text);
	*r = (struct ucwa_batch_request){ 0 };
}

/* Cut a line off, without its end, which may be LF alone. NULL: there is no whole line. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*at = end + 1;
	if (end > line && end[-1] == '\r')
		end--;
	*end = '\0';
	return line;
}

/* In origin form, or in absolute form, which servers have to take (RFC 9112, 3.2.2). */
static bool is_target(const char *s)
{
	return *s == '/' || !strncasecmp(s, "https://", 8) || !strncasecmp(s, "http://", 7);
}

/* "GET /ucwa/… HTTP/1.1" */
static bool read_line(struct ucwa_batch_request *r, char *line)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0)
		return false;
	*target++ = '\0';
	*version = '\0';
	/* The reference writes "Get" and "Post" in its samples. */
	for (char *c = line; *c; c++) {
		if (!chars_is_alnum(*c))
			return false;
		*c = chars_upper(*c);
	}
	r->method = line;
	r->target = target;
	return *line && is_target(target);
}

static bool read_field(struct ucwa_batch_request *r, char *line)
{
	char *colon = strchr(line, ':'), *value;

	if (!colon || colon == line || *line == ' ' || *line == '\t' || !chars_are_line(line) ||
	    r->n_fields == UCWA_BATCH_FIELDS)
		return false;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (char *end = value + strlen(value); end > value && strchr(" \t", end[-1]);)
		*--end = '\0';
	r->fields[r->n_fields++] = (struct ucwa_batch_field){ .name = line, .value = value };
	return true;
}

/* The line ends before the next delimiter are the body's only if Content-Length says so. */
static bool measure_body(struct ucwa_batch_request *r, size_t left)
{
	int64_t length = -1;

	for (size_t i = 0; i < r->n_fields; i++)
		if (!strcasecmp(r->fields[i].name, "Content-Length") &&
		    (length >= 0 || !text_to_int(r->fields[i].value, 0, (int64_t)left, &length)))
			return false;
	r->n_body = length >= 0 ? (size_t)length : left;
	while (length < 0 && r->n_body && strchr("\r\n", r->body[r->n_body - 1]))
		r->n_body--;
	return true;
}

static const char *read_request(struct ucwa_batch_request *r, size_t n)
{
	char *at = r->text, *line;

	while ((line = next_line(&at)) && !*line)
		;
	if (!line || !read_line(r, line))
		return "The part does not begin with a request line.";
	while ((line = next_line(&at)) && *line)
		if (!read_field(r, line))
			return "The part has a malformed header, or too many of them.";
	/* The empty line may be missing where nothing follows. */
	if (!line && *at)
		return "The part has a malformed header, or too many of them.";
	r->body = at;
	return measure_body(r, n - (size_t)(at - r->text)) ? NULL
							   : "Content-Length of the part is wrong.";
}

int ucwa_batch_request_decode(const void *p, size_t n, struct ucwa_batch_request *ret,
			      const char **ret_why)
{
	*ret = (struct ucwa_batch_request){ .text = mem_memdup(p, n) };
	*ret_why = memchr(p, '\0', n) ? "The part has a NUL." : read_request(ret, n);
	if (!*ret_why)
		return 0;
	ucwa_batch_request_deinit(ret);
	return -EINVAL;
}
