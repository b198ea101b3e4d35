/*
 * APNs: what the journal has of it
 */
#include "mcxd/push_service/apns_record.h"

#include "mcxd/base/journal.h"
#include "mcxd/push_service/private.h"
#include "proto/push/apns.h"
#include "proto/record.h"
#include "proto/sip/text.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/h2/request.h"
#include "web/http/h2/struck.h"

char *apns_record_key(const char *id)
{
	return text_concat("apns:", id);
}

static const char *sender_hop(const struct h2_request *r)
{
	const char *agent = h2_header(r, "user-agent");

	return agent && strstr(agent, SIP_PRODUCT_CLEARING_HOUSE) ? RECORD_HOP_CLEARING_HOUSE
								  : h2_peer(r);
}

void apns_record_request(const struct push_service *service, const struct h2_request *r,
			 const char *id)
{
	CLEANUP(mem_free_string) char *key = apns_record_key(id);
	CLEANUP(mem_free_string)
	char *summary = text_concat(h2_method(r), " ", h2_path(r));
	size_t n;
	const void *body = h2_body(r, &n);
	const struct record_field fields[] = {
		{ "method", h2_method(r) },
		{ "path", h2_path(r) },
		{ "resource", "apns" },
		{ "target", h2_header(r, APNS_HEADER_PUSH_TYPE) },
	};

	journal_add(service->journal, &(struct record){
					      .kind = "http",
					      .from = sender_hop(r),
					      .to = RECORD_HOP_PUSH_SERVICE,
					      .incoming = true,
					      .fault = h2_fault(r),
					      .key = key,
					      .summary = summary,
					      .raw = n ? body : NULL,
					      .n_raw = n,
					      .fields = fields,
					      .n_fields = ARRAY_SIZE(fields),
				      });
}

void apns_record_answer(const struct push_service *service, const struct h2_request *r,
			const char *id, int status, const char *reason)
{
	CLEANUP(mem_free_string) char *key = apns_record_key(id);
	CLEANUP(mem_free_string) char *summary = NULL;
	char number[TEXT_NUMBER_SIZE];
	const struct record_field fields[] = {
		{ "status", text_number(number, (uint64_t)status) },
		{ "resource", "apns" },
		{ "notification", *reason ? reason : NULL },
	};

	summary = text_concat(fields[0].value, *reason ? " " : "", reason);
	journal_add(service->journal, &(struct record){
					      .kind = "http",
					      .from = RECORD_HOP_PUSH_SERVICE,
					      .to = sender_hop(r),
					      .key = key,
					      .summary = summary,
					      .fields = fields,
					      .n_fields = ARRAY_SIZE(fields),
				      });
}
