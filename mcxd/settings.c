/*
 * Settings of mcxd
 */
#include "mcxd/settings.h"

#include "mcxd/base/log.h"
#include "mcxd/base/setting.h"
#include "mcxd/core/core.h"
#include "mcxd/names.h"
#include "mcxd/net/address.h"
#include "proto/push/notification_uri.h"
#include "proto/sip/text_push.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(member) offsetof(struct settings, member)

enum { DAY_MS = 86400000, MANY = 10000000, GIB = 1 << 30 };

/* ---- checks ---- */

static void check_address(const char *value, struct text *why)
{
	const char *colon = strrchr(value, ':');
	struct address ignored;
	int64_t port;

	if (!colon || colon == value)
		text_add(why, "expected an address and a port, such as 127.0.0.1:5060");
	else if (!text_to_int(colon + 1, 0, 65535, &port))
		text_add(why, "the port must be 0 to 65535");
	else if (!address_read(value, &ignored))
		text_add(why, "expected a numeric address, such as 127.0.0.1:5060");
}

static void check_listen(const char *value, struct text *why)
{
	if (*value)
		check_address(value, why);
}

/* Of a role that is nothing but its listener. */
static void check_required_listen(const char *value, struct text *why)
{
	if (*value)
		check_address(value, why);
	else
		text_add(why, "must not be empty; to leave the role out, use --roles");
}

/* Opened for reading, since root may read what its mode forbids, and a folder can be opened. */
static void check_file(const char *value, struct text *why)
{
	struct stat st;
	int fd;

	if (!*value)
		return;
	fd = open(value, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		text_addf(why, "cannot read %s: %s", value, strerror(errno));
	else if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		text_addf(why, "cannot read %s: %s", value, strerror(EISDIR));
	if (fd >= 0)
		close(fd);
}

/* A line is at the most as long as the buffer in a PEM file; a longer one is none of those looked for. */
static bool has_certificate(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, "-----BEGIN CERTIFICATE-----") ||
			strstr(line, "-----BEGIN TRUSTED CERTIFICATE-----");
	if (file)
		fclose(file);
	return found;
}

static void check_ca_file(const char *value, struct text *why)
{
	check_file(value, why);
	if (*value && !why->n && !has_certificate(value))
		text_addf(why, "%s holds no certificate in PEM format", value);
}

static void check_sip_uri(const char *value, struct text *why)
{
	struct uri u;

	if (*value && uri_decode(value, strlen(value), &u, NULL) < 0)
		text_add(why, "expected a SIP URI, such as sip:127.0.0.1:5071;transport=tls");
}

static void check_push_target(const char *value, struct text *why)
{
	struct uri u;

	if (uri_decode(value, strlen(value), &u, NULL) < 0 || !*u.user)
		text_add(why,
			 "expected a SIP URI with a user part, such as sip:push@push.lync.com");
}

static void check_sip_address(const char *value, struct text *why)
{
	char aor[URI_MAX_AOR + 1];

	if (uri_aor(value, aor, NULL) < 0 || strcasecmp(value, aor) != 0)
		text_add(why,
			 "expected a SIP address without \"sip:\", such as push@push.lync.com");
}

static void check_host_name(const char *value, struct text *why)
{
	CLEANUP(mem_free_string) char *uri = text_format("sip:%s", value);
	struct uri u;

	if (uri_decode(uri, strlen(uri), &u, NULL) < 0 || strcasecmp(value, u.host) != 0)
		text_add(why, "expected a host name, such as fe.lab.test");
}

/* Paths are appended to it, so it has none of its own, not even a "/". */
static void check_base_url(const char *value, struct text *why)
{
	CLEANUP(mem_free_string) char *whole = text_format("%s/", value);
	struct notification_uri u;
	const char *unused;

	if (*value &&
	    (notification_uri_decode(whole, &u, &unused) < 0 || u.authority[u.n_authority + 1]))
		text_add(why,
			 "expected http:// or https:// with a host and perhaps a port, such as "
			 "https://lyncweb.lab.test:8443");
}

/* The only list of them: what the code logs under, which is the folder of its file. */
static const char *const log_rooms[] = {
	"clearing_house", "front_end", "fsm",  "http",  "mcxd", "net",
	"push_service",   "sip",       "ucwa", "users", NULL,
};

static bool is_one_of(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static void refuse_word(const char *what, const char *word, const char *const *words,
			struct text *why)
{
	text_addf(why, "unknown %s \"%s\"; %ss are ", what, word, what);
	for (; *words; words++) {
		text_add(why, *words);
		if (words[1])
			text_add(why, words[2] ? ", " : " and ");
	}
}

/* In the order of enum tls_client. */
static const char *const tls_clients[] = { "none", "optional", "required", NULL };

int settings_tls_client(const char *word)
{
	for (int i = 0; tls_clients[i]; i++)
		if (!strcmp(tls_clients[i], word))
			return i;
	return -1;
}

static void check_tls_client(const char *value, struct text *why)
{
	if (settings_tls_client(value) < 0)
		refuse_word("word", value, tls_clients, why);
}

/* Each of a list of files. */
static void check_files(const char *value, struct text *why)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(value);
	char *rest = copy, *path;
	size_t n = why->n;

	while (why->n == n && (path = strsep(&rest, ", ")))
		check_file(path, why);
}

static void check_log_level(const char *value, struct text *why)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(value);
	char *rest = copy, *level;
	size_t n = why->n;

	while (why->n == n && (level = strsep(&rest, ","))) {
		const char *room = strchr(level, '=') ? strsep(&level, "=") : NULL;

		if (room && !is_one_of(log_rooms, room))
			refuse_word("room", room, log_rooms, why);
		else if (!is_one_of(log_level_names, level))
			refuse_word("level", level, log_level_names, why);
	}
}

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
#define NUMBER(type_, section_, key_, member_, def_, min_, max_, help_) \
	{ .section = section_, .key = key_, .type = type_, .offset = AT(member_), .def = def_, \
	  .min = min_, .max = max_, .help = help_ }
#define COUNT(...)   NUMBER(SETTING_INT, __VA_ARGS__)
#define SIZE(...)    NUMBER(SETTING_BYTES, __VA_ARGS__)
#define TIME(...)    NUMBER(SETTING_MS, __VA_ARGS__)
#define SECONDS(...) NUMBER(SETTING_SECONDS, __VA_ARGS__)

/* A row of [net], and the sections that may override it. */
#define SHARED(type_, key_, member_, def_, min_, max_, help_, ...) \
	{ .section = "net", .key = key_, .type = type_, .offset = AT(net.member_), .def = def_, \
	  .min = min_, .max = max_, .help = help_, \
	  .overrides = (const struct setting_override[]){ __VA_ARGS__, { 0 } } }
#define IN(section_, member_) { #section_, AT(section_##_net.member_) }
#define BY_SIP(member_)       IN(sip, member_), IN(edge, member_), IN(clearing_house, member_)
#define BY_UCWA(member_)      IN(https, member_), IN(http, member_)

/* What a SIP role's listener for TLS has; who: the possessive of the role. */
#define TLS(section_, who_, client_, allow_) \
	CHECKED(#section_, "tls_client", section_##_tls.client, client_, check_tls_client, \
		"Whether whoever connects to " who_ " listener for TLS must show a certificate: none, optional or required."), \
	STRING(#section_, "tls_allow", section_##_tls.allow, allow_, \
	       "DNS names and addresses that such a certificate may be for; empty: nobody's is accepted. Not used with none."), \
	CHECKED(#section_, "cert_file", section_##_tls.cert_file, "", check_file, \
		"PEM file with " who_ " certificate, then its intermediates; empty: one that the lab's authority signs."), \
	CHECKED(#section_, "key_file", section_##_tls.key_file, "", check_file, \
		"PEM file with its key.")
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct setting rows[] = {
	STRING("state", "directory", state_dir, "",
	       "Directory for certificates and the lab socket; empty: ~/.local/state/mcxd."),
	CHECKED("users", "file", users_file, "", check_file,
		"INI file with the lab's users, at most 1M; empty: the five users of the demo."),
	{ .section = "hosts", .key = "NAME", .type = SETTING_MAP, .offset = AT(hosts), .check_name = names_check_name,
	  .check = names_check_address,
	  .help = "Address of a host, as in edge.lab.test = 127.0.0.1: the only names that are known, because no name server is ever asked." },

	CHECKED("pki", "ca_cert", ca_cert, "", check_ca_file,
		"PEM file of the authority that signs the lab's certificates, for several processes to share; empty: one in the state directory."),
	CHECKED("pki", "ca_key", ca_key, "", check_file, "PEM file with its key."),
	CHECKED("pki", "trust", trust, "", check_files,
		"PEM files of further authorities that SIP peers are trusted by."),
	CHECKED("log", "level", log_level, "warn", check_log_level,
		"Level of the log (error, warn, info or debug), with exceptions by room, as in \"info,sip=debug\"."),
	BOOL("log", "json", log_json, "no", "Whether log lines are JSON objects."),
	COUNT("journal", "max_records", journal.max_records, "100000", 0, MANY,
	      "Maximum number of records kept; the oldest are dropped first. 0: nothing is recorded."),
	SIZE("journal", "max_size", journal.max_bytes, "128M", 65536, (int64_t)64 * GIB,
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

	CHECKED("sip", "udp", sip.agent.udp, "127.0.0.1:5060", check_listen,
		"Address and port of the front end's listener for SIP over UDP; empty: none."),
	CHECKED("sip", "tcp", sip.agent.tcp, "127.0.0.1:5060", check_listen,
		"Address and port of the front end's listener for SIP over TCP; empty: none."),
	CHECKED("sip", "tls", sip.agent.tls, "127.0.0.1:5061", check_listen,
		"Address and port of the front end's listener for SIP over TLS; empty: none."),
	TLS(sip, "the front end's", "none", ""),
	SIZE("sip", "udp_buffer", sip.agent.udp_buffer_bytes, "8M", 4096, GIB,
	     "Size of the UDP listener's receive buffer; when a burst fills it, datagrams are lost and sent again. Limited by net.core.rmem_max unless mcxd runs as root."),
	COUNT("sip", "max_held_messages", sip.max_held_messages, "32", 1, 10000,
	      "Maximum number of unanswered messages of a client in a dialog; one more is refused."),

	CHECKED("https", "listen", https.listen, "127.0.0.1:8443", check_listen,
		"Address and port of the HTTPS listener for phones; empty: none."),
	STRING("https", "names", https_names, "localhost lyncdiscover.lab.test lyncdiscoverinternal.lab.test lyncweb.lab.test",
	       "Host names in the server's certificate, in addition to core.server_fqdn and 127.0.0.1."),
	CHECKED("https", "public_url", ucwa.public_url, "", check_base_url,
		"Scheme, host and port of the absolute links sent to phones; empty: as in their request."),
	TIME("https", "token_lifetime", ucwa.auth.token_lifetime_ms, "8h", 1000, 30 * (int64_t)DAY_MS,
	     "How long an access token is valid."),
	COUNT("https", "max_tokens_per_user", ucwa.auth.max_tokens_per_user, "32", 1, MANY,
	      "Maximum number of valid tokens of a user; one more ends the oldest."),
	COUNT("https", "max_tokens", ucwa.auth.max_tokens, "200000", 1, MANY,
	      "Maximum number of valid tokens of all users; one more is refused."),
	COUNT("https", "max_recent", ucwa.max_recent, "100", 1, MANY,
	      "Maximum number of messages and invitations that a phone can still read; the oldest are dropped first."),

	CHECKED("http", "listen", http.listen, "", check_listen,
		"Address and port of the same API without TLS, for tests and benchmarks; empty: none."),
	BOOL("http", "redirect", ucwa.redirect_plain, "yes",
	     "Whether Autodiscover over plain HTTP redirects to the HTTPS listener."),

	CHECKED("core", "server_fqdn", core.server_fqdn, "fe.lab.test", check_host_name,
		"Name of the front end in ms-diagnostics and in its certificate."),
	TIME("core", "invite_timeout", core.invite_timeout_ms, "60s", 100, DAY_MS,
	     "How long an invitation waits for an answer; then the caller gets 408."),
	TIME("core", "event_delay", core.event_delay_ms, "50ms", 0, 10000,
	     "How long an event waits for others, so that they reach the phone together; invitations do not wait."),
	TIME("core", "phone_linger", core.phone_linger_ms, "10s", 100, DAY_MS,
	     "How long a phone counts as in the foreground after its last event request was answered."),
	TIME("core", "poll_timeout", core.poll_timeout_ms, "180s", 1000, DAY_MS,
	     "How long an event request is held if it does not say so itself."),
	TIME("core", "session_expiry", core.session_expiry_ms, "72h", 1000, 365 * (int64_t)DAY_MS,
	     "How long a phone with a push platform may be silent before it is signed out."),
	TIME("core", "session_short_expiry", core.session_short_expiry_ms, "1h", 1000, 365 * (int64_t)DAY_MS,
	     "How long any other client may be silent before it is signed out."),
	TIME("core", "repeat_window", core.repeat_window_ms, "2s", 0, DAY_MS,
	     "How long after the answer a first MESSAGE equal to the invitation's text counts as a repetition of it."),
	SECONDS("core", "min_expires", core.min_expires_s, "60s", 1, DAY_MS / 1000,
		"Minimum lifetime of a registration; a shorter one is answered 423."),
	SECONDS("core", "default_expires", core.default_expires_s, "600s", 1, DAY_MS / 1000,
		"Lifetime of a registration that does not name one."),
	SECONDS("core", "max_expires", core.max_expires_s, "2h", 1, DAY_MS / 1000,
		"Maximum lifetime of a registration; a longer one is shortened."),
	COUNT("core", "max_endpoints", core.max_endpoints, "16", 1, MANY,
	      "Maximum number of SIP contacts and phones of a user; one more is refused."),
	COUNT("core", "max_conversations", core.max_conversations, "64", 1, MANY,
	      "Maximum number of conversations of a user; one more is answered 503."),
	COUNT("core", "max_events", core.max_events, "1000", 10, MANY,
	      "Maximum number of unacknowledged events of a phone; at the limit, invitations do not reach it."),
	COUNT("core", "max_missed", core.max_missed, "100", 0, MANY,
	      "Maximum number of missed conversations kept for a phone."),
	SIZE("core", "max_message", core.max_message_bytes, "8000", 1, GIB,
	     "Maximum size of an instant message; a longer one is answered 413."),
	COUNT("core", "max_history", core.max_history, "1000", 0, MANY,
	      "Maximum number of ended conversations, and of pushes, that stay listed."),

	BOOL("push", "microsoft", core.enable_microsoft_push, "yes", "Whether Windows Phones get pushes."),
	BOOL("push", "apple", core.enable_apple_push, "yes",
	     "Whether iPhones get pushes (the clearing house cannot deliver them yet, and says so)."),
	CHECKED("push", "next_hop", push_next_hop, "", check_sip_uri,
		"SIP URI that the front end sends pushes to, as sip:127.0.0.1:5071;transport=tls; empty: the Edge of this process, or else its clearing house."),
	CHECKED("push", "target", sip.push_target, SIP_TEXT_PUSH_TARGET, check_push_target,
		"SIP URI that pushes are addressed to."),
	TIME("push", "timeout", sip.push_timeout_ms, "10s", 100, DAY_MS,
	     "How long to wait for the next hop's answer to a push; then it has failed."),

	CHECKED("edge", "tcp", edge.agent.tcp, "", check_listen,
		"Address and port of the Edge's listener for SIP over TCP; empty: none."),
	CHECKED("edge", "tls", edge.agent.tls, "127.0.0.1:5071", check_listen,
		"Address and port of the Edge's listener for SIP over TLS, which the front end of this process then uses; empty: none."),
	TLS(edge, "the Edge's", "required", "fe.lab.test"),
	CHECKED("edge", "fqdn", edge.fqdn, "edge.lab.test", check_host_name,
		"Name of the Edge in diagnostics and in Contact."),
	CHECKED("edge", "push_domain", edge.push_domain, SIP_TEXT_PUSH_DOMAIN, check_host_name,
		"Domain that requests may be sent to; all others are refused."),
	CHECKED("edge", "next_hop", edge.next_hop, "", check_sip_uri,
		"SIP URI that the Edge sends these requests to, as sip:127.0.0.1:5081;transport=tls; empty: the clearing house of this process."),
	TIME("edge", "timeout", edge.timeout_ms, "8s", 100, DAY_MS,
	     "How long to wait for the next hop's answer; then the sender gets 504."),

	CHECKED("clearing_house", "tcp", clearing_house.agent.tcp, "", check_listen,
		"Address and port of the clearing house's listener for SIP over TCP; empty: none."),
	CHECKED("clearing_house", "tls", clearing_house.agent.tls, "127.0.0.1:5081", check_listen,
		"Address and port of the clearing house's listener for SIP over TLS, which the Edge of this process then uses; empty: none."),
	TLS(clearing_house, "the clearing house's", "required", "edge.lab.test"),
	CHECKED("clearing_house", "address", clearing_house.address, SIP_TEXT_PUSH_ADDRESS, check_sip_address,
		"Address that the clearing house answers for."),
	STRING("clearing_house", "allow_hosts", clearing_house.allow_hosts, "127.0.0.1 localhost [::1]",
	       "Hosts, or host:port, that a notification URI may name; *: any."),
	CHECKED("clearing_house", "ca_file", clearing_house_ca_file, "", check_ca_file,
		"PEM file with the certificate authorities trusted for push services that use HTTPS; empty: the system's."),
	COUNT("clearing_house", "max_pending", clearing_house.max_pending, "10000", 1, MANY,
	      "Maximum number of notifications being delivered; one more is answered 503."),
	SIZE("clearing_house", "max_body", clearing_house.max_body_bytes, "16k", 256, GIB,
	     "Maximum size of a notification's body; a longer one is answered 413."),
	SIZE("clearing_house", "max_preview", clearing_house.max_preview_bytes, "512", 1, 2048,
	     "Maximum size of a toast's text and of its title; a longer one is cut."),
	TIME("clearing_house", "timeout", clearing_house.exchange_timeout_ms, "5s", 100, DAY_MS,
	     "How long, in real time, to wait for a push service's answer; then the delivery has failed."),

	CHECKED("push_service", "listen", push_service.listen, "127.0.0.1:8080", check_required_listen,
		"Address and port of the push service's HTTP listener."),
	CHECKED("push_service", "base_url", push_service.base_url, "", check_base_url,
		"Scheme, host and port of notification URIs; empty: those of the listener."),
	SIZE("push_service", "max_body", push_service.max_body_bytes, "8k", 256, GIB,
	     "Maximum size of the body of a request to the push service; a longer one is answered 413. MPNS itself takes 3 KB."),
	COUNT("push_service", "max_channels", push_service.max_channels, "100000", 1, MANY,
	      "Maximum number of channels; one more is refused unless an expired one makes room."),
	SIZE("push_service", "max_name", push_service.max_name_bytes, "256", 1, 4096,
	     "Maximum size of a phone's name and of its user agent; a longer one is refused."),
	COUNT("push_service", "max_queue", push_service.max_queue, "32", 1, 10000,
	      "Maximum number of notifications queued on a channel; one more is answered QueueFull."),
	COUNT("push_service", "max_per_day", push_service.max_per_day, "500", 1, MANY,
	      "Maximum number of notifications that a channel accepts in 24 hours; one more is answered 406."),
	TIME("push_service", "carrier_timeout", push_service.carrier_timeout_ms, "300s", 100, DAY_MS,
	     "How long a carrier request is held if it does not say so itself."),
	TIME("push_service", "max_carrier_timeout", push_service.max_carrier_timeout_ms, "1h", 100, DAY_MS,
	     "Maximum time that a carrier request may ask to be held."),
	TIME("push_service", "connected", push_service.connected_ms, "10s", 0, DAY_MS,
	     "How long a phone counts as connected after its last carrier request ended."),
	TIME("push_service", "inactive", push_service.inactive_ms, "7d", 0, 365 * (int64_t)DAY_MS,
	     "How long after its last carrier request a phone counts as inactive; then notifications are answered 412."),
	TIME("push_service", "expiry", push_service.expiry_ms, "30d", 0, 365 * (int64_t)DAY_MS,
	     "How long after its last carrier request a channel is kept if another one needs its place."),

	STRING("lab", "socket", lab_socket, "",
	       "UNIX socket of the lab API; empty: lab.sock in the state directory."),
	COUNT("lab", "max_connections", lab.max_connections, "256", 1, MANY,
	      "Maximum number of open connections to the lab API; further ones are closed."),
	SIZE("lab", "max_body", lab.max_body_bytes, "256k", 1024, GIB,
	     "Maximum size of the body of a request to the lab API; a longer one is answered 413."),
	COUNT("lab", "max_waiting", lab.max_waiting, "128", 1, MANY,
	      "Maximum number of requests that wait for something; one more is refused."),
	TIME("lab", "max_wait", lab.max_wait_ms, "10m", 1000, DAY_MS,
	     "Maximum time that a request may ask to wait."),
	COUNT("lab", "max_followers", lab.max_followers, "32", 1, MANY,
	      "Maximum number of clients that follow the journal; one more is refused."),
	COUNT("lab", "max_page", lab.max_page_records, "10000", 1, MANY,
	      "Maximum number of journal records in one answer."),
	TIME("lab", "max_advance", lab.max_advance_ms, "30d", 1000, 365 * (int64_t)DAY_MS,
	     "Maximum time that one request may advance the clock."),
};
/* clang-format on */

const struct setting_table settings_table = { .rows = rows, .n_rows = ARRAY_SIZE(rows) };

void settings_check(const struct settings *s, struct text *errors)
{
	names_check_hops(s, errors);
	if (s->core.min_expires_s > s->core.max_expires_s)
		text_addf(errors,
			  "core.min_expires (%llds) must not be longer than core.max_expires "
			  "(%llds)\n",
			  (long long)s->core.min_expires_s, (long long)s->core.max_expires_s);
}

void settings_set_any_port(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		CLEANUP(mem_free_string) char *name = NULL;

		if (rows[i].check != check_listen && rows[i].check != check_required_listen)
			continue;
		name = text_format("%s.%s", rows[i].section, rows[i].key);
		if (setting_set(&settings_table, s, name, "127.0.0.1:0", &why) < 0)
			abort();
	}
}
