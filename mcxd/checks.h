/*
 * Checks of settings
 *
 * What a value must look like. Each appends to why what is wrong with it, if anything.
 */
#pragma once

struct text;

/** An address and a port, or nothing: "127.0.0.1:5060". */
void checks_listen(const char *value, struct text *why);
/** The same of a role that is nothing but its listener. */
void checks_required_listen(const char *value, struct text *why);

/** A file that can be read, or nothing; one with a certificate; a list of these; or one with a private key, without a password. */
void checks_file(const char *value, struct text *why);
void checks_cert_file(const char *value, struct text *why);
void checks_cert_files(const char *value, struct text *why);
void checks_key_file(const char *value, struct text *why);

/** yes, no, or nothing. */
void checks_yes_no(const char *value, struct text *why);

void checks_sip_uri(const char *value, struct text *why);
/** A SIP URI with a user part. */
void checks_push_target(const char *value, struct text *why);
/** A SIP address without "sip:". */
void checks_sip_address(const char *value, struct text *why);
void checks_host_name(const char *value, struct text *why);
/** A host name, or nothing. */
void checks_optional_host_name(const char *value, struct text *why);

/** Scheme, host and port of a URL, or nothing. */
void checks_base_url(const char *value, struct text *why);

/** Whether a client must show a certificate; and the value of enum tls_client that the word means, or -1. */
void checks_tls_client_word(const char *value, struct text *why);
int checks_tls_client(const char *word);
/** A list of host names and addresses. */
void checks_hosts(const char *value, struct text *why);

/** Authentication schemes, as in front_end/auth/scheme.h; what a quoted string can hold; algorithms of digests. */
void checks_authentication(const char *value, struct text *why);
void checks_realm(const char *value, struct text *why);
void checks_algorithms(const char *value, struct text *why);

/** A list of hosts with ports, as in proto/push/notification_uri.h. */
void checks_allowed_hosts(const char *value, struct text *why);

/** A list of addresses and networks. */
void checks_prefixes(const char *value, struct text *why);

/** Levels by room. */
void checks_log_level(const char *value, struct text *why);
void checks_log_format(const char *value, struct text *why);
