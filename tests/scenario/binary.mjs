// What is linked into the daemon: sofia without its transport, and no shared copy of it beside ours.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { binary } from '../lab.mjs';

const mcxd = binary('mcxd');

function run(command) {
	return execFileSync(command, [mcxd], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

test('sofia is linked statically', () => {
	const libraries = run('ldd');

	assert.match(libraries, /libmicrohttpd/);
	assert.doesNotMatch(libraries, /sofia/);
});

test('of sofia\'s transport nothing is linked', () => {
	const functions = run('nm');

	assert.match(functions, / T nta_agent_create$/m);
	assert.match(functions, / T tport_tsend$/m);
	assert.doesNotMatch(functions, / tport_recv_event$| tport_tcp_|su_getaddrinfo/m);
});

test('nothing of ours can look a name up', () => {
	assert.doesNotMatch(run('nm'), / U (getaddrinfo|gethostbyname|gethostbyname2|gethostbyname_r|res_query|res_nquery)\b/m);
});

test('--version names the library that is part of it', () => {
	const version = execFileSync(mcxd, ['--version'], { encoding: 'utf8' });

	assert.match(version, /^mcxd \d+\.\d+\.\d+ \(commit \w+\), sofia-sip \d[\w.]*$/m);
});
