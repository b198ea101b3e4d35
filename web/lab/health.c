/*
 * Lab API: is it alive, is it ready, what does it count
 *
 * Where the probes of containers and Prometheus look for it.
 */
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

static void answer_word(struct http_request *r, const char *word)
{
	http_answer(r, 200, "text/plain; charset=utf-8", word, strlen(word));
}

void lab_get_healthz(void *magic, struct http_request *r)
{
	(void)magic;
	answer_word(r, "ok\n");
}

/* Whether callers and phones would be served if they came now. */
void lab_get_readyz(void *magic, struct http_request *r)
{
	const struct lab *l = magic;

	if (lab_get_info(l).is_stopping)
		lab_error(r, 503, "The server is shutting down.");
	else if (l->core && core_store_is_failing(l->core))
		lab_error(r, 503, "The disk cannot take what has to be stored.");
	else
		answer_word(r, "ready\n");
}

const char *lab_metric_kind(const struct metric *m)
{
	return m->kind == METRIC_COUNTER ? "counter" : "gauge";
}

/* Prometheus' text format, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats */
void lab_get_prometheus(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	for (const struct metric *m = metrics_first(l->metrics); m; m = m->next) {
		text_addf(&out, "# HELP mcxd_%s %s\n", m->name, m->help);
		text_addf(&out, "# TYPE mcxd_%s %s\n", m->name, lab_metric_kind(m));
		text_addf(&out, "mcxd_%s %lld\n", m->name, (long long)m->value);
	}
	http_answer(r, 200, "text/plain; version=0.0.4; charset=utf-8", text_str(&out), out.n);
}
