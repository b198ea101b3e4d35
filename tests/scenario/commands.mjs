// Every operation of the lab API has a command of mcxctl. The examples of every --help are run, and what the daemon was asked then
// is held against the document that it serves: a route without a command fails, and so does an example that does not work.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { Actor } from '../clients/lab.mjs';
import { binary, scenario } from '../lab.mjs';
import { documentOf } from '../openapi.mjs';

// For browsers: pages, what is on them, and the form for the token.
const forBrowsers = [
	'GET /lab/v1/', 'GET /lab/v1/page.css', 'GET /lab/v1/sign-in', 'POST /lab/v1/sign-in', 'GET /console', 'GET /console/{file}',
	'GET /', 'GET /lab', 'GET /lab/v1',
];

/** A socket that passes everything on to the lab's own, and remembers what it was asked. */
async function listen(lab) {
	const socket = path.join(lab.dir, 'asked.sock');
	const asked = [];
	const server = http.createServer(async (request, answer) => {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const { method, url, headers } = request;
		const passed = http.request({ socketPath: lab.ready.lab_socket, method, path: url, headers, agent: false }, (reply) => {
			answer.writeHead(reply.statusCode, reply.headers);
			answer.flushHeaders();
			if (url.includes('follow=1'))
				server.emit('follows');
			reply.pipe(answer);
		});

		asked.push({ method, path: url.split('?')[0], command: server.command });
		answer.on('close', () => passed.destroy());
		passed.on('error', () => answer.destroy());
		passed.end(Buffer.concat(chunks));
	});

	server.listen(socket);
	await once(server, 'listening');
	return { server, socket, asked };
}

/** The commands that --help lists, and the examples of each. */
async function commandsOf(lab) {
	const { stdout } = await lab.ctl('--help');
	const [, list] = /\nCommands:\n(.*?)\n\n/s.exec(stdout);
	const names = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name);

	return Promise.all(names.map(async (name) => {
		const { stdout: help } = await lab.ctl(name, '--help');
		const [, examples] = /\nExamples:\n(.*)$/s.exec(help);

		assert.doesNotMatch(help, /^.{81}/m, name);
		return [name, [...examples.matchAll(/^ {2}(mcxctl .*)\n {6}\S/gm)].map(([, line]) => line)];
	}));
}

// Alice rings Bob, whose phone sleeps, and the push has been accepted.
async function stage(lab) {
	await lab.post('reset', {});
	const [alice, bob] = [await Actor.signIn(lab, 'desktop', 'alice@lab.test'), await Actor.signIn(lab, 'phone', 'bob@lab.test')];

	await bob.do('background');
	await lab.wait('state', { user: bob, from: bob.from, fields: { to_state: 'AWAY' } });
	await alice.do('send', { to: bob.user, text: 'Hi' });
	await bob.expect('toast');
	await lab.wait('push', { user: bob, from: bob.from, fields: { state: 'accepted' } });
	return alice;
}

/** Run one that follows until it has printed something. */
async function follow(line, { env, cwd, server, stir }) {
	const child = spawn('bash', ['-c', `exec ${line}`], { env, cwd, stdio: ['ignore', 'pipe', 'inherit'] });

	try {
		await once(server, 'follows');
		const printed = once(child.stdout, 'data');

		await stir();
		return String((await printed)[0]);
	} finally {
		child.kill();
		await once(child, 'close');
	}
}

async function run(line, { env, cwd }) {
	return promisify(execFile)('bash', ['-c', line], { env, cwd, maxBuffer: 1 << 26 }).catch((e) => e);
}

// What leaves the stage as it is.
const harmless = /^(GET .*|POST .*\/(wait|verify|test-push)|(PUT|DELETE) .*\/faults)$/;

/** Run every example of every command; on a new stage where the last has changed it. */
async function playAll(lab, { more = '', commands, check }) {
	const { server, socket, asked } = await listen(lab);
	const env = { ...process.env, PATH: `${path.dirname(binary('mcxctl'))}:${process.env.PATH}`, MCXD_LAB_SOCKET: socket };
	let alice;
	let from = 0;
	const stir = async () => {
		await lab.post('test-push', {});
		await alice.do('cancel');
		await alice.expect('failed');
		await alice.do('send', { to: 'bob@lab.test', text: 'Again' });
	};

	try {
		for (const [name, examples] of commands) {
			server.command = name;
			if (!alice || asked.slice(from).some(({ method, path: where }) => !harmless.test(`${method} ${where}`)))
				alice = await stage(lab);
			from = asked.length;
			for (const example of examples)
				check(example, await play(example, { more, env, cwd: lab.dir, server, stir }));
		}
	} finally {
		server.closeAllConnections();
		server.close();
	}
	return asked;
}

async function play(example, { more, ...rest }) {
	const line = example.replace(/^mcxctl/, `mcxctl${more}`);

	if (example.includes('--follow'))
		return follow(line, rest);
	const { code, stdout, stderr } = await run(line, rest);

	assert.equal(code ?? 0, 0, `${line}: ${stderr}`);
	return stdout;
}

const settings = { 'core.phone_linger': '100ms' };

scenario('every operation of the lab API has a command, and its examples work', { settings }, async (lab) => {
	const commands = await commandsOf(lab);

	for (const [name, examples] of commands) {
		assert.ok(examples.length, `${name} has no example`);
		assert.ok(examples.every((line) => line.startsWith(`mcxctl ${name}`)), name);
	}
	const asked = await playAll(lab, { commands, check: () => {} });
	const operations = Object.entries(documentOf('lab_socket').json.paths)
		.flatMap(([where, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${where}`));
	const operationOf = ({ method, path: where }) => operations.find((operation) => {
		const pattern = operation.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+');

		// What has a fixed name comes before what has any.
		return `${method} ${where}` === operation || (!operations.includes(`${method} ${where}`) &&
			new RegExp(`^${pattern}$`).test(`${method} ${where}`));
	});
	const askedBy = new Map();

	for (const one of asked)
		askedBy.set(operationOf(one), (askedBy.get(operationOf(one)) ?? new Set()).add(one.command));

	assert.deepEqual(operations.filter((operation) => !askedBy.has(operation)).sort(), [...forBrowsers].sort());
	await assertEveryParameter(lab, operations, askedBy);
});

// A query parameter of an operation is an option of the same name, of one of the commands that ask for it.
async function assertEveryParameter(lab, operations, askedBy) {
	const { paths } = documentOf('lab_socket').json;
	const missing = [];

	for (const operation of operations.filter((name) => !forBrowsers.includes(name))) {
		const [method, where] = operation.split(' ');
		const helps = await Promise.all([...askedBy.get(operation)].map(async (name) => (await lab.ctl(name, '--help')).stdout));

		for (const { name, in: place } of paths[where][method.toLowerCase()].parameters ?? [])
			if (place === 'query' && !notAsked.includes(name) && !helps.some((help) => help.includes(`\n  --${name} `)))
				missing.push(`${operation}: ${name}`);
	}
	assert.deepEqual(missing, []);
}

// With which start of the daemon the client began: for one that goes on with a stream after another start.
const notAsked = ['instance'];

scenario('every command prints JSON if it is asked for', { settings }, async (lab) => {
	const commands = (await commandsOf(lab)).filter(([name]) => name !== 'complete');

	await playAll(lab, { commands, more: ' --json', check: (example, stdout) => {
		if (example.startsWith('mcxctl export')) // what the format says
			return;
		for (const line of stdout.split('\n').slice(0, example.includes('--follow') ? 1 : undefined).filter(Boolean))
			assert.doesNotThrow(() => JSON.parse(line), `${example}: ${line.slice(0, 200)}`);
	} });
});

scenario('what can come next is known, also from the daemon', async (lab) => {
	const [bob] = await lab.users('bob');
	const next = async (...words) => (await lab.run('mcxctl', ['complete', '--socket', lab.ready.lab_socket, ...words]))
		.stdout.split('\n').filter(Boolean);

	await Actor.make(lab, 'phone', bob);
	assert.deepEqual(await next('explain', 'bob-'), [bob.aor]);
	assert.deepEqual(await next('journal', '--user', 'bob-'), [bob.aor]);
	assert.deepEqual(await next('journal', '--user=bob-'), [`--user=${bob.aor}`]);
	assert.deepEqual(await next('ladder', ''), ['last']);
	assert.deepEqual(await next('actor', 'acc'), ['accept']);
	assert.deepEqual(await next('actor', 'accept', ''), [bob.aor]);
	assert.deepEqual(await next('actor', 'new', ''), ['desktop', 'phone']);
	assert.deepEqual(await next('actor', 'new', 'phone', 'bob-'), [bob.aor]);
	assert.deepEqual(await next('wait', 'toa'), ['toast']);
	assert.deepEqual(await next('wait', 'toast', 'te'), ['text1=', 'text2=']);
	assert.deepEqual(await next('wait', 'toast', 'text1=x', 'then', 'ti'), ['tile']);
	assert.deepEqual(await next('faults', 'set', 'phone'), ['phone→front-end']);
	assert.ok((await next('faults', 'set', 'phone->front-end', '')).includes('silence'));
	assert.deepEqual(await next('faults', 'set', 'phone->front-end', 'drop', 'ti'), ['times=']);
	assert.deepEqual(await next('settings', 'core.invite'), ['core.invite_timeout']);
	assert.deepEqual(await next('set', 'core.invite'), ['core.invite_timeout']);
	assert.deepEqual(await next('set', 'lab.listen'), []);
	assert.deepEqual(await next('user', 'set', bob.aor, 'pu'), ['push=']);
	assert.deepEqual(await next('user', 'show', bob.aor, 'pu'), []);
	assert.deepEqual(await next('export', 'last', '--format', 'pc'), ['pcapng']);
	assert.deepEqual(await next('nonsense', ''), []);
	assert.deepEqual((await lab.run('mcxctl', ['complete', '--socket', '/nowhere', 'explain', ''])).stdout, '');
});

scenario('what an address stands for has to be one thing', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const fails = async (code, expected, ...args) => {
		const result = await lab.ctl(...args);

		assert.equal(result.code, code, `${args.join(' ')}: ${result.stdout}`);
		assert.match(result.stderr, expected);
	};

	await fails(1, /no actor is called "bob-/, 'actor', 'show', bob.aor);
	await Actor.signIn(lab, 'phone', bob);
	await Actor.make(lab, 'phone', bob, { name: 'The other' });
	await fails(1, /has 2 actors/, 'actor', 'accept', bob.aor);
	assert.match((await lab.ctl('actor', 'show', 'The other')).stdout, /The other: phone of bob-\w+@lab\.test, signed-out/);
	await fails(1, /has 0 contacts, not one/, 'expire', 'registration', bob.aor);
	await fails(1, /has 0 phones, not one/, 'expire', 'session', alice.aor);
	assert.equal((await lab.ctl('expire', 'session', bob.aor)).code, 0);
	await fails(1, /It knows: sign-in/, 'actor', 'jump', 'The other');
	await fails(2, /usage/, 'actor', 'new', 'phone');
	await fails(2, /core.call_timeout has no value/, 'set', 'core.invite_timeout', '5s', 'core.call_timeout');
	await fails(2, /what happens at edge->clearing-house\?/, 'faults', 'set', 'edge->clearing-house');
	await fails(2, /is missing behind "and"/, 'faults', 'set', 'edge->clearing-house', 'drop', 'and');
	await fails(2, /not NAME=VALUE/, 'faults', 'set', 'edge->clearing-house', 'drop', 'often');
	for (const limit of ['times', 'nth', 'probability'])
		await fails(2, new RegExp(`^mcxctl: "${limit}" must be at least 1`), 'faults', 'set', 'edge->clearing-house', 'drop', `${limit}=0`);
	assert.deepEqual((await lab.get('faults')).faults, []);
	await fails(2, /Unknown fault "jump"/, 'faults', 'set', 'edge->clearing-house', 'jump');
	await fails(2, /expected auto, always or never/, 'status', '--color', 'blue');
});
