/*
 * Rows of settings
 *
 * How a row of the table in settings.c is written.
 */
#pragma once

#include "mcxd/base/setting.h"
#include "mcxd/checks.h"
#include "mcxd/settings.h"

#include <stddef.h>

#define AT(member) offsetof(struct settings, member)

enum { DAY_MS = 86400000, MANY = 10000000, GIB = 1 << 30 };

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): members, which no parentheses may stand around */
#define STRING(section_, key_, member_, def_, help_) \
	{ .section = section_, .key = key_, .type = SETTING_STRING, .offset = AT(member_), .def = def_, \
	  .help = help_ }
#define CHECKED(section_, key_, member_, def_, check_, help_) \
	{ .section = section_, .key = key_, .type = SETTING_STRING, .offset = AT(member_), .def = def_, \
	  .help = help_, .check = check_ }
#define BOOL(section_, key_, member_, def_, help_) \
	{ .section = section_, .key = key_, .type = SETTING_BOOL, .offset = AT(member_), .def = def_, \
	  .help = help_ }
#define NUMBER(type_, live_, section_, key_, member_, def_, min_, max_, help_) \
	{ .section = section_, .key = key_, .type = type_, .offset = AT(member_), .def = def_, \
	  .min = min_, .max = max_, .help = help_, .live = live_ }
#define COUNT(...)   NUMBER(SETTING_INT, false, __VA_ARGS__)
#define SIZE(...)    NUMBER(SETTING_BYTES, false, __VA_ARGS__)
#define TIME(...)    NUMBER(SETTING_MS, false, __VA_ARGS__)

/* What may change while mcxd runs: nothing that says who may do what, where something listens or lies, or what keeps a
 * pointer to a string. roles_apply_settings() hands it on. */
#define LIVE_CHECKED(section_, key_, member_, def_, check_, help_) \
	{ .section = section_, .key = key_, .type = SETTING_STRING, .offset = AT(member_), .def = def_, \
	  .help = help_, .check = check_, .live = true }
#define LIVE_BOOL(section_, key_, member_, def_, help_) \
	{ .section = section_, .key = key_, .type = SETTING_BOOL, .offset = AT(member_), .def = def_, \
	  .help = help_, .live = true }
#define LIVE_COUNT(...)   NUMBER(SETTING_INT, true, __VA_ARGS__)
#define LIVE_SIZE(...)    NUMBER(SETTING_BYTES, true, __VA_ARGS__)
#define LIVE_TIME(...)    NUMBER(SETTING_MS, true, __VA_ARGS__)
#define LIVE_SECONDS(...) NUMBER(SETTING_SECONDS, true, __VA_ARGS__)

/* A row of [net], and the sections that may override it. */
#define SHARED(type_, key_, member_, def_, min_, max_, help_, ...) \
	{ .section = "net", .key = key_, .type = type_, .offset = AT(net.member_), .def = def_, \
	  .min = min_, .max = max_, .help = help_, \
	  .overrides = (const struct setting_override[]){ __VA_ARGS__, { 0 } } }
#define IN(section_, member_) { #section_, AT(section_##_net.member_) }
#define BY_SIP(member_)       IN(sip, member_), IN(edge, member_), IN(clearing_house, member_)
#define BY_UCWA(member_)      IN(https, member_), IN(http, member_)

/* Whom a SIP role trusts, and what its listener for TLS has; who: the possessive of the role. */
#define TLS(section_, who_, client_, allow_) \
	CHECKED(#section_, "trusted_peers", section_.agent.trusted_peers, "", checks_prefixes, \
		"Addresses and networks of servers without a certificate, over TCP say, whose messages may carry ms-asserted-verification-level, ms-edge-proxy-message-trust, ms-internal-info and P-Asserted-Identity, as those of a server with an allowed certificate may; from anybody else's messages they are removed. Empty: none."), \
	CHECKED(#section_, "tls_client", section_##_tls.client, client_, checks_tls_client_word, \
		"Client certificates at " who_ " listener for TLS: none (not asked for), optional (checked if shown) or required."), \
	CHECKED(#section_, "tls_allow", section_##_tls.allow, allow_, checks_hosts, \
		"DNS names and addresses, with spaces or commas in between and without wildcards, that such a certificate may be for; empty: nobody's is accepted. Not used with none."), \
	CHECKED(#section_, "cert_file", section_##_tls.cert_file, "", checks_cert_file, \
		"PEM file with " who_ " certificate, then its intermediates; empty: one that the lab's authority signs."), \
	CHECKED(#section_, "key_file", section_##_tls.key_file, "", checks_key_file, \
		"PEM file with its key.")
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */
