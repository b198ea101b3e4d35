// Seeds violations into a copy of the tree, one of every rule at least, and expects each to be found.
import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { maxLines, maxSources } from './table.mjs';

const COPIED = ['mcxd', 'proto', 'web', 'tests', 'scripts', 'meson.build'];

const define = (name, body = '') => `int ${name}(void);\nint ${name}(void)\n{\n${body}\n\treturn 0;\n}`;
const calls = (name, other) => `int ${other}(void);\n${define(name, `\t${other}();`)}`;

const PLACE = /^[\w/.]+:/;

// Which file, what is appended to it, and what must be said about it: the beginning of a line if it names a
// place, otherwise what stands behind this file's name. '' belongs to another seed.
const SEEDS = [
	['mcxd/core/core.h', '#include "mcxd/sip/agent.h"', 'includes mcxd/sip/agent.h, against'],
	['mcxd/base/list.h', '#include "../sip/agent.h"', 'includes mcxd/sip/agent.h, against'],
	['mcxd/base/loop.h', '#include "mcxd/core/core.h"', 'includes mcxd/core/core.h, against'],
	['proto/text/text.h', '#include "mcxd/base/log.h"', 'includes mcxd/base/log.h, against'],
	['proto/text/chars.h', '#include "proto/diag.h"', 'includes proto/diag.h, against'],
	['proto/push/seed.c', '#include "proto/sip/uri.h"', 'includes proto/sip/uri.h, against'],
	['web/http/http.h', '#include "mcxd/core/core.h"', 'includes mcxd/core/core.h, against'],
	['mcxd/sip/seed.c', '#include "web/http/http.h"', 'includes web/http/http.h, against'],
	['mcxd/store/seed.c', '#include "mcxd/core/core.h"', 'includes mcxd/core/core.h, against'],
	['mcxd/tools/mcxctl/seed.c', '#include "web/http/http.h"', 'includes web/http/http.h, against'],
	['mcxd/store/seed.c', '#include "mcxd/base/nothing.h"', 'which does not exist'],
	['mcxd/seed/seed.c', 'int x;', 'is in a folder that has no row'],
	['scripts/layers/table.mjs', "rooms['mcxd/none/'] = [];", 'mcxd/none/: has a row in the table but no file'],

	['mcxd/core/core.h', 'typedef int x(nta_agent_t *);', 'names sofia'],
	['mcxd/base/seed.c', '#include <sofia-sip/su.h>', 'names sofia'],
	['mcxd/push_service/seed.c', 'int x(struct MHD_Daemon *);', 'names libmicrohttpd'],
	['web/lab/seed.c', 'int x(struct MHD_Daemon *);', 'names libmicrohttpd'],
	['mcxd/core/seed.c', '#include <curl/curl.h>', 'names libcurl'],
	['web/http/seed.c', 'int x(SSL_CTX *);', 'names OpenSSL\'s TLS'],
	['mcxd/core/seed.c', 'int x(EVP_MD *);', 'names OpenSSL\'s crypto'],
	['mcxd/core/seed.c', 'int x(sqlite3_stmt *);', 'names SQLite'],
	['web/lab/seed.c', 'void *x = dlsym(RTLD_NEXT, "x");', 'names the dynamic linker'],
	['scripts/layers/table.mjs', "libraries[0].also['proto/push/'] = '';", 'proto/push/: is on the list of those'],

	['proto/push/seed.h',
		'#include "proto/text/text.h"\nstruct seed { struct text text; };\nstruct seed *seed_get(void);', ''],
	['proto/push/seed_user.c', `#include "proto/push/seed.h"
int x(void) { struct text t = TEXT_INIT; return text_str(&t) ? 1 : 0; }`,
		'proto/push/seed_user.c:2: uses TEXT_INIT and does not include proto/text/text.h'],
	['proto/push/seed_member.c', `#include "proto/push/seed.h"
int x(void) { return seed_get()->text.n > 0; }`,
		'proto/push/seed_member.c:2: uses struct text and does not include proto/text/text.h'],
	['proto/push/seed_type.h', 'int seed_type(struct text *t);', 'proto/push/seed_type.h:1: does not declare struct text'],
	['proto/push/seed.c', '#include "proto/text/utf8.h"\n/* utf8_is_valid */',
		'includes proto/text/utf8.h and uses nothing of it'],

	['mcxd/net/seed_a.c', calls('seed_a', 'seed_b'), ''],
	['mcxd/net/seed_b.c', calls('seed_b', 'seed_a'), 'mcxd/net/: has a circle of files: seed_a seed_b'],
	['scripts/layers/table.mjs', "circles.push({ room: 'mcxd/net/', files: ['none'] });",
		'mcxd/net/none.c: is on the list of circles but in none'],
	['mcxd/store/seed_low.c', calls('seed_low', 'seed_high'), 'needs seed_high of seed_high, which stands after it'],
	['mcxd/store/seed_high.c', define('seed_high'), ''],
	['mcxd/store/seed_else.c', define('seed_else'), 'has no place in the order of mcxd/store/'],
	['scripts/layers/table.mjs', "orders['mcxd/store/'] = ['seed_low', 'seed_high', 'none'];",
		'mcxd/store/none.c: has a place in the order of mcxd/store/ but does not exist'],
	['mcxd/edge/seed_front.c', calls('seed_front', 'user_find'), 'links to user_find in mcxd/core/user.c, against'],
	['mcxd/net/seed_name.c', define('getpid'), 'defines getpid, a name of libc'],
	['mcxd/net/seed_state.c', define('seed_state', '\tstatic volatile int n;\n\tn++;'), 'keeps state in n'],
	['mcxd/net/seed_state.c', `static volatile int seed_counter = 1;
${define('seed_count', '\tseed_counter++;')}`,
		'keeps state in seed_counter'],
	['scripts/layers/table.mjs', "statics['mcxd/net/none.c'] = { names: ['none'] };",
		'mcxd/net/none.c: has none on the list of state'],

	['seed', 'text', 'is outside the fixed top level'],
	['proto/push/seed_decode.h', 'int seed_decode(const char *s);', 'seed_decode has no unit test'],
	['proto/push/seed_decode.h', '', 'seed_decode has no fuzz target'],
	['tests/unit/test_seed.c', 'int x;', 'is not in tests/unit/meson.build'],
	['tests/fuzz/fuzz_seed.c', 'int x;', 'has no corpus'],
	['proto/push/seed_long.c', '// x\n'.repeat(maxLines), `has ${maxLines + 1} lines, over ${maxLines}`],
	['web/http/http_seed.c', 'int x;', 'repeats the name of its folder'],
	...Array.from({ length: maxSources }, (_, i) => [`mcxd/edge/many${i}.c`, 'int x;', '']),
	['mcxd/edge/many.c', 'int x;', 'mcxd/edge: has '],
	['mcxd/core/seed.c', 'void f(void) { log_warn("seed", NULL, "x"); }', 'logs under "seed"'],
	['mcxd/checks.c', 'static const char *const unused_rooms[] = { "never" };', 'lists "never", under which nothing'],
	['scripts/layers/table.mjs', "logRooms.array = 'unused_rooms';", ''],
];

// The objects of the real tree as if they were the copy's, and those of compiled seeds.
function prepareObjects(root, objects, copy) {
	const commands = JSON.parse(readFileSync(path.join(objects, 'compile_commands.json'), 'utf8'));
	const folder = path.join(copy, 'build');
	const seeds = new Set(SEEDS.map(([file]) => file).filter((file) => /\/seed_\w+\.c$/.test(file)));

	mkdirSync(folder);
	for (const c of commands) {
		c.file = path.join(copy, path.relative(root, path.resolve(c.directory, c.file)));
		c.output = path.resolve(c.directory, c.output);
	}
	for (const file of [...seeds].filter((f) => f.startsWith('mcxd/'))) {
		const output = path.join(folder, `${path.basename(file)}.o`);

		execFileSync('gcc', ['-w', '-O2', '-fPIE', '-c', path.join(copy, file), '-o', output]);
		commands.push({ directory: copy, file: path.join(copy, file), output, command: '' });
	}
	writeFileSync(path.join(folder, 'compile_commands.json'), JSON.stringify(commands));
	return folder;
}

function main(root, programs) {
	const copy = mkdtempSync(path.join(os.tmpdir(), 'mcxd-layers-'));

	try {
		for (const name of COPIED)
			cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
		for (const [file, text] of SEEDS) {
			mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
			appendFileSync(path.join(copy, file), `${text}\n`);
		}
		const objects = prepareObjects(root, programs, copy);
		const { status, stdout, stderr } = spawnSync('node', [path.join(copy, 'scripts/layers/check.mjs'),
			'--root', copy, '--objects', objects, '--programs', programs], { encoding: 'utf8', maxBuffer: 1 << 28 });
		const expected = SEEDS.filter(([, , what]) => what !== '');
		const lines = stdout.split('\n');
		const missed = expected.filter(([file, , what]) => !lines.some((line) =>
			(PLACE.test(what) ? line.startsWith(what) : line.startsWith(`${file}:`) && line.includes(what))));

		for (const [file, text] of missed)
			console.log(`not found: ${text} in ${file}`);
		if (status !== 1 || missed.length > 0)
			throw new Error(`${missed.length} of ${expected.length} seeded violations were not found\n${stderr}`);
		console.log(`${expected.length} seeded violations found`);
	} finally {
		rmSync(copy, { recursive: true });
	}
}

const { values } = parseArgs({ options: { root: { type: 'string' }, programs: { type: 'string' } } });

main(path.resolve(values.root), path.resolve(values.programs));
