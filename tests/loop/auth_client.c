/*
 * A client that answers challenges of Digest
 */
#include "auth_client.h"

#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/front_end.h"
#include "proto/auth/digest.h"
#include "proto/auth/params.h"
#include "proto/text/text.h"
#include "tests/loop/front_end_fixture.h"
#include "tests/loop/raw.h"

void auth_client_ask(struct front_end_config *config)
{
	config->auth = (struct front_end_auth_config){
		.udp = "digest",
		.tcp = "digest",
		.realm = "lab",
		.algorithms = "SHA-256 MD5",
		.nonce_lifetime_ms = 60000,
		.max_nonces = 100,
		.association_lifetime_ms = 60000,
		.max_associations = 2,
	};
}

void auth_client_init(struct auth_client *c, const struct front_end_fixture *f, bool tcp)
{
	*c = (struct auth_client){ .user = "bob", .password = "secret", .uri = "sip:lab.test" };
	if (tcp)
		raw_tcp(&c->r, f->loop, fixture_tcp(f));
	else
		raw_udp(&c->r, f->loop, fixture_udp(f));
	c->maker = digest_maker_new();
}

void auth_client_deinit(struct auth_client *c)
{
	digest_session_deinit(&c->session);
	digest_maker_free(c->maker);
	raw_close(&c->r);
}

void auth_client_take(struct auth_client *c, const char *answer, const char *header, int nth)
{
	const char *value = sip_header(answer, header, nth), *why;
	struct auth_params p;

	assert_non_null(value);
	assert_int_equal(auth_params_decode(value, strlen(value), &p, &why), 0);
	assert_int_equal(digest_session_take(&c->session, &p, &why), 0);
	auth_params_deinit(&p);
}

char *auth_client_credentials(struct auth_client *c, const char *header, const char *method)
{
	struct text line = TEXT_INIT;

	text_add_all(&line, header, ": ");
	digest_session_answer(&line, &c->session, c->maker,
			      &(struct digest_request){ .username = c->user,
							.password = c->password,
							.method = method,
							.uri = c->uri,
							.cnonce = "0a4f113b" });
	text_add(&line, "\n");
	return text_take(&line);
}
