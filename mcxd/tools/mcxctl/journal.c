/*
 * mcxctl: journal, trace
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace_record.h"

#include <time.h>

struct reader;
typedef void print_h(const struct reader *reader, const struct record *r);

struct reader {
	struct ctl *ctl;
	print_h *print;
	uint32_t process; /* the daemon's, for a trace */
	bool is_trace;    /* only what is part of one */
	int64_t left;     /* how many may still be printed */
};

static bool is_traced(struct json_object *o)
{
	const char *name = json_object_get_string(json_in_find(o, "kind"));
	enum record_kind kind = name ? record_kind_of(name) : N_RECORD_KINDS;

	return kind == RECORD_SIP || kind == RECORD_DIAGNOSTIC;
}

static void print_record(void *magic, struct json_object *o)
{
	struct reader *reader = magic;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct record *r;

	if (reader->left == 0 || (reader->is_trace && !is_traced(o)))
		return;
	reader->left--;
	if (reader->ctl->options.json) {
		ctl_print_json(o);
		return;
	}
	if (record_decode(o, &r, &why) < 0) {
		ctl_complain("skipped a record: %s", text_str(&why));
		return;
	}
	reader->print(reader, r);
	fflush(stdout);
	free(r);
}

/* Print the records from this number on, page by page: how many one may have is the daemon's affair. */
static int read_pages(struct reader *reader, const char *filter, int64_t from)
{
	struct json_object *answer = NULL, *records;
	bool more = true;

	while (more) {
		CLEANUP(mem_free_string)
		char *path = text_format("journal?from=%lld%s", (long long)from, filter);
		int code = ctl_call(reader->ctl, "GET", path, NULL, &answer);
		int64_t n = (int64_t)ctl_get_length(answer, "records");

		if (code != CTL_YES)
			return code;
		records = json_in_path(answer, "records");
		for (int64_t i = 0; i < n; i++)
			print_record(reader, json_object_array_get_idx(records, (size_t)i));
		more = reader->left > 0 && ctl_get_int(answer, "next") > from &&
		       ctl_get_int(answer, "next") <= ctl_get_int(answer, "last");
		from = ctl_get_int(answer, "next");
		json_object_put(answer);
	}
	return CTL_YES;
}

/* --follow without --from prints new records only. */
static int read_journal(struct ctl *c, const char *kind, struct reader reader)
{
	CLEANUP(mem_free_string) char *filter = ctl_filters(&c->options, kind);
	CLEANUP(mem_free_string) char *path = NULL;
	int64_t from = c->options.from;

	reader.left = c->options.limit ? c->options.limit : INT64_MAX;
	if (CTL_IS_GIVEN(&c->options, CTL_OPT_LIMIT) && !c->options.limit) {
		ctl_complain("--limit must be at least 1");
		return CTL_USAGE;
	}
	if (!c->options.follow)
		return read_pages(&reader, filter, from ? from : 1);
	if (c->options.limit) {
		ctl_complain("--limit does not go with --follow");
		return CTL_USAGE;
	}
	if (from)
		path = text_format("journal?follow=1%s&from=%lld", filter, (long long)from);
	else
		path = text_format("journal?follow=1%s", filter);
	return ctl_follow(c, path, print_record, &reader);
}

static void print_line(const struct reader *reader, const struct record *r)
{
	const char *start_line = record_value(r, "start_line");
	time_t seconds = (time_t)(r->wall_us / 1000000);
	CLEANUP(mem_free_string) char *hops = NULL;
	struct tm tm = { 0 };

	(void)reader;
	gmtime_r(&seconds, &tm);
	if (r->from && r->to)
		hops = text_format("%s → %s  ", r->from, r->to);
	ctl_print("%5llu %02d:%02d:%02d.%03d  %-12s  %s%s", (unsigned long long)r->seq, tm.tm_hour,
		  tm.tm_min, tm.tm_sec, (int)(r->wall_us / 1000 % 1000), r->kind, hops ? hops : "",
		  r->summary ? r->summary : (start_line ? start_line : ""));
}

int ctl_journal(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return read_journal(c, c->options.kind, (struct reader){ .ctl = c, .print = print_line });
}

static void print_trace(const struct reader *reader, const struct record *r)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	trace_encode_record(
		&out, r,
		&(struct trace_options){ .process = reader->process,
					 .hides_bodies = !reader->ctl->options.bodies });
	ctl_write(&out);
}

int ctl_trace(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *status;
	int code = ctl_call(c, "GET", "status", NULL, &status);
	const struct reader reader = { .ctl = c,
				       .print = print_trace,
				       .process = (uint32_t)ctl_get_int(status, "pid"),
				       .is_trace = true };

	(void)n_args;
	(void)args;
	json_object_put(status);
	return code == CTL_YES ? read_journal(c, "", reader) : code;
}
