// Runs the README's examples as they are printed there: a phone made of curl, two processes by TLS, openssl as a client. What
// differs are only the ports, which are free ones, and the folders.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Actor, binary, PATIENCE_MS, scenario } from '../lab.mjs';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

scenario('the README\'s curl example signs in, wakes, accepts and answers', async (lab) => {
	const [, story] = /\n```sh\n(fe=.*?)```\n/s.exec(readme);
	const [alice, bob] = await lab.users('alice', 'bob');
	const shell = spawn('bash', ['-eo', 'pipefail', '-c', story], {
		env: {
			...process.env, fe: lab.ready.https, push: lab.ready.push_service, ca: lab.ready.ca, user: bob.aor,
			password: bob.password,
		},
	});
	const said = { out: '', errors: '' };

	shell.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
	shell.stderr.setEncoding('utf8').on('data', (text) => (said.errors += text));
	try {
		await lab.wait('user', { user: bob, fields: { action: 'subscribed' } });
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

		await desktop.expect('connected');
		await desktop.expect('message', { text: 'Hello back' });
		const [code] = shell.exitCode === null ? await once(shell, 'exit') : [shell.exitCode];

		assert.equal(code, 0, said.errors);
		assert.match(said.out, /"kind":"toast".*"text2":"Hi Brendan"/);
		assert.equal(said.errors, '');
	} finally {
		shell.kill('SIGKILL');
	}
});

scenario('the README\'s ways to look inside show a story that Alice began', async (lab) => {
	const [, ways] = /\n```\n(mcxctl status .*?)```\n/s.exec(readme);
	const commands = ways.match(/^mcxctl \S+( \S+)*/gm);
	const phone = lab.phone({ aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' }, { background: true });

	await phone.expect('background');
	const desktop = lab.desktop({ aor: 'alice@lab.test', displayName: 'Alice' }, { im: ['bob@lab.test', 'Hi'] });

	await desktop.expect('connected');
	const run = (command) => lab.run('mcxctl', ['--socket', lab.ready.lab_socket,
		...command.replace(' --follow', '').replace(/ -o \S+svg/, '').split(' ').slice(1)], { cwd: lab.dir });
	const moves = (command) => /freeze|expire|conversation end|reset|lab\.json/.test(command);

	for (const command of commands.filter((each) => !moves(each))) {
		const { code, stdout, stderr } = await run(command);

		// Bob's app has been opened: no push would be sent.
		assert.equal(code, command.includes('explain') ? 1 : 0, `${command}: ${stderr}`);
		assert.match(stdout, command.includes('wait') ? / SIP\/2\.0 180 / : /\S/, command);
	}
	assert.equal(commands.length, 18);
	const { stdout } = await lab.ctl('trace', '--user', 'bob@lab.test');

	for (const line of ['INVITE sip:bob@lab.test', 'SIP/2.0 180 ', 'MESSAGE sip:push@push.lync.com', 'SIP/2.0 200 OK'])
		assert.ok(stdout.includes(`Start-Line: ${line}`), line);
	for (const direction of ['outgoing;source="internal edge";destination="external edge"', 'incoming;source="edge";destination="clearing-house"'])
		assert.ok(stdout.includes(`Direction: ${direction}`), direction);
	for (const command of commands.filter(moves)) {
		const { code, stderr } = await run(command);

		// there are not so many conversations
		assert.equal(code, /expire|conversation end/.test(command) ? 1 : 0, `${command}: ${stderr}`);
	}
});

scenario('the README\'s requests to the lab API', async (lab) => {
	const [, requests] = /\n```sh\n(lab=.*?)```\n/s.exec(readme);
	const [, python] = /\n```python\n(import os, requests.*?)```\n/s.exec(readme);
	const env = { ...process.env, lab: lab.ready.lab, socket: lab.ready.lab_socket };
	const phone = lab.phone({ aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' }, { background: true });

	await phone.expect('background');
	lab.desktop({ aor: 'alice@lab.test', displayName: 'Alice' }, { im: ['bob@lab.test', 'Hi'] });
	await lab.wait('push', { user: 'bob@lab.test', fields: { state: 'accepted' } });
	const { code, stdout, stderr } = await lab.run('/bin/bash', ['-ec', requests], { env });
	const answers = stdout.replaceAll('}{', '}\n{').trim().split('\n').map((text) => JSON.parse(text));

	assert.equal(code, 0, stderr);
	assert.ok(answers.every((answer) => !answer.error), stdout);
	assert.equal(answers.length, 7);
	assert.equal(answers[0].phones[0].user, 'bob@lab.test');
	assert.equal(answers[1].hops[0].from, 'front-end');
	assert.equal(answers[2].user, 'bob@lab.test');
	assert.equal(answers[3].records[0].fields.text2, 'Hi');
	assert.equal(answers[5].result, 'Success');
	const tested = await lab.run('/usr/bin/python3', ['-c', python], { env });

	assert.equal(tested.code, 0, tested.stderr);
	assert.ok((await lab.get('users')).users.some((user) => user.aor === 'zoe@lab.test'));
});

const keys = { env: { SSLKEYLOGFILE: path.join(await mkdtemp(path.join(os.tmpdir(), 'keys-')), 'keys') } };

after(() => rm(path.dirname(keys.env.SSLKEYLOGFILE), { recursive: true }));

scenario('the README\'s clients trust the lab, find it by name, and leave their keys', keys, async (lab) => {
	const [, questions] = /\n```sh\n(ca=.*?)```\n/s.exec(readme);
	const { code, stdout, stderr } = await lab.run('/bin/bash', ['-ec',
		`ca=${lab.ready.ca} at=${new URL(lab.ready.https).host}\n${questions}`]);
	const answers = stdout.replaceAll('}{', '}\n{').trim().split('\n').map((text) => JSON.parse(text));

	assert.equal(code, 0, stderr);
	assert.equal(answers.length, 3);
	assert.match(answers[0]._links.user.href, /^https:\/\/lyncdiscover\.lab\.test:\d+\/.*originalDomain=lab\.test$/);
	for (const { _links } of answers.slice(1))
		assert.ok(_links.user.href.startsWith(`${lab.ready.https}/`));
	assert.match(await readFile(keys.env.SSLKEYLOGFILE, 'utf8'), /^CLIENT_TRAFFIC_SECRET_0 /m);
});

// The listeners of these ports, as mcxd calls them when it prints where it listens.
const LISTENERS = { 5060: 'sip.tcp', 5061: 'sip.tls', 6081: 'clearing_house.tls', 8443: 'https', 9080: 'push_service' };

/** Runs printed commands in a folder, each with the ports on which those before it turned out to listen. */
class Terminals {
	constructor(dir) {
		this.dir = dir;
		this.ports = {};
		this.actors = [];
	}

	#adapted(command) {
		return command.replaceAll('/tmp/', `${this.dir}/`)
			.replace(/127\.0\.0\.1:(\d+)/g, (address, port) =>
				LISTENERS[port] ? `127.0.0.1:${this.ports[LISTENERS[port]] ?? 0}` : address)
			.replace(/\bbuild\/(\w+)/, (_, name) => binary(name) + (name === 'mcxd' ? ' --any-port' : ''));
	}

	run(command) {
		const actor = new Actor(command, '/bin/bash', ['-c', `exec ${this.#adapted(command)}`]);

		this.actors.push(actor);
		return actor;
	}

	/** Run mcxd, and learn where it listens. */
	async runDaemon(command) {
		const daemon = this.run(command);

		await daemon.expect('text', { text: 'ready' });
		for (const { text } of daemon.seen) {
			const [, name, port] = /^(\S+) .*:(\d+)$/.exec(text) ?? [];

			this.ports[name] = port;
		}
	}

	// The last to be started is the first to go.
	async stop() {
		for (const actor of this.actors.reverse())
			await actor.stop();
	}
}

test('readme: the README\'s two processes by TLS', { timeout: 6 * PATIENCE_MS }, async () => {
	const [, story] = /\n```sh\n(# the clearing house.*?)```\n/s.exec(readme);
	const commands = story.replaceAll('\\\n', '').split('\n').filter((line) => line && !line.startsWith('#'));
	const dir = await mkdtemp(path.join(os.tmpdir(), 'mcxd-readme-'));
	const terminals = new Terminals(dir);
	const [neighbours, frontEnd, push, phone, desktop] = commands;

	try {
		await terminals.runDaemon(neighbours);
		await terminals.runDaemon(frontEnd);
		const tested = terminals.run(push);

		await tested.expect('text', { text: /^Result +: Success$/ });
		await tested.ended();
		const bob = terminals.run(phone);

		await bob.expect('text', { text: 'background' });
		const alice = terminals.run(desktop);

		await bob.expect('text', { text: /^toast .*Hi Brendan$/ });
		await alice.expect('text', { text: /^connected / });
		await bob.expect('text', { text: /^connected / });
		bob.say('Hello back');
		await alice.expect('text', { text: /^message .*Hello back$/ });
		assert.equal(commands.length, 5);
	} finally {
		await terminals.stop();
		await rm(dir, { recursive: true });
	}
});

// "one$ command", "one> line", "one| output": two shells, and the program that runs in each.
test('readme: played by hand in two terminals', { timeout: 6 * PATIENCE_MS }, async () => {
	const [, play] = /\n### Play it by hand\n[^]*?\n```\n(.*?)```\n/s.exec(readme);
	const dir = await mkdtemp(path.join(os.tmpdir(), 'mcxd-readme-'));
	const shells = {};
	const adapt = (command) => command.replaceAll('/tmp/', `${dir}/`)
		.replace(/\bbuild\/(\w+)/, (_, name) => binary(name) + (name === 'mcxd' ? ' --any-port' : ''));
	let n = 0;

	for (const name of ['one', 'two'])
		shells[name] = new Actor(`terminal ${name}`, '/bin/bash', []);
	try {
		for (const line of play.trimEnd().split('\n')) {
			const [, name, what, text] = /^(one|two)([$>|]) (.*)$/.exec(line);

			n++;
			if (what === '|')
				await shells[name].expect('text', { text });
			else
				shells[name].say(what === '$' ? adapt(text) : text);
		}
		assert.ok(n >= 20);
		for (const shell of Object.values(shells))
			shell.close();
		await shells.two.ended(0);
	} finally {
		const ready = await readFile(path.join(dir, 'ready.json'), 'utf8').catch(() => null);

		// It has the first terminal's output, so that terminal has not ended before it has.
		if (ready)
			process.kill(JSON.parse(ready).pid, 'SIGTERM');
		for (const shell of Object.values(shells))
			await shell.stop();
		await rm(dir, { recursive: true });
	}
});

scenario('the README\'s openssl command is content with our certificate', async (lab) => {
	const [command] = /^openssl s_client .*$/m.exec(readme);
	const adapted = command.replace('127.0.0.1:5061', lab.ready.sip.tls).replace('~/.local/state/mcxd/ca.pem', lab.ready.ca);
	const { code, stdout, stderr } = await lab.run('/bin/bash', ['-c', `${adapted} </dev/null`]);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /^Verify return code: 0 \(ok\)$/m);
	assert.match(stdout, /^Verification: OK$/m);
});

scenario('the README\'s options for hops without TLS', {
	args: /^- Over TCP instead: `([^`]*)`/m.exec(readme)[1].replace('127.0.0.1:5071', '127.0.0.1:0').split(' '),
}, async (lab) => {
	assert.equal(lab.ready.edge.tls, undefined);
	assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
	const sent = await lab.wait('sip', { fields: { method: 'MESSAGE', start_line: /^MESSAGE / } });

	assert.equal(sent.fields.transport, 'tcp');
});
