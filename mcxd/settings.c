/*
 * Settings of mcxd
 */
#include "mcxd/settings.h"

#include "mcxd/apns_key.h"
#include "mcxd/base/setting.h"
#include "mcxd/checks.h"
#include "mcxd/core/core.h"
#include "mcxd/names.h"
#include "mcxd/sip_role.h"
#include "mcxd/token.h"
#include "mcxd/webhook_file.h"
#include "proto/push/apns.h"
#include "proto/sip/text_push.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/lab.h"
#include "web/ucwa/cors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(member) offsetof(struct settings, member)

enum { DAY_MS = 86400000, MANY = 10000000, GIB = 1 << 30 };

/* ---- rows ---- */

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

static const struct setting rows[] = {
	STRING("state", "directory", state_dir, "",
	       "Directory for the database, certificates and the lab socket; empty: ~/.local/state/mcxd."),
	SIZE("state", "min_free", min_free_bytes, "32M", 0, (int64_t)64 * GIB,
	     "Free space to keep on the disk of this directory; with less, requests whose outcome has to be stored are answered 503. 0: none."),
	CHECKED("users", "file", users_file, "", checks_file,
		"INI file with the lab's users, at most 1M; empty: the five users of the demo."),
	CHECKED("users", "open", core.open_domain, "", checks_optional_host_name,
		"Domain of which every address is a user, as in lab.test; with no file they exist only while they do something. Empty: none."),
	CHECKED("users", "open_password_file", open_password_file, "", password_check,
		"File with the password, in one line, of all these users, with which they can sign in over HTTPS; empty: they exist for SIP from this machine only."),
	{ .section = "hosts", .key = "NAME", .type = SETTING_MAP, .offset = AT(hosts), .check_name = names_check_name,
	  .check = names_check_address,
	  .help = "Address of a host, as in edge.lab.test = 127.0.0.1: the only names that are known, because no name server is ever asked." },

	CHECKED("pki", "ca_cert", ca_cert, "", checks_cert_file,
		"PEM file of the authority that signs the lab's certificates, for several processes to share; empty: one in the state directory."),
	CHECKED("pki", "ca_key", ca_key, "", checks_key_file, "PEM file with its key."),
	CHECKED("pki", "trust", trust, "", checks_cert_files,
		"PEM files of further authorities that may sign the certificates of SIP peers."),
	LIVE_CHECKED("log", "level", log_level, "warn", checks_log_level,
		"Level of the log (error, warn, info or debug), with exceptions by room, as in \"info,sip=debug\"."),
	LIVE_CHECKED("log", "format", log_format, "text", checks_log_format,
		"Form of the log's lines: text, or json, an object a line with time, level, room, name, state and message."),
	LIVE_COUNT("journal", "max_records", journal.max_records, "100000", 0, MANY,
	      "Maximum number of records kept; the oldest are dropped first. 0: nothing is recorded."),
	LIVE_SIZE("journal", "max_size", journal.max_bytes, "128M", 65536, (int64_t)64 * GIB,
	     "Maximum memory for these records; the oldest are dropped first."),

	SHARED(SETTING_INT, "max_connections", max_connections, "20000", 1, MANY,
	       "Maximum number of open connections of a listener; further ones are closed.",
	       BY_SIP(max_connections), BY_UCWA(max_connections), IN(push_service, max_connections)),
	SHARED(SETTING_INT, "max_connections_per_peer", max_connections_per_peer, "10000", 0, MANY,
	       "Maximum number of open connections of a SIP listener from one address; further ones are closed. 0: as many as max_connections.",
	       BY_SIP(max_connections_per_peer)),
	SHARED(SETTING_BYTES, "max_message", max_message_bytes, "64k", 1024, GIB,
	       "Maximum size of a SIP message; a longer one is answered 413.",
	       BY_SIP(max_message_bytes)),
	SHARED(SETTING_MS, "handshake_timeout", handshake_timeout_ms, "10s", 100, DAY_MS,
	       "How long, in real time, a SIP connection may take to be made, with its TLS handshake; then it is closed.",
	       BY_SIP(handshake_timeout_ms)),
	SHARED(SETTING_MS, "message_timeout", message_timeout_ms, "30s", 100, DAY_MS,
	       "How long, in real time, a SIP connection may take to deliver a complete message, the first counted from the start; then it is closed.",
	       BY_SIP(message_timeout_ms)),
	SHARED(SETTING_MS, "connection_timeout", connection_timeout_ms, "3h", 0, DAY_MS,
	       "How long, in real time, a SIP connection may be silent; then it is closed. 0: for ever.",
	       BY_SIP(connection_timeout_ms)),
	SHARED(SETTING_INT, "max_transactions", max_transactions, "200000", 1, MANY,
	       "Maximum number of SIP requests being handled by a listener; further ones are answered 503.",
	       BY_SIP(max_transactions)),
	SHARED(SETTING_BYTES, "max_unread", max_unsent_bytes, "8M", 4096, GIB,
	       "Maximum size of what is queued for a SIP peer that does not read; with more its connection is closed.",
	       BY_SIP(max_unsent_bytes)),
	SHARED(SETTING_MS, "unread_timeout", unread_timeout_ms, "30s", 100, DAY_MS,
	       "How long, in real time, a SIP peer may leave queued data unread; then its connection is closed.",
	       BY_SIP(unread_timeout_ms)),
	SHARED(SETTING_BYTES, "max_body", max_body_bytes, "64k", 1024, GIB,
	       "Maximum size of the body of an HTTP request; a longer one is answered 413.",
	       BY_UCWA(max_body_bytes)),
	SHARED(SETTING_MS, "idle_timeout", idle_timeout_ms, "60s", 1000, DAY_MS,
	       "How long, in real time, an HTTP connection may be without a request, and a request may take to arrive; then the connection is closed.",
	       BY_UCWA(idle_timeout_ms), IN(push_service, idle_timeout_ms), IN(lab, idle_timeout_ms)),
	SHARED(SETTING_INT, "max_rate", max_rate, "0", 0, MANY,
	       "Maximum number of HTTP requests a second from one address, on average over ten seconds; further ones are answered 429. 0: any. Addresses of this machine's loopback are not counted.",
	       BY_UCWA(max_rate)),
	BOOL("net", "trust_network", trust_network, "no",
	     "Whether SIP may be taken beyond the loopback from clients that prove nothing, which is refused otherwise: anybody who reaches the listener can then be anybody."),
	CHECKED("net", "trusted_proxies", trusted_proxies, "", checks_prefixes,
		"Addresses and networks of reverse proxies, with spaces or commas in between, whose X-Forwarded-* or Forwarded headers and PROXY protocol headers say who the client is and which host it asked for; empty: none."),

	CHECKED("sip", "udp", sip.agent.udp, "127.0.0.1:5060", checks_listen,
		"Address and port of the front end's listener for SIP over UDP; empty: none."),
	CHECKED("sip", "tcp", sip.agent.tcp, "127.0.0.1:5060", checks_listen,
		"Address and port of the front end's listener for SIP over TCP; empty: none."),
	CHECKED("sip", "tls", sip.agent.tls, "127.0.0.1:5061", checks_listen,
		"Address and port of the front end's listener for SIP over TLS; empty: none."),
	TLS(sip, "the front end's", "none", ""),
	CHECKED("sip", "udp_authentication", sip.auth.udp, "none", checks_authentication,
		"How clients at sip.udp prove who they are: none (they do not), or digest, ntlm or both, with spaces or commas in between. Servers with an allowed certificate, and trusted peers, are not asked."),
	CHECKED("sip", "tcp_authentication", sip.auth.tcp, "none", checks_authentication,
		"The same at sip.tcp."),
	CHECKED("sip", "tls_authentication", sip.auth.tls, "none", checks_authentication,
		"The same at sip.tls, for clients without an allowed certificate."),
	CHECKED("sip", "realm", sip.auth.realm, "SIP Communications Service", checks_realm,
		"Realm that is named to clients, for which they then have a password."),
	CHECKED("sip", "digest_algorithms", sip.auth.algorithms, "SHA-256 MD5", checks_algorithms,
		"Algorithms that are offered for digest: SHA-256, MD5 or both."),
	TIME("sip", "nonce_lifetime", sip.auth.nonce_lifetime_ms, "5m", 1000, DAY_MS,
	     "How long a nonce may be used; then the client is told that it is stale, and gets another one."),
	COUNT("sip", "max_nonces", sip.auth.max_nonces, "100000", 1, MANY,
	      "Maximum number of nonces in use whose count is remembered; beyond it the oldest become stale."),
	TIME("sip", "association_lifetime", sip.auth.association_lifetime_ms, "8h", 1000, 30 * (int64_t)DAY_MS,
	     "How long a client may sign its messages with the keys of one handshake of NTLM; then it has to go through another one."),
	COUNT("sip", "max_associations", sip.auth.max_associations, "16", 1, 10000,
	      "Maximum number of clients of a user that sign their messages; one more ends the oldest one's keys."),
	SIZE("sip", "udp_buffer", sip.agent.udp_buffer_bytes, "8M", 4096, GIB,
	     "Size of the UDP listener's receive buffer; when a burst fills it, datagrams are lost and sent again. Limited by net.core.rmem_max unless mcxd runs as root."),
	LIVE_COUNT("sip", "max_held_messages", sip.max_held_messages, "32", 1, 10000, "Maximum number of unanswered messages of a client in a dialog; one more is refused."),
	LIVE_SECONDS("sip", "session_expires", sip.session_expires_s, "30m", 0, DAY_MS / 1000,
	      "How long a dialog lasts that is not refreshed, as far as its client supports session timers (RFC 4028). 0: it is not asked to."),
	LIVE_SECONDS("sip", "min_session_expires", sip.min_session_expires_s, "90s", 1, DAY_MS / 1000,
	      "Minimum of that; a client that asks for less is answered 422."),
	LIVE_TIME("sip", "probe_interval", sip.probe_interval_ms, "5m", 0, DAY_MS,
	      "How long nothing may be heard in a dialog without session timer before its client is asked by OPTIONS. 0: never."),
	LIVE_TIME("sip", "pager_wait", sip.pager_wait_ms, "500ms", 0, 10000, "How long a message without a session waits for the phone to acknowledge it, which is answered 200; then it is answered 202."),
	LIVE_TIME("sip", "typing_timeout", sip.typing_timeout_ms, "2m", 0, DAY_MS, "How long a client counts as typing that does not say so again. 0: until it stops."),

	CHECKED("upstream", "registrar", sip.upstream.registrar, "", checks_sip_uri,
		"SIP URI of somebody else's registrar (sip:127.0.0.1:5070;transport=tcp), at which every phone is registered on its behalf; mcxd is then the mobility service alone, and the front end listens at upstream.listen and nowhere else. Empty: none."),
	CHECKED("upstream", "listen", upstream_listen, "127.0.0.1:5087", checks_listen,
		"Address and port where the upstream registrar reaches the phones, by the transport of its URI."),
	LIVE_SECONDS("upstream", "expires", sip.upstream.expires_s, "600s", 1, DAY_MS / 1000,
		"Lifetime of those registrations to ask for; they are refreshed after half of what is granted."),
	LIVE_TIME("upstream", "retry_first", sip.upstream.backoff.first_ms, "1s", 1, DAY_MS,
	      "How long to wait after a registration failed; each further failure doubles it."),
	LIVE_TIME("upstream", "retry_max", sip.upstream.backoff.max_ms, "1m", 1, DAY_MS,
	      "The longest such wait."),

	CHECKED("https", "listen", https.listen, "127.0.0.1:8443", checks_listen,
		"Address and port of the HTTPS listener for phones; empty: none."),
	STRING("https", "names", https_names, "localhost lyncdiscover.lab.test lyncdiscoverinternal.lab.test lyncweb.lab.test",
	       "Host names and addresses in the front end's certificate, in addition to core.server_fqdn, 127.0.0.1 and the addresses of its listeners."),
	BOOL("https", "proxy_protocol", https.proxy_protocol, "no",
	     "Whether a connection from one of net.trusted_proxies begins with a PROXY protocol header (version 1 or 2), also in front of TLS; one without it is closed."),
	CHECKED("https", "public_url", ucwa.public_url, "", checks_base_url,
		"Scheme, host and port of the absolute links sent to phones; empty: those of their request, or those that a trusted proxy names."),
	CHECKED("https", "allowed_origins", ucwa.allowed_origins, "", cors_check,
		"Origins of web pages that may use the API, with spaces or commas in between, as in https://app.lab.test:8443; empty: none but its own."),
	TIME("https", "token_lifetime", ucwa.auth.token_lifetime_ms, "8h", 1000, 30 * (int64_t)DAY_MS,
	     "How long an access token is valid."),
	COUNT("https", "max_tokens_per_user", ucwa.auth.max_tokens_per_user, "32", 1, MANY,
	      "Maximum number of valid tokens of a user; one more ends the oldest."),
	COUNT("https", "max_tokens", ucwa.auth.max_tokens, "200000", 1, MANY,
	      "Maximum number of valid tokens of all users; one more is refused."),
	TIME("https", "guess_delay", guess.delay_ms, "1s", 0, DAY_MS,
	     "How long the answer to a wrong password is delayed, over HTTPS and SIP alike, and the check of the next one for the same user from the same address; it doubles with each further wrong one. 0: not at all."),
	TIME("https", "max_guess_delay", guess.max_delay_ms, "30s", 0, DAY_MS,
	     "Maximum of this delay."),
	TIME("https", "guess_memory", guess.forget_ms, "10m", 1000, DAY_MS,
	     "How long after the last wrong password the wrong passwords for a user from an address are forgotten."),
	COUNT("https", "max_guesses", guess.max_waiting, "8", 1, 10000,
	      "Maximum number of delayed requests for a user from an address; one more is answered 429, over SIP 503."),
	COUNT("https", "max_guess_names", guess.max_names, "100", 1, MANY,
	      "Maximum number of user names whose wrong passwords are counted separately for an address; all further names count as one."),
	COUNT("https", "max_guess_pairs", guess.max_pairs, "100000", 1, MANY,
	      "Maximum number of pairs of user and address whose wrong passwords are remembered; the oldest are forgotten first."),
	LIVE_COUNT("https", "max_batch", ucwa.max_batch, "100", 1, 10000,
	      "Maximum number of requests in a batch; a batch with more is answered 429, and none of them is executed."),
	LIVE_SIZE("https", "max_batch_answer", ucwa.max_batch_bytes, "4M", 1024, GIB,
	     "Maximum size of the answers to a batch; once they have reached it, further requests of the batch are not executed and answered 429."),
	LIVE_COUNT("https", "max_contacts", ucwa.max_contacts, "1000", 0, MANY,
	      "Maximum number of contacts in a user's list; all users of the server are contacts, and a search finds the others."),
	LIVE_COUNT("https", "max_recent", core.max_recent, "100", 1, MANY,
	      "Maximum number of messages and invitations that a phone can still read; the oldest are dropped first."),
	LIVE_COUNT("https", "max_held", ucwa.max_held, "100000", 1, MANY,
	      "Maximum number of event requests held open; one more is answered 503."),
	LIVE_COUNT("https", "max_held_per_user", ucwa.max_held_per_user, "32", 1, MANY,
	      "Maximum number of event requests held open for one user; one more is answered 429."),

	CHECKED("http", "listen", http.listen, "", checks_listen,
		"Address and port of the same API without TLS, for tests and benchmarks; empty: none."),
	BOOL("http", "proxy_protocol", http.proxy_protocol, "no", "The same as https.proxy_protocol for this listener."),
	BOOL("http", "redirect", ucwa.redirect_plain, "yes",
	     "Whether plain HTTP serves nothing but Autodiscover's redirection to the HTTPS listener, if there is one."),

	CHECKED("core", "server_fqdn", core.server_fqdn, "fe.lab.test", checks_host_name,
		"Name of the front end in ms-diagnostics and in its certificate."),
	LIVE_TIME("core", "invite_timeout", core.invite_timeout_ms, "60s", 100, DAY_MS,
	     "How long an invitation waits for an answer; then the caller gets 408."),
	LIVE_TIME("core", "call_timeout", core.call_timeout_ms, "30s", 100, DAY_MS,
	     "How long an invitation that a phone sends waits for an answer; then it fails with Timeout."),
	LIVE_TIME("core", "pager_idle", core.pager_idle_ms, "10m", 1000, DAY_MS, "How long a conversation of messages without a session waits for the next one, and for a phone to accept it; then it ends."),
	LIVE_TIME("core", "event_delay", core.event_delay_ms, "50ms", 0, 10000,
	     "How long an event waits for others, so that they reach the phone together; invitations do not wait."),
	LIVE_TIME("core", "event_delay_medium", core.medium_delay_ms, "5s", 0, DAY_MS,
	     "How long an event of medium priority (presence, note, location …) waits for others, unless the phone says otherwise."),
	LIVE_TIME("core", "event_delay_low", core.low_delay_ms, "15s", 0, DAY_MS,
	     "The same for an event of low priority."),
	LIVE_TIME("core", "phone_linger", core.phone_linger_ms, "10s", 100, DAY_MS,
	     "How long a phone counts as in the foreground after its last event request was answered."),
	LIVE_TIME("core", "hang_up_linger", core.hang_up_linger_ms, "2s", 1, DAY_MS,
	     "How long a phone counts as in the foreground after it hung up during an event request."),
	LIVE_TIME("core", "channel_expiry", core.channel_expiry_ms, "24h", 0, 365 * (int64_t)DAY_MS,
	     "How long a phone may be without an event request; then its conversations are ended, and its next packet of events says so. 0: for ever."),
	LIVE_TIME("core", "poll_timeout", core.poll_timeout_ms, "180s", 1000, DAY_MS,
	     "How long an event request is held if it does not name a time itself."),
	LIVE_TIME("core", "session_expiry", core.session_expiry_ms, "72h", 1000, 365 * (int64_t)DAY_MS,
	     "How long a phone with a push platform may be silent before it is signed out."),
	LIVE_TIME("core", "session_short_expiry", core.session_short_expiry_ms, "1h", 1000, 365 * (int64_t)DAY_MS,
	     "How long any other client may be silent before it is signed out."),
	LIVE_TIME("core", "repeat_window", core.repeat_window_ms, "2s", 0, DAY_MS,
	     "How long after the answer a first MESSAGE equal to the invitation's text counts as a repetition of it."),
	LIVE_SECONDS("core", "min_expires", core.min_expires_s, "60s", 1, DAY_MS / 1000,
		"Minimum lifetime of a registration; a shorter one is answered 423."),
	LIVE_SECONDS("core", "default_expires", core.default_expires_s, "600s", 1, DAY_MS / 1000,
		"Lifetime of a registration that does not name one."),
	LIVE_SECONDS("core", "max_expires", core.max_expires_s, "2h", 1, DAY_MS / 1000,
		"Maximum lifetime of a registration; a longer one is shortened."),
	LIVE_COUNT("core", "max_endpoints", core.max_endpoints, "16", 1, MANY,
	      "Maximum number of SIP contacts and phones of a user; one more is refused."),
	LIVE_COUNT("core", "max_phones", core.max_phones, "12", 1, MANY,
	      "Maximum number of phones of a user, which are the applications of UCWA; one more is answered 429."),
	LIVE_COUNT("core", "max_conversations", core.max_conversations, "64", 1, MANY,
	      "Maximum number of conversations of a user; one more is answered 503 over SIP and 429 over HTTPS."),
	LIVE_COUNT("core", "max_events", core.max_events, "1000", 10, MANY,
	      "Maximum number of unacknowledged events of a phone; at the limit, invitations do not reach it."),
	LIVE_COUNT("core", "max_missed", core.max_missed, "100", 0, MANY,
	      "Maximum number of missed conversations kept for a phone."),
	LIVE_TIME("core", "inactive_timeout", core.inactive_timeout_ms, "5m", 0, DAY_MS,
	     "How long a user whose phone reports no activity counts as active, unless the phone asked for another time; after that time once more the user is away. 0: for ever."),
	LIVE_TIME("core", "presence_warning", core.watch_warning_ms, "1m", 0, 600000,
	     "How long before the end of a presence subscription its phone is told, so that it can extend it."),
	LIVE_COUNT("core", "max_watches", core.max_watches, "50", 0, MANY,
	      "Maximum number of presence subscriptions of a phone; one more is answered 403."),
	LIVE_COUNT("core", "max_watched", core.max_watched, "500", 0, MANY,
	      "Maximum number of users in all presence subscriptions of a phone, and in those of a user's SIP clients; one more is refused."),
	LIVE_SIZE("core", "max_message", core.max_message_bytes, "8000", 1, GIB,
	     "Maximum size of an instant message; a longer one is answered 413."),
	LIVE_COUNT("core", "max_history", core.max_history, "1000", 0, MANY,
	      "Maximum number of ended conversations, and of pushes, that stay listed."),

	LIVE_BOOL("push", "microsoft", core.enable_microsoft_push, "yes",
	     "Whether Windows Phones may subscribe, and get pushes."),
	LIVE_CHECKED("push", "apple", push_apple, "", checks_yes_no,
		"Whether iPhones may subscribe, and get pushes: yes or no; empty: yes, unless pushes go to the clearing house of this process and it cannot deliver them."),
	CHECKED("push", "allow_hosts", push_allow_hosts, "", checks_allowed_hosts,
	       "Where the notification URI of a subscription may lead, written as in clearing_house.allow_hosts; empty: what that says if pushes go to the clearing house of this process, else anywhere."),
	LIVE_COUNT("push", "max_waiting", core.max_waiting_pushes, "100", 1, MANY,
	      "Maximum number of pushes that wait until another one to the same phone has been answered; for one more the oldest is dropped."),
	LIVE_COUNT("push", "max_preview", core.max_preview, "255", 0, 2000,
	      "Maximum number of characters of a message that a push shows; a longer one is cut and ends in an ellipsis. 0: pushes show no text."),
	LIVE_BOOL("push", "withdraw", core.withdraw_pushes, "yes",
	     "Whether a toast is taken off the phone when its invitation was taken or declined elsewhere, or cancelled by the caller."),
	LIVE_CHECKED("push", "next_hop", push_next_hop, "", checks_sip_uri,
		"SIP URI that the front end sends pushes to, as sip:127.0.0.1:5071;transport=tls; empty: the Edge of this process, or else its clearing house."),
	CHECKED("push", "target", sip.push_target, SIP_TEXT_PUSH_TARGET, checks_push_target,
		"SIP URI that pushes are addressed to."),
	LIVE_TIME("push", "timeout", sip.push_timeout_ms, "10s", 100, DAY_MS,
	     "How long to wait for the next hop's answer to a push; then it has failed."),

	CHECKED("edge", "tcp", edge.agent.tcp, "", checks_listen,
		"Address and port of the Edge's listener for SIP over TCP; empty: none."),
	CHECKED("edge", "tls", edge.agent.tls, "127.0.0.1:5071", checks_listen,
		"Address and port of the Edge's listener for SIP over TLS, which the front end of this process then uses; empty: none."),
	TLS(edge, "the Edge's", "required", "fe.lab.test"),
	CHECKED("edge", "fqdn", edge.fqdn, "edge.lab.test", checks_host_name,
		"Name of the Edge in diagnostics and in Contact."),
	CHECKED("edge", "external_tls", edge.external_tls, "", checks_listen,
		"Address and port of the listener for SIP over TLS of the Edge's external side, which refuses every request: federation inward is not emulated. Empty: none; answers come by the connections that the Edge opens."),
	/* Live, though a list of who is allowed: a drill takes the domain off it for as long as it runs. */
	LIVE_CHECKED("edge", "allowed_domains", edge.allowed_domains, SIP_TEXT_PUSH_DOMAIN, checks_hosts,
		"Domains that the Edge sends requests to, with spaces or commas in between; one for any other domain is answered 504. Empty: none."),
	CHECKED("edge", "next_hop", edge.next_hop, "", checks_sip_uri,
		"SIP URI that the Edge sends requests to whose domain has no row of its own in [federation], as sip:127.0.0.1:5081;transport=tls; empty: the clearing house of this process."),
	LIVE_TIME("edge", "timeout", edge.timeout_ms, "8s", 100, DAY_MS,
	     "How long to wait for the next hop's answer; then the sender gets 504."),
	{ .section = "federation", .key = "DOMAIN", .type = SETTING_MAP, .offset = AT(routes), .check_name = names_check_name,
	  .check = checks_sip_uri,
	  .help = "Route of a domain in edge.allowed_domains, as in push.lync.com = sip:sipfed.online.lync.com:5061;transport=tls: the SIP URI that the Edge sends its requests to." },

	CHECKED("clearing_house", "tcp", clearing_house.agent.tcp, "", checks_listen,
		"Address and port of the clearing house's listener for SIP over TCP; empty: none."),
	CHECKED("clearing_house", "tls", clearing_house.agent.tls, "127.0.0.1:5081", checks_listen,
		"Address and port of the clearing house's listener for SIP over TLS, which the Edge of this process then uses; empty: none."),
	TLS(clearing_house, "the clearing house's", "required", "edge.lab.test"),
	CHECKED("clearing_house", "fqdn", clearing_house_fqdn, "sipfed.online.lync.com", checks_host_name,
		"Name of the clearing house's server: its certificate is for it."),
	CHECKED("clearing_house", "address", clearing_house.address, SIP_TEXT_PUSH_ADDRESS, checks_sip_address,
		"Address that the clearing house answers for."),
	CHECKED("clearing_house", "allow_peers", clearing_house.allow_peers, "127.0.0.0/8 ::1", checks_prefixes,
		"Addresses and networks that may send pushes, with spaces or commas in between; not used by TLS if tls_client is required."),
	CHECKED("clearing_house", "allow_senders", clearing_house.allow_senders, "", checks_hosts,
		"Domains whose users may send pushes, with spaces or commas in between; empty: any."),
	CHECKED("clearing_house", "allow_hosts", clearing_house.allow_hosts, "", checks_allowed_hosts,
	       "Where a notification URI may lead, with spaces or commas in between: host:port; host, for port 80 of http and 443 of https; host:*, for any port; or *. Never to a listener of this process other than its push service. Empty: this push service."),
	CHECKED("clearing_house", "webhook_secret_file", webhook_secret_file, "", webhook_file_check,
		"File with the secret, in one line that begins with whsec_, that webhooks are signed with (Standard Webhooks); made if it is missing. Empty: webhook.secret in the state directory."),
	CHECKED("clearing_house", "ca_file", clearing_house_ca_file, "", checks_cert_file,
		"PEM file with the certificate authorities trusted for push services that use HTTPS; empty: the system's."),
	LIVE_COUNT("clearing_house", "max_pending", clearing_house.max_pending, "10000", 1, MANY,
	      "Maximum number of notifications being delivered; one more is answered 503."),
	LIVE_SIZE("clearing_house", "max_body", clearing_house.max_body_bytes, "16k", 256, GIB,
	     "Maximum size of a notification's body; a longer one is answered 413."),
	LIVE_SIZE("clearing_house", "max_preview", clearing_house.max_preview_bytes, "512", 1, 2048,
	     "Maximum size of a toast's text and of its title; a longer one is cut."),
	LIVE_COUNT("clearing_house", "max_pending_per_host", clearing_house.outbox.per_host, "5000", 1, MANY,
	      "Maximum number of notifications being delivered to one push service; one more is answered 503."),
	LIVE_COUNT("clearing_house", "max_pending_per_channel", clearing_house.outbox.per_channel, "32", 1, MANY,
	      "Maximum number of notifications being delivered to one phone, which are sent one after another; one more is answered 503."),
	LIVE_COUNT("clearing_house", "max_requests_per_host", clearing_house.outbox.requests, "64", 1, 10000,
	      "Maximum number of requests to one push service at once; further notifications wait for their turn."),
	LIVE_TIME("clearing_house", "timeout", clearing_house.exchange_timeout_ms, "5s", 100, DAY_MS,
	     "How long, in real time, to wait for a push service's answer; then the delivery has failed."),
	LIVE_TIME("clearing_house", "deadline", clearing_house.deadline_ms, "7s", 100, DAY_MS,
	     "How long a notification may take, with waiting and all attempts, until its sender is answered; at most nine tenths of edge.timeout and of push.timeout where these roles run in this process."),
	LIVE_COUNT("clearing_house", "max_attempts", clearing_house.backoff.max_attempts, "4", 1, 100,
	      "Maximum number of times that a request is sent to a push service that can take it later (QueueFull, 429, 503, Retry-After)."),
	LIVE_TIME("clearing_house", "retry_delay", clearing_house.backoff.first_ms, "500ms", 0, DAY_MS,
	     "How long to wait before the second time; it doubles with each further one. Half of it is random. What the push service asks for (Retry-After) is added."),
	LIVE_TIME("clearing_house", "max_retry_delay", clearing_house.backoff.max_ms, "4s", 0, DAY_MS,
	     "Maximum of this delay."),
	LIVE_COUNT("clearing_house", "max_dead", clearing_house.dead.max, "10000", 0, MANY,
	      "Maximum number of channels remembered of which a push service has said that they are gone; pushes to them are answered 410. 0: none."),
	LIVE_TIME("clearing_house", "dead_memory", clearing_house.dead.memory_ms, "1h", 0, 365 * (int64_t)DAY_MS,
	     "How long they are remembered."),
	CHECKED("clearing_house", "apns_url", clearing_house.apns.url, "", checks_base_url,
		"Scheme, host and port of Apple's push service, as in https://api.push.apple.com; empty: the push service of this process; without one there are no pushes to iPhones."),
	STRING("clearing_house", "apns_topic", clearing_house.apns.topic, APNS_LAB_TOPIC,
	       "Topic of notifications to iPhones: the bundle id of the app."),
	CHECKED("clearing_house", "apns_key_file", clearing_house_apns_key_file, "", apns_key_check,
		"PEM file with the P-256 key that provider tokens are signed with (a .p8 file of Apple's); empty: that of the push service of this process, unless push_service.apns_key_file names one."),
	STRING("clearing_house", "apns_key_id", clearing_house.apns.key_id, APNS_LAB_KEY_ID, "Id of this key."),
	STRING("clearing_house", "apns_team_id", clearing_house.apns.team_id, APNS_LAB_TEAM_ID,
	       "Id of the team that it belongs to."),
	CHECKED("clearing_house", "apns_cert_file", clearing_house.apns.cert_file, "", checks_cert_file,
		"PEM file with a certificate to show to Apple's push service in place of a token."),
	CHECKED("clearing_house", "apns_cert_key_file", clearing_house.apns.cert_key_file, "", checks_key_file,
		"PEM file with its key."),
	CHECKED("clearing_house", "apns_ca_file", clearing_house.apns.ca_file, "", checks_cert_file,
		"PEM file with the certificate authorities trusted for Apple's push service; empty: the lab's for the push service of this process, the system's for another one."),
	LIVE_TIME("clearing_house", "apns_expiry", clearing_house.apns.expiry_ms, "1h", 0, 365 * (int64_t)DAY_MS,
	     "How long Apple's push service keeps a notification for an iPhone that it cannot reach."),

	CHECKED("push_service", "listen", push_service.listen, "127.0.0.1:8080", checks_required_listen,
		"Address and port of the push service's HTTP listener."),
	CHECKED("push_service", "base_url", push_service.base_url, "", checks_base_url,
		"Scheme, host and port of notification URIs; empty: those of the listener, and 127.0.0.1 or [::1] if it listens on every address."),
	SIZE("push_service", "max_body", push_service.max_body_bytes, "8k", 256, GIB,
	     "Maximum size of the body of a request to the push service; a longer one is answered 413. MPNS itself takes 3 KB."),
	LIVE_COUNT("push_service", "max_channels", push_service.max_channels, "100000", 1, MANY,
	      "Maximum number of channels; one more is refused."),
	LIVE_COUNT("push_service", "max_ended_tokens", push_service.max_ended_tokens, "10000", 0, MANY,
	      "Maximum number of device tokens of iPhones remembered whose channel has ended; pushes to them are answered 410, to unknown ones 400. 0: none."),
	LIVE_SIZE("push_service", "max_name", push_service.max_name_bytes, "512", 1, 4096,
	     "Maximum size of a phone's name and of its user agent; a longer one is refused."),
	COUNT("push_service", "max_queue", push_service.max_queue, "32", 1, 10000,
	      "Maximum number of notifications queued on a channel; one more is answered QueueFull."),
	LIVE_COUNT("push_service", "max_per_day", push_service.max_per_day, "500", 1, MANY,
	      "Maximum number of notifications that a channel accepts in 24 hours; one more is answered 406."),
	LIVE_TIME("push_service", "carrier_timeout", push_service.carrier_timeout_ms, "300s", 100, DAY_MS,
	     "How long a carrier request is held if it does not name a time itself."),
	LIVE_TIME("push_service", "max_carrier_timeout", push_service.max_carrier_timeout_ms, "1h", 100, DAY_MS,
	     "Maximum time that a carrier request may ask to be held."),
	LIVE_TIME("push_service", "connected", push_service.connected_ms, "10s", 0, DAY_MS,
	     "How long a phone counts as connected after its last carrier request ended."),
	LIVE_TIME("push_service", "inactive", push_service.inactive_ms, "7d", 0, 365 * (int64_t)DAY_MS,
	     "How long after its last carrier request a phone counts as inactive; then notifications are answered 412."),
	LIVE_TIME("push_service", "expiry", push_service.expiry_ms, "30d", 1000, 365 * (int64_t)DAY_MS,
	     "How long after its last carrier request a phone's channel expires; then notifications are answered 404 (MPNS) or 410 (APNs)."),
	CHECKED("push_service", "apns", push_service.apns, "127.0.0.1:2197", checks_listen,
		"Address and port of the push service's listener for APNs (HTTP/2 over TLS); empty: none."),
	CHECKED("push_service", "apns_names", apns_names, "apns.lab.test", checks_hosts,
		"DNS names and addresses, besides those of the listener, that its certificate is for."),
	CHECKED("push_service", "cert_file", push_service_tls.cert_file, "", checks_cert_file,
		"PEM file with the certificate of the push service, then its intermediates; empty: one that the lab's authority signs."),
	CHECKED("push_service", "key_file", push_service_tls.key_file, "", checks_key_file, "PEM file with its key."),
	CHECKED("push_service", "tls_client", push_service_tls.client, "optional", checks_tls_client_word,
		"Client certificates at this listener: none (not asked for), optional (checked if shown) or required. One for a topic may notify its phones without a token."),
	STRING("push_service", "apns_topics", push_service.apns_topics, APNS_LAB_TOPIC,
	       "Topics of notifications, with spaces or commas in between: the ids of the apps that there are."),
	STRING("push_service", "apns_key_file", apns_key_file, "",
	       "PEM file with the P-256 key, or its public half, that provider tokens are signed with; empty: apns.p8 in the state directory, which is made if it is missing."),
	STRING("push_service", "apns_key_id", push_service.apns_key_id, APNS_LAB_KEY_ID, "Id of this key (kid of provider tokens)."),
	STRING("push_service", "apns_team_id", push_service.apns_team_id, APNS_LAB_TEAM_ID,
	       "Id of the team that it belongs to (iss of provider tokens)."),
	TIME("push_service", "apns_token_interval", push_service.apns_token_interval_ms, "20m", 0, DAY_MS,
	     "How long, in real time, a connection has to keep a provider token before it may use another one; else it is answered 429."),
	COUNT("push_service", "apns_max_tokens", push_service.apns_max_tokens, "1000", 1, MANY,
	      "Maximum number of provider tokens remembered, whose signatures need not be checked again."),
	LIVE_COUNT("push_service", "apns_max_stored", push_service.apns_max_stored, "1", 1, 10000,
	      "Maximum number of notifications kept for an iPhone that is away, the latest ones; APNs keeps one."),
	COUNT("push_service", "apns_max_streams", push_service.apns_max_streams, "1000", 1, 100000, "Maximum number of requests under way on a connection; further ones are refused (REFUSED_STREAM)."),
	SIZE("push_service", "apns_max_headers", push_service.apns_max_header_bytes, "8k", 256, GIB,
	     "Maximum size of the header fields of a request, unpacked and with 32 bytes for each; a request with more is reset."),
	COUNT("push_service", "apns_max_resets", push_service.apns_max_resets, "1000", 1, MANY, "Maximum number of requests that a connection may take back at once; then it is closed."),
	COUNT("push_service", "apns_max_reset_rate", push_service.apns_resets_per_s, "33", 1, MANY, "How many more a second it may take back on average."),
	COUNT("push_service", "apns_max_idle_frames", push_service.apns_max_idle_frames, "10000", 100, MANY, "Maximum number of frames without use (PING, SETTINGS, empty DATA, resets, unknown types and the like) between two requests; with more the connection is closed."),
	COUNT("push_service", "apns_max_settings", push_service.apns_max_settings, "32", 1, MANY, "Maximum number of entries in a SETTINGS frame; with more the connection is closed."),
	COUNT("push_service", "apns_max_unsent_acks", push_service.apns_max_unsent_acks, "100", 1, MANY, "Maximum number of answers to PING and SETTINGS that wait because the client does not read; with more the connection is closed."),
	COUNT("push_service", "apns_max_continuations", push_service.apns_max_continuations, "8", 1, MANY, "Maximum number of CONTINUATION frames of a request; with more the connection is closed."),
	SIZE("push_service", "apns_max_dropped", push_service.apns_max_dropped_bytes, "256k", 0, GIB, "How much of a body that is too long is read and dropped before it is answered 413, because some clients send all of it first."),
	TIME("push_service", "apns_idle_timeout", push_service.apns_idle_timeout_ms, "1h", 1000, DAY_MS,
	     "How long, in real time, a connection may be without a request; PING does not count."),

	LIVE_COUNT("act", "max_actors", lab.max_actors, "64", 0, MANY,
	      "Maximum number of desktops and phones that the lab API hosts; one more is refused."),
	LIVE_COUNT("act", "max_lines", lab.max_actor_lines, "200", 1, MANY,
	      "Maximum number of lines that one of them keeps of its conversations; the oldest are dropped first."),

	STRING("lab", "socket", lab_socket, "",
	       "UNIX socket of the lab API; empty: lab.sock in the state directory."),
	CHECKED("lab", "listen", lab.listen, "127.0.0.1:8090", checks_listen,
		"Address and port of the lab API's HTTP listener; beyond the loopback only with lab.https and lab.token_file. Empty: none."),
	BOOL("lab", "https", lab_https, "no",
	     "Whether this listener speaks HTTPS, with the front end's certificate."),
	CHECKED("lab", "token_file", lab_token_file, "", token_check,
		"File with a token, in one line of at least 16 characters, that requests to this listener must show; empty: none."),
	CHECKED("lab", "hosts", lab.hosts, "", checks_hosts,
		"Host names and addresses, with spaces or commas in between, that this listener may be asked by, besides localhost and its own address; they are in the front end's certificate, too."),
	COUNT("lab", "max_connections", lab.max_connections, "256", 1, MANY,
	      "Maximum number of open connections to the lab API; further ones are closed."),
	SIZE("lab", "max_body", lab.max_body_bytes, "256k", 1024, GIB,
	     "Maximum size of the body of a request to the lab API; a longer one is answered 413."),
	SIZE("lab", "max_import", lab.max_import_bytes, "256M", 1024, GIB,
	     "Maximum size of a lab that is imported over the UNIX socket, and of any request there; over TCP it is lab.max_body."),
	LIVE_COUNT("lab", "max_waiting", lab.max_waiting, "128", 1, MANY,
	      "Maximum number of requests that wait for something; one more is refused."),
	LIVE_TIME("lab", "max_wait", lab.max_wait_ms, "10m", 1000, DAY_MS,
	     "Maximum time that a request may ask to wait."),
	LIVE_COUNT("lab", "max_followers", lab.max_followers, "32", 1, MANY,
	      "Maximum number of clients that follow the journal; one more is refused."),
	LIVE_TIME("lab", "heartbeat", lab.heartbeat_ms, "15s", 100, DAY_MS,
	     "How long a client that follows the journal may hear nothing; then a comment is sent."),
	LIVE_COUNT("lab", "max_page", lab.max_page_records, "10000", 1, MANY,
	      "Maximum number of journal records in one answer; of the timeline of a conversation, the newest."),
	LIVE_SIZE("lab", "max_page_size", lab.max_page_bytes, "4M", 1024, GIB,
	      "Size of the journal records in one answer at which it ends, whatever lab.max_page allows."),
	LIVE_COUNT("lab", "max_export", lab.max_export_records, "20000", 1, MANY,
	      "Maximum number of journal records in one export, or in the story of a conversation; a larger one is refused."),
	LIVE_SIZE("lab", "max_export_size", lab.max_export_bytes, "16M", 1024, GIB,
	      "Maximum size of the journal records in one export, or in the story of a conversation, which are made at once; a larger one is refused."),
	LIVE_COUNT("lab", "max_users", lab.max_users, "10000", 0, MANY,
	      "Maximum number of users that the lab API has added; one more is refused."),
	LIVE_COUNT("lab", "max_faults", lab.max_faults, "100", 0, MANY,
	      "Maximum number of faults that are set at once; more are refused."),
	LIVE_TIME("lab", "max_advance", lab.max_advance_ms, "30d", 1000, 365 * (int64_t)DAY_MS,
	     "Maximum time that one request may advance the clock."),
};
/* clang-format on */

const struct setting_table settings_table = { .rows = rows, .n_rows = ARRAY_SIZE(rows) };

void settings_set_any_port(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		CLEANUP(mem_free_string) char *name = NULL;

		if (rows[i].check != checks_listen && rows[i].check != checks_required_listen)
			continue;
		name = text_format("%s.%s", rows[i].section, rows[i].key);
		if (setting_set(&settings_table, s, name, "127.0.0.1:0", &why) < 0)
			abort();
	}
}
