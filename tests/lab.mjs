// A lab for a test: the real mcxd on free ports, users that no other test knows, simulated clients,
// the lab API. Nothing here sleeps: a test waits for an event or for a record.
//
//   scenario('Bob accepts', async (lab) => {
//     const [alice, bob] = await lab.users('alice', 'bob');
//     ...
//     await lab.wait('sip', { user: alice.aor, fields: { status: '200' } });
//   });
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';

import { Actor, binary, PATIENCE_MS, start, toArguments, withPatience } from './actor.mjs';
import { check, learn } from './openapi.mjs';
import { App } from './ucwa.mjs';
import { runSipp } from './sipp.mjs';

export { Actor, binary, PATIENCE_MS };

/** Conditions as the lab API takes them; a field is a value or a JavaScript pattern. */
function toConditions(fields = {}) {
	return Object.fromEntries(Object.entries(fields).map(([name, value]) =>
		[name, value instanceof RegExp ? { matches: value.source } : String(value)]));
}

function imCommand(im) {
	return im ? ['im', im[0].aor ?? im[0], im[1]] : [];
}

export class Lab {
	constructor(dir) {
		this.dir = dir;
		this.readyFile = path.join(dir, 'ready.json');
		this.actors = [];
		this.apps = [];
		this.log = '';
	}

	async start({ settings = {}, roles, ephemeral = true, env, args = [] } = {}) {
		const state = ephemeral ? ['--ephemeral'] : args.includes('--state') ? [] : ['--state', path.join(this.dir, 'state')];
		const all = ['--any-port', ...state, '--ready-file', this.readyFile];

		this.options = { settings, roles, ephemeral, env, args };

		if (roles)
			all.push('--roles', roles.join(','));
		for (const [name, value] of Object.entries(settings))
			all.push('--set', `${name}=${value}`);
		this.daemon = start(binary('mcxd'), [...all, ...args], 'ignore', env);
		this.daemon.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
		this.exited = once(this.daemon, 'close').then(([code, signal]) => code ?? signal);
		await withPatience(Promise.race([this.#ready(), this.#early()]),
			() => `mcxd did not become ready:\n${this.log}`);
		this.ready = JSON.parse(await readFile(this.readyFile, 'utf8'));
		await learn(this.ready);
		return this;
	}

	/** End the daemon without a word. */
	async kill(signal = 'SIGKILL') {
		this.daemon.kill(signal);
		await withPatience(this.exited, () => `mcxd ignored ${signal}:\n${this.log}`);
	}

	/** End the daemon without a word (or as told), and start it again where it listened before, with what it left
	 *  on the disk. Options are those of start(). */
	async restart({ signal = 'SIGKILL', settings = {}, ...options } = {}) {
		const { sip, https, push_service: push } = this.ready;
		const places = {
			'sip.udp': sip?.udp, 'sip.tcp': sip?.tcp, 'sip.tls': sip?.tls,
			'https.listen': https && new URL(https).host, 'push_service.listen': push && new URL(push).host,
		};

		await this.kill(signal);
		for (const [name, value] of Object.entries(places))
			if (value)
				settings[name] ??= value;
		return this.start({ ...this.options, ...options, settings: { ...this.options.settings, ...settings } });
	}

	#ready() {
		return new Promise((resolve) => {
			createInterface({ input: this.daemon.stdout })
				.on('line', (line) => line === 'ready' && resolve());
		});
	}

	async #early() {
		const code = await this.exited;

		throw new Error(`mcxd ended with ${code}:\n${this.log}`);
	}

	/** Stop everything. On SIGTERM the daemon has to end by itself, with 0. */
	async stop() {
		const actors = this.actors.splice(0);

		try {
			for (const app of this.apps)
				app.close();
			await Promise.all(actors.map((actor) => actor.stop()));
			if (!this.daemon)
				return;
			this.daemon.kill('SIGTERM');
			const code = await withPatience(this.exited, () => `mcxd ignored SIGTERM:\n${this.log}`);
			assert.equal(code, 0, `mcxd ended with ${code}:\n${this.log}`);
		} finally {
			this.daemon?.kill('SIGKILL');
			await rm(this.dir, { recursive: true, force: true });
		}
	}

	// ---- the lab API ----

	/** A request of the lab API; resolves with {status, body}. */
	request(method, where, body) {
		return new Promise((resolve, reject) => {
			const r = http.request({
				socketPath: this.ready.lab_socket,
				path: `/lab/v1/${where}`,
				method,
				agent: false,
			}, async (answer) => {
				try {
					let text = '';

					for await (const chunk of answer.setEncoding('utf8'))
						text += chunk;
					check('lab_socket', {
						method, path: `/lab/v1/${where}`, type: 'application/json',
						body: body && JSON.stringify(body), status: answer.statusCode, headers: answer.headers, text,
					});
					resolve({ status: answer.statusCode, text, body: parse(text) });
				} catch (e) {
					reject(e);
				}
			});

			r.on('error', reject);
			r.end(body === undefined ? undefined : JSON.stringify(body));
		});
	}

	async #call(method, where, body) {
		const answer = await this.request(method, where, body);

		if (answer.status >= 300)
			throw new Error(`${method} ${where}: ${answer.status} ${answer.text}`);
		return answer.body;
	}

	get(where) {
		return this.#call('GET', where);
	}

	post(where, body) {
		return this.#call('POST', where, body);
	}

	delete(where) {
		return this.#call('DELETE', where);
	}

	/** Wait until there is a record of this kind; resolves with it (with an array if count is given).
	 *  Records that are in the journal already count, from number `from` on. A failure says what came closest. */
	async wait(kind, { user, key, fields, from, count, timeoutMs = PATIENCE_MS, ...more } = {}) {
		const { records } = await this.expect('wait', {
			kind, user: user?.aor ?? user, key, fields: toConditions(fields), from, count, timeoutMs, ...more,
		});

		return count === undefined ? records[0] : records;
	}

	/** "wait" or "verify" with a body as the lab API takes it; a 409 is an assertion that failed. */
	async expect(how, asked) {
		const { status, text, body } = await this.request('POST', how, asked);

		if (status === 409)
			throw new assert.AssertionError({ message: `${how} ${JSON.stringify(asked)}: ${body.error.message}` });
		if (status !== 200)
			throw new Error(`POST ${how}: ${status} ${text}`);
		return body;
	}

	/** All matching records so far, to check that something did not happen. */
	async records({ kind, user, key } = {}) {
		const query = new URLSearchParams(Object.entries({ kind, user: user?.aor ?? user, key })
			.filter(([, value]) => value !== undefined));
		const all = [];
		let from = 1;
		let page;

		do {
			page = await this.get(`journal?from=${from}&${query}`);
			all.push(...page.records);
			from = page.next;
		} while (page.next <= page.last);
		return all;
	}

	/** Move the lab's clock; resolves when everything that was due has happened. */
	advance(ms) {
		return this.post('clock/advance', { ms });
	}

	/** A new user, for this test alone. */
	async user(name, policy = {}) {
		const password = randomBytes(8).toString('hex');
		const aor = `${name}-${randomBytes(4).toString('hex')}@lab.test`;
		const displayName = name[0].toUpperCase() + name.slice(1);
		const user = await this.post('users', { aor, displayName, password, ...policy });

		return { ...user, password };
	}

	users(...names) {
		return Promise.all(names.map((name) => this.user(name)));
	}

	/** The newest conversation with this user. */
	async conversation(user) {
		const { conversations } = await this.get(`conversations?user=${encodeURIComponent(user.aor)}`);

		assert.notEqual(conversations.length, 0, `${user.aor} had no conversation`);
		return conversations.at(-1);
	}

	async metric(name) {
		const { metrics } = await this.get('metrics');
		const row = metrics.find((m) => m.name === name);

		assert.ok(row, `there is no metric ${name}`);
		return row.value;
	}

	// ---- programs ----

	/** Run a program to its end; resolves with {code, stdout, stderr}. */
	run(name, args, options = {}) {
		return new Promise((resolve, reject) => {
			const done = (error, stdout, stderr) => {
				if (error && typeof error.code !== 'number')
					reject(error);
				else
					resolve({ code: error ? error.code : 0, stdout, stderr });
			};
			const file = name.includes('/') ? name : binary(name);

			execFile(file, args, { timeout: 3 * PATIENCE_MS, encoding: 'utf8', ...options }, done);
		});
	}

	/** mcxctl with these arguments. */
	ctl(...args) {
		return this.run('mcxctl', ['--socket', this.ready.lab_socket, ...args]);
	}

	/** The ladder of a conversation. */
	async ladder(id = 'last') {
		const { stdout, stderr } = await this.ctl('ladder', String(id));

		return stdout + stderr;
	}

	/** All ladders, for a test that failed. */
	async ladders() {
		const { conversations } = await this.get('conversations');
		const drawings = await Promise.all(conversations.map((c) => this.ladder(c.id)));

		return drawings.join('\n') || 'There was no conversation.\n';
	}

	#actor(name, args) {
		const actor = new Actor(name, binary('mcxsim'), args);

		this.actors.push(actor);
		return actor;
	}

	/** mcxsim phone of a user; im: [whom, first line]; other options are those of its command line in camelCase. */
	phone(user, { im, ...options } = {}) {
		return this.#actor(`${user.displayName}'s phone`, ['phone', '--json', ...toArguments({
			readyFile: this.readyFile, user: user.aor, password: user.password, ...options,
		}), ...imCommand(im)]);
	}

	/** mcxsim desktop of a user; im: [whom, first line]. */
	desktop(user, { im, ...options } = {}) {
		return this.#actor(`${user.displayName}'s desktop`, ['desktop', '--json', ...toArguments({
			readyFile: this.readyFile, user: user.aor, name: user.displayName, ...options,
		}), ...imCommand(im)]);
	}

	/** A phone app that does only what the test says (ucwa.mjs), signed in. */
	async app(user, options = {}) {
		const app = new App(user, {
			base: this.ready.https,
			pushService: this.ready.push_service,
			ca: await readFile(this.ready.ca),
			...options,
		});

		this.apps.push(app);
		await app.signIn();
		return app;
	}

	/** Play a SIPp scenario to its end; keys replace [name] in the file. */
	async sipp(file, options) {
		await runSipp(this, file, options);
	}
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Start a lab; the caller stops it. */
export async function startLab(options = {}) {
	const lab = new Lab(await mkdtemp(path.join(os.tmpdir(), 'lab-')));

	try {
		return await lab.start(options);
	} catch (e) {
		await lab.stop().catch(() => {});
		throw e;
	}
}

// Why a test failed: the ladders and the end of the daemon's log.
async function explain(lab) {
	const ladders = await lab.ladders().catch((e) => `No ladder: ${e.message}\n`);
	const log = lab.log.split('\n').slice(-40).join('\n');

	return `\n${ladders}\nThe end of mcxd's log:\n${log}`;
}

// Names the file in the list of failures, as `scripts/test scenario NAME` takes it.
const file = path.basename(process.argv[1]).replace(/(\.test)?\.mjs$/, '');

/** How long a play may take, if it does not say otherwise. */
const PLAY_MS = 6 * PATIENCE_MS;

// What a play has left open would hold this process for as long as it likes.
after(() => setTimeout(() => {
	console.error(`${file}: something still runs after the last test, and is ended`);
	process.exit(1);
}, PATIENCE_MS).unref());

/** A test with a lab of its own. Its name starts with the file's; a failure prints every ladder. A play that does not end within
 *  playMs fails like one that throws; that node itself gives up on it would leave its lab running. */
export function scenario(name, options, play = options) {
	const { playMs = PLAY_MS, ...others } = options === play ? {} : options;

	return test(`${file}: ${name}`, { timeout: playMs + 4 * PATIENCE_MS }, async () => {
		const lab = await startLab(others);

		try {
			await withPatience(play(lab), () => 'The play does not end', playMs);
		} catch (e) {
			console.error(await explain(lab));
			await lab.stop().catch((also) => console.error(also.message));
			throw e;
		}
		await lab.stop();
	});
}
