/*
 * Settings of mcxd
 */
#include "mcxd/settings.h"

#define AT(member) offsetof(struct settings, member)

enum { DAY_MS = 86400000, MANY = 10000000, GIB = 1 << 30 };

static const char *check_listen(const char *value)
{
	const char *colon = strrchr(value, ':');
	char *end;
	long port;

	if (!*value)
		return NULL;
	if (!colon || colon == value)
		return "an address and a port are needed, such as 127.0.0.1:5060";
	port = strtol(colon + 1, &end, 10);
	return !colon[1] || *end || port < 0 || port > 65535
		       ? "the port has to be one of 0 to 65535"
		       : NULL;
}

static bool is_one_of(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static const char *check_log_level(const char *value)
{
	static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
	static const char *const rooms[] = { "edge",           "fsm", "http",
					     "mcxd",           "pki", "push_service",
					     "clearing_house", "sip", "ucwa",
					     "users",          NULL };
	CLEANUP(mem_free_string) char *copy = mem_strdup(value);
	char *rest = copy, *level;

	while ((level = strsep(&rest, ","))) {
		const char *room = strchr(level, '=') ? strsep(&level, "=") : NULL;

		if (room && !is_one_of(rooms, room))
			return "the rooms are edge, fsm, http, mcxd, pki, clearing_house, "
			       "push_service, sip, "
			       "ucwa and users";
		if (!is_one_of(levels, level))
			return "the levels are error, warn, info and debug, as in "
			       "\"info,sip=debug\"";
	}
	return NULL;
}

static const char *check_sip_uri(const char *value)
{
	return !*value || !strncmp(value, "sip:", 4)
		       ? NULL
		       : "a SIP URI is needed, such as sip:127.0.0.1:5061;transport=tcp";
}

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): members, which no parentheses may stand around */
#define STRING(section, key, member, def, help) \
	{ section, key, SETTING_STRING, AT(member), def, 0, 0, help, NULL, NULL }
#define CHECKED(section, key, member, def, check, help) \
	{ section, key, SETTING_STRING, AT(member), def, 0, 0, help, NULL, check }
#define BOOL(section, key, member, def, help) \
	{ section, key, SETTING_BOOL, AT(member), def, 0, 0, help, NULL, NULL }
#define COUNT(section, key, member, def, min, max, help) \
	{ section, key, SETTING_INT, AT(member), def, min, max, help, NULL, NULL }
#define SIZE(section, key, member, def, min, max, help) \
	{ section, key, SETTING_BYTES, AT(member), def, min, max, help, NULL, NULL }
#define TIME(section, key, member, def, min, max, help) \
	{ section, key, SETTING_MS, AT(member), def, min, max, help, NULL, NULL }
#define SECONDS(section, key, member, def, min, max, help) \
	{ section, key, SETTING_SECONDS, AT(member), def, min, max, help, NULL, NULL }

/* What every SIP listener has. */
#define AGENT_ROWS(section, agent) \
	COUNT(section, "max_connections", agent.max_connections, "20000", 1, MANY, \
	      "TCP connections at once, of all peers together; more are closed."), \
	SIZE(section, "max_message", agent.max_message_bytes, "64k", 1024, GIB, \
	     "Longest SIP message; longer ones get 413."), \
	TIME(section, "first_message_timeout", agent.first_message_timeout_ms, "30s", 100, DAY_MS, \
	     "A connection that has brought no complete message by then, on the machine's clock, is closed."), \
	COUNT(section, "max_transactions", agent.max_transactions, "200000", 1, MANY, \
	      "Requests under way at once; more get 503."), \
	COUNT(section, "max_unread", agent.max_unread, "1000", 1, 1000, \
	      "Messages that may wait for a peer that does not read; with one more it is closed."), \
	TIME(section, "unread_timeout", agent.unread_timeout_ms, "30s", 100, DAY_MS, \
	     "A peer that has read nothing of what waits for it for so long, on the machine's clock, is closed.")
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct setting rows[] = {
	STRING("state", "directory", state_dir, "",
	       "Where certificates and the lab socket are; empty is ~/.local/state/mcxd."),
	STRING("users", "file", users_file, "",
	       "Who is in the lab, as an INI file of 1M at most; empty is the demo's five."),
	CHECKED("log", "level", log_level, "warn", check_log_level,
	       "error, warn, info or debug, with exceptions by room, as in \"info,sip=debug\"."),
	BOOL("log", "json", log_json, "no", "Log lines as JSON objects."),
	COUNT("journal", "max_records", journal.max_records, "100000", 0, MANY,
	      "Records that are kept; the oldest go first. 0: nothing is recorded."),
	SIZE("journal", "max_size", journal.max_bytes, "128M", 65536, (int64_t)64 * GIB,
	     "Memory for those records."),

	CHECKED("sip", "udp", sip.agent.udp, "127.0.0.1:5060", check_listen,
		"Where the front end takes SIP over UDP; empty is nowhere."),
	CHECKED("sip", "tcp", sip.agent.tcp, "127.0.0.1:5060", check_listen,
		"Where it takes SIP over TCP; empty is nowhere."),
	SIZE("sip", "udp_buffer", sip.agent.udp_buffer_bytes, "8M", 4096, GIB,
	     "What may wait in the kernel on the UDP listener: a burst that overflows it is sent again, and again. net.core.rmem_max bounds it for who is not root."),
	AGENT_ROWS("sip", sip.agent),
	COUNT("sip", "max_held_messages", sip.max_held_messages, "32", 1, 10000,
	      "Messages that a client may have unanswered in one dialog."),

	CHECKED("https", "listen", https.listen, "127.0.0.1:8443", check_listen,
		"Where phones come by HTTPS; empty is nowhere."),
	STRING("https", "names", https_names, "localhost lyncdiscover.lab.test lyncdiscoverinternal.lab.test lyncweb.lab.test",
	       "Names in the server's certificate, besides core.server_fqdn and 127.0.0.1."),
	COUNT("https", "max_connections", https.max_connections, "20000", 1, MANY,
	      "Connections at once, of all clients together; more are closed."),
	SIZE("https", "max_body", https.max_body_bytes, "64k", 1024, GIB,
	     "Longest body of a request; longer ones get 413."),
	TIME("https", "idle_timeout", https.idle_timeout_ms, "60s", 1000, DAY_MS,
	     "A connection without a request is closed after this time on the machine's clock, and a request must be complete in it."),
	CHECKED("http", "listen", http.listen, "", check_listen,
		"The same API without TLS, for tests and benchmarks; empty is nowhere."),
	STRING("https", "public_url", ucwa.public_url, "",
	       "Start of the absolute links that phones get; empty is what they called us."),
	BOOL("http", "redirect", ucwa.redirect_plain, "yes",
	     "Autodiscover over plain HTTP answers with a redirection to the HTTPS listener."),
	TIME("https", "token_lifetime", ucwa.auth.token_lifetime_ms, "8h", 1000, 30 * (int64_t)DAY_MS,
	     "How long an access token is good."),
	COUNT("https", "max_tokens_per_user", ucwa.auth.max_tokens_per_user, "32", 1, MANY,
	      "Good tokens that one user may have; the oldest goes first."),
	COUNT("https", "max_tokens", ucwa.auth.max_tokens, "200000", 1, MANY,
	      "Good tokens of all users together."),
	COUNT("https", "max_recent", ucwa.max_recent, "100", 1, MANY,
	      "Messages and invitations that stay readable, per phone."),

	STRING("core", "server_fqdn", core.server_fqdn, "fe.lab.test",
	       "What the front end calls itself in ms-diagnostics."),
	TIME("core", "invite_timeout", core.invite_timeout_ms, "60s", 100, DAY_MS,
	     "How long an invitation waits for somebody to come; then 408."),
	TIME("core", "event_delay", core.event_delay_ms, "50ms", 0, 10000,
	     "How long an event, other than an invitation, waits for others that can go to the phone with it."),
	TIME("core", "phone_linger", core.phone_linger_ms, "10s", 100, DAY_MS,
	     "How long after an answered event request a phone counts as in the foreground."),
	TIME("core", "poll_timeout", core.poll_timeout_ms, "180s", 1000, DAY_MS,
	     "How long an event request is held that names no time itself."),
	TIME("core", "session_expiry", core.session_expiry_ms, "72h", 1000, 365 * (int64_t)DAY_MS,
	     "How long a phone that is reached by push stays signed in without a word."),
	TIME("core", "session_short_expiry", core.session_short_expiry_ms, "1h", 1000, 365 * (int64_t)DAY_MS,
	     "The same for every other client."),
	TIME("core", "repeat_window", core.repeat_window_ms, "2s", 0, DAY_MS,
	     "A first MESSAGE equal to the first line is that line repeated if it comes so soon after the answer."),
	SECONDS("core", "min_expires", core.min_expires_s, "60s", 1, DAY_MS / 1000,
		"Shortest REGISTER; a shorter one gets 423."),
	SECONDS("core", "default_expires", core.default_expires_s, "600s", 1, DAY_MS / 1000,
		"A REGISTER that names no time."),
	SECONDS("core", "max_expires", core.max_expires_s, "2h", 1, DAY_MS / 1000,
		"Longest REGISTER; a longer one is cut."),
	COUNT("core", "max_endpoints", core.max_endpoints, "16", 1, MANY,
	      "SIP contacts and phones that one user may have."),
	COUNT("core", "max_conversations", core.max_conversations, "64", 1, MANY,
	      "Conversations that one user may have at once; more get 503."),
	COUNT("core", "max_events", core.max_events, "1000", 10, MANY,
	      "Events that may wait for one phone."),
	COUNT("core", "max_missed", core.max_missed, "100", 0, MANY,
	      "Missed conversations that are kept for one phone."),
	SIZE("core", "max_message", core.max_message_bytes, "8000", 1, GIB,
	     "Longest instant message; a longer one gets 413."),
	COUNT("core", "max_history", core.max_history, "1000", 0, MANY,
	      "Ended conversations, and pushes, that stay listed."),
	BOOL("push", "microsoft", core.enable_microsoft_push, "yes",
	     "Push to Windows Phones."),
	BOOL("push", "apple", core.enable_apple_push, "yes",
	     "Push to Apple's phones (the clearing house here has no way to them yet and says so)."),
	CHECKED("push", "next_hop", push_next_hop, "", check_sip_uri,
		"Where the front end sends pushes, as sip:127.0.0.1:5061;transport=tcp; empty is the Edge here, or the clearing house."),
	STRING("push", "target", sip.push_target, "sip:push@push.lync.com",
	       "Whom they are addressed to."),
	TIME("push", "timeout", sip.push_timeout_ms, "10s", 100, DAY_MS,
	     "A next hop that is silent for so long has not answered."),

	CHECKED("edge", "listen", edge.agent.tcp, "127.0.0.1:5061", check_listen,
		"Where the Edge takes SIP over TCP."),
	STRING("edge", "fqdn", edge.fqdn, "edge.lab.test", "What it calls itself."),
	STRING("edge", "push_domain", edge.push_domain, "push.lync.com",
	       "The one domain that it lets requests through to."),
	CHECKED("edge", "next_hop", edge.next_hop, "", check_sip_uri,
		"Where it sends them, as sip:127.0.0.1:5062;transport=tcp; empty is the clearing house here."),
	TIME("edge", "timeout", edge.timeout_ms, "8s", 100, DAY_MS,
	     "A next hop that is silent for so long gets the sender a 504."),
	AGENT_ROWS("edge", edge.agent),

	CHECKED("clearing_house", "listen", clearing_house.agent.tcp, "127.0.0.1:5062", check_listen,
		"Where the clearing house takes SIP over TCP."),
	STRING("clearing_house", "address", clearing_house.address, "push@push.lync.com",
	       "Whom it answers for."),
	STRING("clearing_house", "allow_hosts", clearing_house.allow_hosts, "127.0.0.1 localhost [::1]",
	       "Hosts, or host:port, that a notification URI may name; * is all."),
	STRING("clearing_house", "ca_file", clearing_house_ca_file, "",
	       "What to trust of push services that speak HTTPS; empty is the system's."),
	COUNT("clearing_house", "max_pending", clearing_house.max_pending, "10000", 1, MANY,
	      "Notifications under way at once; more get 503."),
	SIZE("clearing_house", "max_body", clearing_house.max_body_bytes, "16k", 256, GIB,
	     "Longest body of a notification; a longer one gets 413."),
	SIZE("clearing_house", "max_preview", clearing_house.max_preview_bytes, "512", 1, 2048,
	     "Longest text of a toast; a longer one is cut."),
	TIME("clearing_house", "timeout", clearing_house.exchange_timeout_ms, "5s", 100, DAY_MS,
	     "A push service that is silent for so long has failed."),
	AGENT_ROWS("clearing_house", clearing_house.agent),

	CHECKED("push_service", "listen", push_service.listen, "127.0.0.1:8080", check_listen,
		"Where the push service takes HTTP."),
	STRING("push_service", "base_url", push_service.base_url, "",
	       "Start of notification URIs; empty is the listener's own address."),
	COUNT("push_service", "max_connections", push_service.max_connections, "20000", 1, MANY,
	      "Connections at once; more are closed."),
	TIME("push_service", "idle_timeout", push_service.idle_timeout_ms, "60s", 1000, DAY_MS,
	     "A connection without a request is closed after this time."),
	SIZE("push_service", "max_body", push_service.max_body_bytes, "8k", 256, GIB,
	     "Longest body of a request; MPNS itself takes 3 KB."),
	COUNT("push_service", "max_channels", push_service.max_channels, "100000", 1, MANY,
	      "Channels at once."),
	SIZE("push_service", "max_name", push_service.max_name_bytes, "256", 1, 4096,
	     "Longest device name or user agent."),
	COUNT("push_service", "max_queue", push_service.max_queue, "32", 1, 10000,
	      "Notices that wait on a channel; more are answered QueueFull."),
	COUNT("push_service", "max_per_day", push_service.max_per_day, "500", 1, MANY,
	      "Notices a channel takes in a day; more get 406."),
	TIME("push_service", "carrier_timeout", push_service.carrier_timeout_ms, "300s", 100, DAY_MS,
	     "How long a carrier request is held that names no time."),
	TIME("push_service", "max_carrier_timeout", push_service.max_carrier_timeout_ms, "1h", 100, DAY_MS,
	     "Longest time that one may name."),
	TIME("push_service", "connected", push_service.connected_ms, "10s", 0, DAY_MS,
	     "How long after a carrier request a phone still counts as connected."),
	TIME("push_service", "inactive", push_service.inactive_ms, "7d", 0, 365 * (int64_t)DAY_MS,
	     "How long after it the phone counts as inactive (412)."),
	TIME("push_service", "expiry", push_service.expiry_ms, "30d", 0, 365 * (int64_t)DAY_MS,
	     "How long after it the channel may make room for a new one."),

	STRING("lab", "socket", lab_socket, "",
	       "UNIX socket of the lab API; empty is lab.sock in the state directory."),
	COUNT("lab", "max_connections", lab.max_connections, "256", 1, MANY, "Connections at once."),
	SIZE("lab", "max_body", lab.max_body_bytes, "256k", 1024, GIB, "Longest body of a request."),
	TIME("lab", "idle_timeout", lab.idle_timeout_ms, "60s", 1000, DAY_MS,
	     "A connection without a request is closed after this time."),
	COUNT("lab", "max_waiting", lab.max_waiting, "128", 1, MANY,
	      "Requests that wait for something at once."),
	TIME("lab", "max_wait", lab.max_wait_ms, "10m", 1000, DAY_MS, "Longest wait."),
	COUNT("lab", "max_followers", lab.max_followers, "32", 1, MANY,
	      "Readers that follow the journal at once."),
	COUNT("lab", "max_page", lab.max_page_records, "10000", 1, MANY,
	      "Records of the journal in one answer."),
	TIME("lab", "max_advance", lab.max_advance_ms, "30d", 1000, 365 * (int64_t)DAY_MS,
	     "Farthest move of the clock at once."),
};
/* clang-format on */

const struct setting_table settings_table = { .rows = rows, .n_rows = ARRAY_SIZE(rows) };
