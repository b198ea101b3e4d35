/*
 * The page, /console/
 *
 * What is in web/console, as it is there: made into a table of strings when mcxd is built.
 */
#pragma once

#include "web/http/http.h"

struct page_file {
	const char *name; /* "main.js"; NULL ends the table */
	const char *type; /* "text/javascript; charset=utf-8" */
	const char *text;
};

extern const struct page_file page_files[];

http_h lab_get_page, lab_get_page_folder;
