/*
 * Sign-in
 *
 * Autodiscover, token, application, as in UCWA's "Create an application".
 */
#pragma once

#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/request.h"

#include <json-c/json.h>
#include <stdbool.h>

struct sim_sign_in_args {
	struct sim_requests *requests;
	const struct sim_phone_config *config;
	void (*on_signed_in)(void *magic); /* the application exists and can be used */
	void *magic;
};

struct sim_sign_in {
	struct sim_sign_in_args args;
	char *token_href, *user_href;
	int n_redirects;
	struct json_object *application; /* the resource; NULL: not there yet */
	bool is_back;                    /* it was there before */
};

void sim_sign_in_init(struct sim_sign_in *s, const struct sim_sign_in_args *args);
void sim_sign_in_deinit(struct sim_sign_in *s);

void sim_sign_in_start(struct sim_sign_in *s);

/** Get a token with the password and give it to the requests; a refusal fails the phone. */
void sim_sign_in_renew(struct sim_sign_in *s);
