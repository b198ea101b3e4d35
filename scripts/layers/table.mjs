// The house's table: which folder may include what, who may name which library, and which exceptions there are.
// Every list of exceptions may only shrink: an entry that nothing needs any more is a violation, too.

export const maxLines = 500; // of a file
export const longFiles = { 'tests/clients/lab.mjs': 640 }; // others copy it: it stays one
export const maxSources = 40; // in a folder; x.c and x.h are one

export const topLevel = ['mcxd', 'proto', 'web', 'tests', 'scripts', 'meson.build', 'README.md'];

/** A row a folder: what its files may include, besides the folder itself. A name that ends in a slash is a folder;
 *  another is the beginning of a file's name. The longest row that fits a file holds; "mcxd/" is for mcxd/*.c. */
export const rooms = {
	'proto/text/': [],
	'proto/diag': ['proto/text/'],
	'proto/sip/': ['proto/diag', 'proto/text/'],
	'proto/ucwa/': ['proto/sip/uri.h', 'proto/diag', 'proto/text/'],
	'proto/push/': ['proto/diag', 'proto/text/'],
	'proto/crypto/': [],
	'proto/auth/': ['proto/crypto/', 'proto/text/'],
	'proto/': [],
	'mcxd/base/': ['proto/'],
	'mcxd/net/': ['mcxd/base/', 'proto/'],
	'mcxd/sip/': ['mcxd/net/', 'mcxd/base/', 'proto/'],
	'mcxd/core/': ['mcxd/base/', 'proto/'],
	'mcxd/store/': ['mcxd/core/ports.h', 'mcxd/core/store_row.h', 'mcxd/base/', 'proto/'],
	'mcxd/front_end/': ['mcxd/sip/', 'mcxd/core/', 'mcxd/base/', 'proto/'],
	'mcxd/edge/': ['mcxd/sip/', 'mcxd/net/', 'mcxd/base/', 'proto/'],
	'mcxd/clearing_house/': ['mcxd/sip/', 'web/http/client.h', 'mcxd/net/', 'mcxd/base/', 'proto/'],
	'mcxd/push_service/': ['web/http/', 'mcxd/base/', 'proto/'],
	'mcxd/ladder/': ['mcxd/base/', 'proto/'],
	'mcxd/sim/': ['mcxd/sip/', 'web/http/client.h', 'mcxd/base/', 'proto/'],
	'mcxd/tools/mcxctl/': ['mcxd/ladder/', 'web/http/client.h', 'mcxd/base/', 'proto/'],
	'mcxd/tools/mcxsim/': [
		'mcxd/sim/', 'mcxd/sip/stack.h', 'web/http/client.h', 'mcxd/net/hosts.h', 'mcxd/net/address.h', 'mcxd/net/tls.h', 'mcxd/base/', 'proto/',
	],
	'mcxd/': ['proto/', 'web/'],
	'web/http/': ['mcxd/net/', 'mcxd/base/', 'proto/'],
	'web/ucwa/': ['web/http/', 'mcxd/core/', 'mcxd/base/', 'proto/'],
	'web/lab/': ['web/http/', 'mcxd/ladder/', 'mcxd/sim/', 'mcxd/core/', 'mcxd/base/', 'proto/'],
};

/** Rooms whose files stand on each other in this order: a file links only to what stands before it. */
export const orders = {
	'mcxd/core/': [
		'store_row', 'core', 'event', 'note', 'user', 'user_row', 'push/queue', 'phone', 'push/policy', 'subscription', 'event_row', 'summary', 'foreign', 'relay/spread', 'conversation_legs', 'conversation_make', 'conversation_note', 'conversation_outcome', 'conversation_row', 'conversation', 'relay',
		'missed', 'push', 'delivery', 'watch', 'contact_list', 'presence', 'binding', 'phone_sending', 'phone_report', 'phone_leg', 'phone_callee', 'phone_caller', 'route', 'session', 'history_row', 'resume', 'life', 'snapshot',
	],
};

/** A library, the words and headers that show its use, and the places that may use it. */
export const libraries = [
	{
		name: 'sofia', words: /^(nta|tport|nua|su|msg(?!_(hdr|iov|iovlen|name|namelen|control|controllen|flags|len)$))_[a-z]|^(sip|url)(_[a-z]+)?_t$/, headers: /^sofia-sip\//,
		places: ['mcxd/sip/'],
		also: {
			'mcxd/front_end/': 'it makes dialogs and transactions of its own, and reads requests as sip_t',
			'mcxd/edge/': 'it reads requests as sip_t and answers and destroys their transactions',
			'mcxd/clearing_house/': 'it reads requests as sip_t and answers and destroys their transactions',
			'mcxd/sim/': 'it makes dialogs and transactions of its own, and reads requests as sip_t',
		},
	},
	{
		name: 'libmicrohttpd', words: /^MHD_/, headers: /^microhttpd/, places: ['web/http/'],
	},
	{
		name: 'nghttp2', words: /^nghttp2_/, headers: /^nghttp2/, places: ['web/http/h2/'],
	},
	{
		name: 'GnuTLS', words: /^gnutls_/, headers: /^gnutls/, places: ['web/http/'],
	},
	{
		name: 'libcurl', words: /^curl_|^CURL/, headers: /^curl\//, places: ['web/http/client'],
	},
	{
		name: 'OpenSSL\'s TLS', words: /^(SSL|X509|PEM|BIO)_/, headers: /^openssl\/(ssl|x509|pem|bio)/,
		places: ['mcxd/net/'],
	},
	{
		name: 'OpenSSL\'s crypto', words: /^(EVP|HMAC|MD5|SHA\d*|ECDSA|OSSL)_/, headers: /^openssl\/(evp|hmac|md5|sha|ec|ecdsa|decoder|encoder)\.h/,
		places: ['proto/crypto/'],
		also: {
			'mcxd/net/pki': 'keys of certificates are made with EVP',
			'mcxd/net/pem': 'keys of certificates are read as EVP_PKEY',
			'proto/sip/ident': 'an instance\'s number is a digest of its endpoint id',
		},
	},
	{
		name: 'zlib', words: /^(deflate|inflate)(Init2?|Reset|End)?$/, headers: /^zlib\.h/, places: ['web/http/'],
	},
	{
		name: 'SQLite', words: /^sqlite3_/, headers: /^sqlite3/, places: ['mcxd/store/'],
	},
	{
		name: 'expat', words: /^XML_[A-Z][a-z]/, headers: /^expat/, places: ['proto/text/xml'],
	},
	{
		name: 'the dynamic linker', words: /^(dlsym|dlvsym|dlopen|RTLD_NEXT)$/, headers: /^dlfcn\.h$/, places: [],
	},
];

/** Circles of files that link to each other, by the room. */
export const circles = [];

const SECRET = 'one secret of the process, so that no client can choose names that collide';

/** Objects that can be written to and outlive every call: names, and why. */
export const statics = {
	'mcxd/base/log.c': { names: ['the_log'], reason: 'a line can be logged from everywhere' },
	'mcxd/base/random.c': { names: ['stock'], reason: 'the kernel is asked for many random bytes at once' },
	'mcxd/base/hash.c': { names: ['key', 'has_key'], reason: SECRET },
	'mcxd/base/idtab.c': { names: ['key'], reason: SECRET },
	'mcxd/base/fsm.c': {
		names: ['running', 'label', 'message'],
		reason: 'a picture of the one stack, and texts that last until the next call',
	},
	'mcxd/sip/clock.c': {
		names: ['the_loop', 'stopped_at_us'], reason: 'sofia asks for the time without saying whose',
	},
	'web/http/tls.c': {
		names: ['options', 'priorities'], reason: 'libmicrohttpd takes its options through pointers that are not const',
	},
};

/** The rooms for which log.level can have a level of its own, as an array of strings. */
export const logRooms = { file: 'mcxd/checks.c', array: 'log_rooms' };
