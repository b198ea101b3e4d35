// The operator's tool keeps its contract: what it prints, and its exit codes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenario } from '../lab.mjs';

scenario('mcxctl says yes, no, wrong usage or no daemon', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const call = async (code, ...args) => {
		const result = await lab.ctl(...args);

		assert.equal(result.code, code, `mcxctl ${args.join(' ')}\n${result.stdout}${result.stderr}`);
		return result;
	};

	assert.match((await call(0, 'conversations')).stdout, /^There has been no conversation yet\.$/m);
	assert.match((await call(1, 'ladder', 'last')).stderr, /no conversation/);
	await call(1, 'ladder', '7');
	await call(1, 'ladder');
	await call(2, 'ladder', '1', '2');
	await call(2, 'ladder', 'x');
	await call(2, 'nonsense');
	await call(2, 'status', '--follow');
	await call(2, 'clock', 'advance', 'soon');
	await call(2, 'wait', 'sip', 'status');
	await call(2, 'wait', 'sip', 'status~(');
	assert.match((await call(2, 'wait', 'clock', 'foo=bar')).stderr, /clock records have no field "foo"; their fields are action, ms, what, key\.$/m);
	assert.match((await call(2, 'verify', 'link', 'foo~bar')).stderr, /link records have no field "foo"; their fields are key\.$/m);
	assert.match((await call(2, 'clock', 'advance', '40d')).stderr, /advanced by at most 30d at once/);
	assert.match((await call(2, 'wait', ...Array(40).fill('a=b'))).stderr, /more than 32 arguments/);
	assert.equal((await call(2)).stderr, 'mcxctl: no command given; see mcxctl --help\n');
	assert.match((await call(0, '--help')).stdout, /^Commands:$/m);
	for (const args of [[], ['wait'], ['ladder']])
		assert.doesNotMatch((await call(0, ...args, '--help')).stdout, /^.{81}/m);
	assert.match((await call(0, 'wait', '--help')).stdout, /^  --timeout DURATION  +How long /m);
	assert.match((await call(0, '--version')).stdout, /^mcxctl \d+\.\d+\.\d+ \(commit \w+\)$/m);
	const nobody = await lab.run('mcxctl', ['--socket', path.join(lab.dir, 'nobody'), 'status']);
	assert.equal(nobody.code, 3);
	assert.match(nobody.stderr, /no daemon/);

	await call(0, 'user', 'add', `dave-${alice.aor}`, 'secret', 'Dave');
	assert.match((await call(0, 'users')).stdout, new RegExp(`^dave-${alice.aor} +Dave `, 'm'));
	await call(1, 'user', 'add', `dave-${alice.aor}`, 'secret');
	assert.match((await call(0, 'user', 'set', `dave-${alice.aor}`, 'number=+1 555 0100', 'push=no')).stdout,
		/, from the api\nnumber \+1 555 0100\nmobility yes\npush no\n/);
	assert.equal(JSON.parse((await call(0, '--json', 'user', 'show', `dave-${alice.aor}`)).stdout).enablePush, false);
	await call(2, 'user', 'set', alice.aor, 'colour=red');
	await call(2, 'user', 'set', alice.aor, 'push=perhaps');
	await call(1, 'user', 'show', `nobody-${alice.aor}`);
	assert.match((await call(1, 'user', 'remove', 'erin@lab.test')).stderr, /users file/);
	await call(0, 'user', 'remove', `dave-${alice.aor}`);
	await call(1, 'user', 'remove', `dave-${alice.aor}`);

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await call(0, 'wait', 'sip', 'method=INVITE', 'status~^4', '--user', alice.aor);
	const late = await call(1, 'wait', 'sip', 'method=INVITE', 'status=200', '--user', alice.aor,
		'--timeout', '10ms');
	assert.match(late.stderr, /Found 0 of 1\. Closest: record \d+ has status "480", not "200"/);
	await call(0, 'wait', 'sip', 'status=480', 'server~^RTCC/', 'diagnostics~^[0-9]+;reason="');
	assert.match((await call(0, 'ladder', 'last')).stdout, /INVITE.*\n(.*\n)*.*480 /);
	const trace = (await call(0, 'trace', '--user', alice.aor)).stdout;
	assert.match(trace, /^Start-Line: INVITE sip:bob/m);
	assert.match(trace, /^Start-Line: SIP\/2\.0 480 /m);
	const journal = (await call(0, 'journal', '--json')).stdout.trim().split('\n').map(JSON.parse);
	assert.deepEqual(journal.map((r) => r.seq), journal.map((_, i) => i + 1));
	for (const kind of new Set(journal.map((r) => r.kind)))
		await call(0, 'wait', kind);
	// The help of wait is the list of kinds and of the fields that each may have.
	const help = (await call(0, 'wait', '--help')).stdout;
	for (const { kind, fields } of journal) {
		const [, known] = help.match(new RegExp(`^  ${kind} +\\S.*\n((?: {16}\\S.*\n)*)`, 'm'));

		assert.equal(/ Fields: /.test(known), Object.keys(fields).length > 0, kind);
		for (const field of Object.keys(fields))
			assert.ok(known.split(/[\s,]+/).includes(field), `${field} in ${kind}: ${known}`);
	}
	// The two that exit 1 when what was said is not so, and the filters.
	await call(0, 'verify', 'sip', 'status~^4', 'header.Server~RTCC', '--user', bob.aor);
	await call(0, 'verify', 'sip', 'method=INVITE', 'then', 'sip', 'status=480', '--user', bob.aor, '--hop', 'front-end');
	await call(1, 'verify', 'sip', 'status=480', 'then', 'sip', 'start_line~^INVITE', '--user', bob.aor);
	await call(0, 'verify', 'toast', '--never');
	assert.match((await call(1, 'verify', 'sip', '--never')).stderr, /is what should never come/);
	await call(0, 'wait', 'toast', '--never-within', '1ms');
	await call(2, 'verify', 'sip', 'then');
	assert.equal(JSON.parse((await call(1, 'verify', 'sip', 'status=299', '--json')).stdout).matched, false);
	const filtered = (await call(0, 'journal', '--kind', 'sip', '--status', '480', '--user', bob.aor, '--json')).stdout.trim().split('\n');

	assert.equal(JSON.parse(filtered[0]).fields.status, '480');
	assert.match((await call(2, 'journal', '--kind', 'toast', '--status', '480')).stderr, /toast records have no field "status"/);
	assert.match((await call(2, 'journal', '--kind', 'toasts')).stderr, /Unknown kind "toasts"/);
	assert.match((await call(2, 'wait', 'toasts')).stderr, /Unknown kind "toasts"; the kinds are sip, /);

	await call(0, 'clock', 'advance', '90s');
	assert.equal((await lab.get('clock')).offsetMs, 90000);
	const status = JSON.parse((await call(0, 'status', '--json')).stdout);
	assert.equal(status.pid, lab.ready.pid);
	assert.match((await call(0, 'status')).stdout, /^\d+ users, \d+ contacts, 0 phones, 0 conversations$/m);
	assert.equal(status.listeners['sip.tcp'], lab.ready.sip.tcp);
});

scenario('a name that nothing has is an error, and a list that is still empty is not', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const call = async (code, pattern, ...args) => {
		const { code: got, stdout, stderr } = await lab.ctl(...args);

		assert.equal(got, code, `mcxctl ${args.join(' ')}\n${stdout}${stderr}`);
		assert.match(code ? stderr : stdout, pattern);
		return stdout;
	};

	await call(1, /^mcxctl: no setting has "zzz" in its name; mcxctl settings lists all\n$/, 'settings', 'zzz');
	await call(1, /^mcxctl: no setting has "core.invite_timeot" in its name; did you mean core.invite_timeout\?\n$/, 'settings', 'core.invite_timeot');
	await call(1, /; did you mean invite_timeout\?$/m, 'settings', 'invite_timeot');
	await call(1, /; did you mean core\?$/m, 'settings', 'kore');
	await call(1, /^mcxctl: no limit has "zzz" in its name; mcxctl limits lists all\n$/, 'limits', 'zzz', '--json');
	const some = JSON.parse(await call(0, /./, 'settings', 'invite_timeout', '--json'));

	assert.deepEqual(some.settings.map(({ name }) => name), ['core.invite_timeout']);
	for (const [command, sentence] of Object.entries({
		endpoints: /^alice-\S+ is not signed in\.$/m, phones: /^alice-\S+ has no phone signed in\.$/m,
		conversations: /^alice-\S+ has had no conversation yet\.$/m, pushes: /^alice-\S+ has been sent no push yet\.$/m,
	}))
		await call(0, sentence, command, '--user', alice.aor);
	for (const args of [['user', 'show', 'zzz@lab.test'], ['user', 'set', 'zzz@lab.test', 'push=no'], ['user', 'remove', 'zzz@lab.test'],
		['endpoints', '--user', 'zzz@lab.test'], ['phones', '--user', 'zzz@lab.test'], ['explain', 'zzz@lab.test'],
		['conversation', '77'], ['push', '77'], ['ladder', '77'], ['export', '77'], ['expire', 'conversation', '77'],
		['expire', 'session', 'zzz'], ['expire', 'registration', '77'], ['actor', 'show', 'zzz'], ['reset', 'zzz@lab.test'],
		['import', path.join(lab.dir, 'nowhere')]])
		await call(1, /^mcxctl: [^\n]+\n$/, ...args);
	for (const args of [['faults', 'set', 'zzz', 'drop'], ['set', 'zzz', '1'], ['fsm', 'zzz'], ['journal', '--kind', 'zzz']])
		await call(2, /^mcxctl: [^\n]+\n$/, ...args);
	await call(1, /^mcxctl: cannot read \S+: No such file or directory$/m, 'import', path.join(lab.dir, 'nowhere'));
	await call(1, /^mcxctl: cannot read \S+: it is not JSON$/m, 'import', fileURLToPath(import.meta.url));

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await lab.wait('conversation', { user: alice });
	await call(0, /ENDED/, 'conversations', '--user', alice.aor, '--state', 'ENDED');
	await call(0, /no conversation/, 'conversations', '--user', alice.aor, '--state', 'CLOSING');
});

scenario('what belongs to a story is found by its key, and no more is printed than asked for', async (lab) => {
	const people = await lab.users('alice', 'bob');

	await lab.desktop(people[0], { im: [people[1], 'Hi Brendan'] }).ended(1);
	const { key } = await lab.wait('conversation', { user: people[0] });
	const read = async (...args) => {
		const { code, stdout, stderr } = await lab.ctl('journal', '--json', ...args);

		assert.equal(code, 0, stderr);
		return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	};
	const all = await read();
	const story = all.filter((r) => r.key === key);

	assert.ok(key && story.length > 1 && story.length < all.length);
	assert.deepEqual(await read('--key', key), story);
	assert.deepEqual(await read('--key', key, '--limit', '1'), story.slice(0, 1));
	assert.deepEqual(await read('--limit', '3', '--from', '2'), all.slice(1, 4));
	assert.equal((await read('--limit', String(all.length))).length, all.length);
	assert.equal((await read('--limit', '20000')).length, (await read()).length);
	assert.equal((await lab.ctl('journal', '--limit', '0')).code, 2);
	const trace = (await lab.ctl('trace', '--limit', '2')).stdout;
	assert.equal(trace.match(/^Start-Line: /gm).length, 2);
	assert.ok(JSON.parse((await lab.ctl('export', 'lab')).stdout).journal.some((r) => r.key === key));
	assert.equal(JSON.parse((await lab.ctl('export', 'lab', '--journal=no')).stdout).journal, undefined);
	assert.match((await lab.ctl('journal', '--follow', '--limit', '1')).stderr, /--limit does not go with --follow/);
});

scenario('a trace names a peer whose address has one name', { settings: { 'hosts.client.lab.test': '127.0.0.1' } }, async (lab) => {
	const [alice] = await lab.users('alice');

	lab.desktop(alice, { im: ['bob', 'Hi'] });
	await lab.wait('sip', { user: alice.aor, fields: { peer_name: 'client.lab.test', peer: /^127\.0\.0\.1:/ } });
	assert.match((await lab.ctl('trace', '--user', alice.aor)).stdout, /^Peer: client\.lab\.test:\d+$/m);
});

scenario('a trace shows the address where there are several', {
	settings: { 'hosts.client.lab.test': '127.0.0.1', 'hosts.fe.lab.test': '127.0.0.1' },
}, async (lab) => {
	const [alice] = await lab.users('alice');

	lab.desktop(alice, { im: ['bob', 'Hi'] });
	await lab.wait('sip', { user: alice.aor });
	assert.match((await lab.ctl('trace', '--user', alice.aor)).stdout, /^Peer: 127\.0\.0\.1:\d+$/m);
});

scenario('test-push prints what the cmdlet prints', async (lab) => {
	const good = await lab.ctl('test-push');

	assert.equal(good.code, 0);
	assert.match(good.stdout, /^TargetFqdn :\nResult     : Success\nLatency    : 00:00:00\nError      :\nDiagnosis  : The clearing house has answered; no phone was addressed\. .*\n$/);
	for (const [edge, address] of [[lab.ready.edge.tls, lab.ready.edge.tls], [`sip:${lab.ready.edge.tcp};transport=tcp`, lab.ready.edge.tcp]]) {
		const here = JSON.parse((await lab.ctl('test-push', '--edge', edge, '--json')).stdout);

		assert.deepEqual([here.targetFqdn, here.result], [address, 'Success']);
	}
	// Nothing listens there.
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	const bad = await lab.ctl('test-push', '--edge', `127.0.0.1:${port}`);
	assert.equal(bad.code, 1);
	assert.match(bad.stdout, /^Result     : Failure\n.*\nError      : .+/m);
});

scenario('mcxctl skips a record whose line is too long, tells which were lost, and goes on with the next', async (lab) => {
	const record = (seq, summary) => JSON.stringify({ seq, kind: 'clock', summary });
	const padding = 'x'.repeat(1 << 20);
	const server = http.createServer((request, answer) => {
		answer.write(`event: begin\ndata: {"instance":"1"}\n\nid: 1\ndata: ${record(1, 'first')}\n\nid: 2\ndata: {"summary":"`);
		for (let i = 0; i < 17; i++)
			answer.write(padding);
		// The rest of the long line is not a record of its own, whatever it looks like.
		answer.write(`"}data: ${record(2, 'second')}\n\n: a comment\n\nevent: lost\nid: 7\ndata: {"from":3,"to":7}\n\n`);
		answer.end(`id: 8\ndata: ${record(8, 'eighth')}\n\n`);
	});
	const socket = path.join(lab.dir, 'fake.sock');

	server.listen(socket);
	await once(server, 'listening');
	try {
		const result = await lab.run('mcxctl', ['--socket', socket, 'journal', '--follow', '--json'],
			{ maxBuffer: 1 << 26 });
		const seen = result.stdout.trim().split('\n').map((line) => JSON.parse(line).summary);

		assert.deepEqual(seen, ['first', 'eighth']);
		assert.match(result.stderr, /skipped a record: line longer than/);
		assert.match(result.stderr, /records 3 to 7 were dropped/);
	} finally {
		server.close();
	}
});

scenario('a stream that breaks is not a daemon that is missing', async (lab) => {
	const server = http.createServer((request, answer) => {
		answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
		answer.write(`data: ${JSON.stringify({ seq: 1, kind: 'clock', summary: 'first' })}\n\n`, () => answer.destroy());
	});
	const socket = path.join(lab.dir, 'broken.sock');

	server.listen(socket);
	await once(server, 'listening');
	try {
		const result = await lab.run('mcxctl', ['--socket', socket, 'journal', '--follow']);

		assert.equal(result.code, 1);
		assert.match(result.stdout, /first/);
		assert.match(result.stderr, /has ended the stream/);
	} finally {
		server.close();
	}
});
