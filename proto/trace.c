/*
 * SIPStack trace: encoder
 */
#include "proto/trace.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <time.h>

#define BODY_DELETED "----****MESSAGE BODY DELETED****----" /* Lync's words */

const char *trace_level_word(enum trace_level level)
{
	static const char *const words[] = {
		[TRACE_INFO] = "TL_INFO",
		[TRACE_WARN] = "TL_WARN",
		[TRACE_ERROR] = "TL_ERROR",
		[TRACE_VERBOSE] = "TL_VERBOSE",
	};

	return (unsigned)level < N_TRACE_LEVELS ? words[level] : words[TRACE_ERROR];
}

/* Whether a record mark begins at p. */
static bool is_mark(const char *p, size_t n)
{
	static const char begin[] = "$$begin_record", end[] = "$$end_record";

	return *p == '$' && ((n >= sizeof(begin) - 1 && !memcmp(p, begin, sizeof(begin) - 1)) ||
			     (n >= sizeof(end) - 1 && !memcmp(p, end, sizeof(end) - 1)));
}

/* Append bytes from outside; keep_lines: with their line ends. */
static void add_shown(struct text *out, const char *p, size_t n, bool keep_lines)
{
	for (size_t i = 0; i < n; i++) {
		bool line_end = keep_lines && (p[i] == '\r' || p[i] == '\n');
		bool hidden = (chars_is_control(p[i]) && p[i] != '\t' && !line_end) ||
			      is_mark(p + i, n - i);

		text_add_bytes(out, hidden ? "." : p + i, 1);
	}
}

static void add_line(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_addf(out, "%s: ", name);
	add_shown(out, value, strlen(value), false);
	text_add(out, "\n");
}

/* File name and line are those of Lync, because tools look for them. */
static void add_head(struct text *out, const struct trace_head *h, const char *flag,
		     const char *where)
{
	int64_t ms = h->wall_us / 1000;
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	text_addf(out, "%s(%s) [0]%04X.%04X::%02d/%02d/%04d-%02d:%02d:%02d.%03d.%08x ",
		  trace_level_word(h->level), flag, h->process, h->thread, tm.tm_mon + 1,
		  tm.tm_mday, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000),
		  h->seq);
	text_addf(out, "(SIPStack,SIPAdminLog::%s)$$begin_record\n", where);
}

static void add_direction(struct text *out, const struct trace_message *m)
{
	text_add(out, m->incoming ? "Direction: incoming" : "Direction: outgoing");
	if (m->source && m->destination) {
		text_add(out, ";source=\"");
		add_shown(out, m->source, strlen(m->source), false);
		text_add(out, "\";destination=\"");
		add_shown(out, m->destination, strlen(m->destination), false);
		text_add(out, "\"");
	}
	text_add(out, "\n");
}

/* Append the start line and the header lines, up to the empty one. Returns how many bytes those are. */
static size_t add_head_lines(struct text *out, const char *p, size_t n)
{
	size_t at = 0;
	size_t length;

	text_add(out, "Start-Line: ");
	do {
		const char *end = n > at ? memchr(p + at, '\n', n - at) : NULL;
		size_t step = end ? (size_t)(end - p) - at + 1 : n - at;
		bool start = at == 0;

		length = end ? step - 1 : step;
		if (end && length && p[at + length - 1] == '\r')
			length--;
		add_shown(out, p + at, length, false);
		if (length || start)
			text_add(out, "\n");
		at += step;
	} while (length && at < n);
	return at;
}

void trace_encode_message(struct text *out, const struct trace_message *m)
{
	bool answer = m->n_raw >= 8 && !memcmp(m->raw, "SIP/2.0 ", 8);
	size_t n_head;

	add_head(out, &m->head, "TF_PROTOCOL", "TraceProtocolRecord:SIPAdminLog.cpp(125)");
	text_addf(out, "Trace-Correlation-Id: %u\nInstance-Id: %08X\n", m->correlation,
		  m->instance);
	add_direction(out, m);
	add_line(out, "Peer", m->peer);
	text_addf(out, "Message-Type: %s\n", answer ? "response" : "request");
	n_head = add_head_lines(out, m->raw, m->n_raw);
	text_add(out, "Message-Body: ");
	if (n_head < m->n_raw && m->hides_body)
		text_add(out, BODY_DELETED);
	else if (n_head < m->n_raw)
		add_shown(out, (const char *)m->raw + n_head, m->n_raw - n_head, true);
	else
		text_add(out, "-");
	text_add(out, "\n$$end_record\n\n");
}

void trace_encode_diagnostic(struct text *out, const struct trace_diagnostic *d)
{
	add_head(out, &d->head, "TF_DIAG", "WriteDiagnosticEvent:SIPAdminLog.cpp(805)");
	text_add(out, "LogType: diagnostic\n");
	add_line(out, "Severity", d->severity);
	add_line(out, "Text", d->text);
	if (d->result_name) {
		text_addf(out, "Result-Code: 0x%08x ", d->result);
		add_shown(out, d->result_name, strlen(d->result_name), false);
		text_add(out, "\n");
	}
	add_line(out, "SIP-Start-Line", d->start_line);
	add_line(out, "SIP-Call-ID", d->call_id);
	add_line(out, "SIP-CSeq", d->cseq);
	add_line(out, "Peer", d->peer);
	add_line(out, "Data", d->data);
	text_add(out, "$$end_record\n\n");
}
