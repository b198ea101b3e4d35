/*
 * Autodiscover's query: two lines, sipuri and originalDomain. What passes cannot break out of the XML.
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/autodiscover.h"
#include "proto/ucwa/body.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *sipuri = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text xml = TEXT_INIT;
	char *domain = strchr(sipuri, '\n');
	struct autodiscover_query q;
	struct ucwa_problem problem;

	if (domain)
		*domain++ = '\0';
	if (autodiscover_query_decode(sipuri, domain, &q, &problem) < 0) {
		assert(problem.n_parameters && !*q.domain && !*q.aor);
		return 0;
	}
	assert(!strpbrk(q.domain, "\"<>&\r\n /?"));
	assert(!*q.aor || (strchr(q.aor, '@') && *q.domain));
	autodiscover_xml(&xml, AUTODISCOVER_ROOT, "http://127.0.0.1", q.domain);
	autodiscover_wants_xml(sipuri);
	return 0;
}
