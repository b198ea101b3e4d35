/*
 * Settings of mcxd
 *
 * One table of rows (settings.c) fills this struct from the defaults, an INI file and --set. After loading it is
 * const: what is derived from it (routes, the state directory, what a listener really gets) belongs to the
 * daemon.
 */
#pragma once

#include "mcxd/base/guess.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/push_service/push_service.h"
#include "web/http/http.h"
#include "web/lab/lab.h"
#include "web/ucwa/ucwa.h"

struct text;

/** What every listener has. In a section's own copy, SETTING_UNSET means: use the value of [net]. */
struct net_settings {
	int64_t max_connections;
	int64_t max_connections_per_peer;                                    /* SIP */
	int64_t max_message_bytes, max_transactions, max_unsent_bytes;       /* SIP */
	int64_t handshake_timeout_ms, message_timeout_ms, unread_timeout_ms, /* SIP */
		connection_timeout_ms;
	int64_t max_body_bytes, idle_timeout_ms, max_rate; /* HTTP */
};

/** The TLS side of a SIP role: whose certificate may connect, and files in place of those that the lab makes. */
struct tls_settings {
	char *client, *allow;
	char *cert_file, *key_file;
};

/** A role's config holds what its own section sets. What is shared (net_settings) and derived is filled in by
 *  roles.c, in a copy. */
struct settings {
	char *state_dir;
	int64_t min_free_bytes; /* on its disk */
	char *users_file;
	char *open_password_file;
	char *log_level;
	char *log_format;
	char *lab_socket;
	bool lab_https;
	char *lab_token_file;
	char *upstream_listen;
	char *push_next_hop;
	char *clearing_house_fqdn;
	char *push_apple, *push_allow_hosts;
	char *clearing_house_ca_file;
	char *webhook_secret_file;
	char *clearing_house_apns_key_file;
	char *https_names;
	char *trusted_proxies;
	bool trust_network;
	struct setting_map hosts;  /* names and their addresses */
	struct setting_map routes; /* [federation]: domains and their next hops */
	char *ca_cert, *ca_key;    /* of an authority in place of the lab's own */
	char *trust;               /* files of other authorities */
	struct tls_settings sip_tls, edge_tls, clearing_house_tls;
	struct tls_settings push_service_tls; /* without a list of names: those are topics */
	char *apns_names, *apns_key_file;
	struct journal_config journal;
	struct http_config https, http;
	struct core_config core;
	struct front_end_config sip;
	struct ucwa_config ucwa;
	struct guess_config guess;
	struct edge_config edge;
	struct clearing_house_config clearing_house;
	struct push_service_config push_service;
	struct lab_config lab;

	struct net_settings net; /* [net], and what sections have in its place */
	struct net_settings sip_net, edge_net, clearing_house_net, https_net, http_net,
		push_service_net, lab_net;
};

extern const struct setting_table settings_table;

/** What a row alone cannot check: how values go together. Appends a line for each error. */
void settings_check(const struct settings *s, struct text *errors);

/** The part of it that is about settings which may change while mcxd runs. */
void settings_check_live(const struct settings *s, struct text *errors);

/** Put every listener on 127.0.0.1, on a free port. */
void settings_set_any_port(struct settings *s);
