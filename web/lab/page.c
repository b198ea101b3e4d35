/*
 * The page, /console/
 */
#include "web/lab/page.h"

#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"

#include <string.h>

/* Nothing but the page's own files and this server's API. What the page shows came from peers; it is never HTML, and
 * were it, no script in it would run. */
static const char policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	"connect-src 'self'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'";

static const struct page_file *find(const char *name)
{
	if (!*name)
		name = "index.html";
	for (const struct page_file *f = page_files; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

void lab_get_page(void *magic, struct http_request *r)
{
	const struct page_file *f = find(http_param(r, "file"));

	(void)magic;
	if (!f) {
		lab_error(r, 404, "The page has no such file.");
		return;
	}
	http_set_header(r, "Content-Security-Policy", policy);
	http_set_header(r, "Cross-Origin-Opener-Policy", "same-origin");
	http_set_header(r, "Referrer-Policy", "no-referrer");
	http_set_header(r, "X-Content-Type-Options", "nosniff");
	http_answer(r, 200, f->type, f->text, strlen(f->text));
}

/* The page's links are relative to the folder. */
void lab_get_page_folder(void *magic, struct http_request *r)
{
	(void)magic;
	http_set_header(r, "Location", LAB_CONSOLE);
	http_answer(r, 308, NULL, NULL, 0);
}
