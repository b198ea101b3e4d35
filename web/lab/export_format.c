/*
 * Lab API: the forms of exports
 */
#include "mcxd/ladder/ladder.h"
#include "mcxd/ladder/mermaid.h"
#include "mcxd/ladder/svg.h"
#include "proto/capture.h"
#include "proto/har.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace_record.h"
#include "web/lab/export.h"

#include <json-c/json.h>

static void encode_sipstack(struct text *out, const struct record *const *records, size_t n,
			    const struct export_request *request)
{
	for (size_t i = 0; i < n; i++)
		trace_encode_record(
			out, records[i],
			&(struct trace_options){ .process = request->process,
						 .hides_bodies = request->hides_bodies });
}

static void encode_jsonl(struct text *out, const struct record *const *records, size_t n,
			 const struct export_request *request)
{
	(void)request;
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = record_encode(records[i]);

		text_add_all(out,
			     json_object_to_json_string_ext(
				     o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			     "\n");
		json_object_put(o);
	}
}

static void encode_text(struct text *out, const struct record *const *records, size_t n,
			const struct export_request *request)
{
	ladder_draw(out, records, n,
		    &(struct ladder_options){ .width = request->width,
					      .ascii = request->ascii,
					      .title = request->title });
}

static void encode_svg(struct text *out, const struct record *const *records, size_t n,
		       const struct export_request *request)
{
	ladder_svg(out, records, n, request->title);
}

static void encode_mermaid(struct text *out, const struct record *const *records, size_t n,
			   const struct export_request *request)
{
	ladder_mermaid(out, records, n, request->title);
}

static void encode_pcapng(struct text *out, const struct record *const *records, size_t n,
			  const struct export_request *request)
{
	(void)request;
	capture_encode(out, records, n);
}

static void encode_har(struct text *out, const struct record *const *records, size_t n,
		       const struct export_request *request)
{
	har_encode(out, records, n, request->version);
}

static const struct export_format formats[] = {
	{ "sipstack", "text/plain; charset=utf-8", "log", true, encode_sipstack },
	{ "jsonl", "application/x-ndjson", "jsonl", false, encode_jsonl },
	{ "pcapng", "application/x-pcapng", "pcapng", true, encode_pcapng },
	{ "har", "application/json", "har", true, encode_har },
	{ "text", "text/plain; charset=utf-8", "txt", false, encode_text },
	{ "svg", "image/svg+xml", "svg", false, encode_svg },
	{ "mermaid", "text/plain; charset=utf-8", "mmd", false, encode_mermaid },
};

const struct export_format *export_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

char *export_format_names(void)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		text_add_all(&names, i ? ", " : "", formats[i].name);
	return text_take(&names);
}
