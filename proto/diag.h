/*
 * Diagnostics
 *
 * One table of outcomes for both sides (diag_table.h): SIP status, ms-diagnostics id and reason, HTTP status,
 * UCWA code and subcode. And the grammar of the header ([MS-OCER] 2.2.1):
 *   ms-diagnostics: <id>;reason="…";source="<fqdn>"[;name="value"…]
 */
#pragma once

#include "proto/diag_table.h"
#include "proto/text/text.h"

enum diag_code {
#define X(name, id, sip, http, code, subcode, reason) name,
	DIAG_TABLE(X)
#undef X
		N_DIAG_CODES
};

struct diag_row {
	const char *name;
	int id;
	int sip_status;
	int http_status;
	const char *ucwa_code;
	const char *ucwa_subcode;
	const char *reason;
};

/** One outcome. sip_status is what goes on the wire: usually the row's own, but a refusal that came over
 *  SIP keeps its status. All zero is a success without a status. */
struct diag {
	enum diag_code code;
	int sip_status;
	const char *info; /* info="…", not copied; may be NULL */
};

/** The row of a code, never NULL; that of DIAG_SERVER_ERROR for a code out of range. */
const struct diag_row *diag_row(enum diag_code code);

/** A diag with the row's own status. */
struct diag diag_make(enum diag_code code);
/** The same, with the cause in this case; info is not copied and may be NULL. */
struct diag diag_because(enum diag_code code, const char *info);

/** The most general code with this SIP status. A status without a row counts as x00 of its class (RFC 3261,
 *  8.1.3.2). */
enum diag_code diag_code_of_sip(int sip_status);

/** The same for an endpoint's refusal of an invitation (300 and above), about which its caller has to be told. What
 *  concerns us and not the caller, as a challenge does, means that the endpoint cannot be reached. */
enum diag_code diag_code_of_refusal(int sip_status);

/** The code for an HTTP status about which nothing else is known; its row's ucwa_code is the word for
 *  an error body. A status without a row gives DIAG_BAD_REQUEST, from 500 on DIAG_SERVER_ERROR. */
enum diag_code diag_code_of_http(int http_status);

/** The standard reason phrase of a SIP status (RFC 3261, 21), never NULL. */
const char *diag_sip_phrase(int sip_status);

/** The same in the spelling of Lync's Edge and cmdlets, which write "Server time-out". */
const char *diag_lync_phrase(int sip_status);

/** Append the value of an ms-diagnostics header. source may be NULL. Quotes, backslashes and control
 *  characters in info and source cannot break out of their quotes. */
void diag_encode(struct text *out, const struct diag *d, const char *source);

/** The same as the clearing house writes it in ms-diagnostics-public: `Reason` with a capital letter, and
 *  no source. */
void diag_encode_public(struct text *out, const struct diag *d);

/** Append one more parameter, `;name="value"`, safe as above. */
void diag_add_param(struct text *out, const char *name, const char *value);

struct diag_header {
	int id;
	char reason[256]; /* truncated if longer */
	char source[256];
	char info[256];
	char error_type[256];
};

/** Decode the value of an ms-diagnostics, ms-diagnostics-public or ms-client-diagnostics header. Parameters
 *  may come in any order and spelling; unknown ones are skipped. Control characters in values become
 *  spaces. Returns 0, or -EINVAL with *ret all zero. */
int diag_decode(const char *value, struct diag_header *ret);
