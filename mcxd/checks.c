/*
 * Checks of settings
 */
#include "mcxd/checks.h"

#include "mcxd/front_end/auth/scheme.h"
#include "proto/auth/digest.h"
#include "proto/text/chars.h"
#include "proto/text/words.h"

#include "mcxd/base/log.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/pem.h"
#include "mcxd/net/prefixes.h"
#include "proto/push/notification_uri.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

void checks_listen(const char *value, struct text *why)
{
	if (*value)
		check_address(value, why);
}

/* Of a role that is nothing but its listener. */
void checks_required_listen(const char *value, struct text *why)
{
	if (*value)
		check_address(value, why);
	else
		text_add(why, "must not be empty; to leave the role out, use --roles");
}

void checks_yes_no(const char *value, struct text *why)
{
	if (*value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		text_addf(why, "\"%s\" is not yes or no", value);
}

/* Opened for reading, since root may read what its mode forbids, and a folder can be opened. */
void checks_file(const char *value, struct text *why)
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

void checks_cert_file(const char *value, struct text *why)
{
	size_t n = why->n;

	checks_file(value, why);
	if (*value && why->n == n)
		pem_check_cert(value, why);
}

void checks_key_file(const char *value, struct text *why)
{
	size_t n = why->n;

	checks_file(value, why);
	if (*value && why->n == n)
		pem_check_key(value, why);
}

void checks_sip_uri(const char *value, struct text *why)
{
	struct uri u;

	if (*value && uri_decode(value, strlen(value), &u, NULL) < 0)
		text_add(why, "expected a SIP URI, such as sip:127.0.0.1:5071;transport=tls");
}

void checks_push_target(const char *value, struct text *why)
{
	struct uri u;

	if (uri_decode(value, strlen(value), &u, NULL) < 0 || !*u.user)
		text_add(why,
			 "expected a SIP URI with a user part, such as sip:push@push.lync.com");
}

void checks_sip_address(const char *value, struct text *why)
{
	char aor[URI_MAX_AOR + 1];

	if (uri_aor(value, aor, NULL) < 0 || strcasecmp(value, aor) != 0)
		text_add(why,
			 "expected a SIP address without \"sip:\", such as push@push.lync.com");
}

void checks_host_name(const char *value, struct text *why)
{
	CLEANUP(mem_free_string) char *uri = text_format("sip:%s", value);
	struct uri u;

	if (uri_decode(uri, strlen(uri), &u, NULL) < 0 || strcasecmp(value, u.host) != 0)
		text_add(why, "expected a host name, such as fe.lab.test");
}

void checks_optional_host_name(const char *value, struct text *why)
{
	if (*value)
		checks_host_name(value, why);
}

/* Paths are appended to it, so it has none of its own, not even a "/". */
void checks_base_url(const char *value, struct text *why)
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
	"clearing_house", "front_end", "fsm",   "http", "mcxd",  "net",
	"push_service",   "sip",       "store", "ucwa", "users", NULL,
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

int checks_tls_client(const char *word)
{
	for (int i = 0; tls_clients[i]; i++)
		if (!strcmp(tls_clients[i], word))
			return i;
	return -1;
}

void checks_tls_client_word(const char *value, struct text *why)
{
	if (checks_tls_client(value) < 0)
		refuse_word("word", value, tls_clients, why);
}

/* There are no wildcards, neither here nor in certificates (net/tls.h). */
void checks_hosts(const char *value, struct text *why)
{
	CLEANUP(words_free) char **names = words_split(value);
	struct address ignored;

	for (char **name = names; *name; name++)
		if (!hosts_is_name(*name) && !address_read_host(*name, &ignored)) {
			text_addf(why,
				  "\"%s\" is neither a host name nor an address; expected a list "
				  "with spaces or commas in between, such as fe.lab.test 127.0.0.1",
				  *name);
			return;
		}
}

/* An entry is the authority of a URI, with "*" for a port that may be any. */
static bool is_allowed_host(const char *entry)
{
	size_t n = strlen(entry);
	bool any_port = n > 2 && !strcmp(entry + n - 2, ":*");
	CLEANUP(mem_free_string) char *authority = mem_memdup(entry, any_port ? n - 2 : n);
	CLEANUP(mem_free_string) char *uri = text_concat("http://", authority);
	struct notification_uri u;
	const char *ignored;

	return notification_uri_decode(uri, &u, &ignored) == 0 &&
	       u.n_authority == strlen(authority) && (!any_port || u.n_host == u.n_authority);
}

void checks_authentication(const char *value, struct text *why)
{
	if (auth_schemes_read(value) < 0)
		text_add(why, "must be none, digest, ntlm, or digest and ntlm");
}

void checks_realm(const char *value, struct text *why)
{
	if (!*value || chars_have_control(value, strlen(value)) || strpbrk(value, "\"\\"))
		text_add(why, "must be a text without quotes and backslashes");
}

void checks_algorithms(const char *value, struct text *why)
{
	CLEANUP(words_free) char **words = words_split(value);

	if (!*words)
		text_add(why, "must be SHA-256, MD5 or both");
	for (char **word = words; *word; word++)
		if (digest_algorithm_of(*word) == N_DIGEST_ALGORITHMS)
			text_addf(why, "\"%s\" is neither SHA-256 nor MD5", *word);
}

void checks_allowed_hosts(const char *value, struct text *why)
{
	CLEANUP(words_free) char **entries = words_split(value);

	for (char **entry = entries; *entry; entry++)
		if (strcmp(*entry, "*") != 0 && !is_allowed_host(*entry)) {
			text_addf(why,
				  "\"%s\" is not of the form host:port, host or host:*; expected a "
				  "list with spaces or commas in between, such as "
				  "127.0.0.1:8080 push.lab.test",
				  *entry);
			return;
		}
}

void checks_prefixes(const char *value, struct text *why)
{
	prefixes_free(prefixes_read(value, why));
}

void checks_cert_files(const char *value, struct text *why)
{
	CLEANUP(words_free) char **paths = words_split(value);
	size_t n = why->n;

	for (char **path = paths; *path && why->n == n; path++)
		checks_cert_file(*path, why);
}

void checks_log_level(const char *value, struct text *why)
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

void checks_log_format(const char *value, struct text *why)
{
	if (log_parse_format(value) < 0)
		refuse_word("format", value, log_format_names, why);
}
