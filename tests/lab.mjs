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
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { Actor, binary, PATIENCE_MS, toArguments, withPatience } from './actor.mjs';
import { Lab as Client } from './clients/lab.mjs';
import { check, learn } from './openapi.mjs';
import { App } from './ucwa.mjs';
import { runSipp } from './sipp.mjs';

export { Actor, binary, PATIENCE_MS };

function imCommand(im) {
	return im ? ['im', im[0].aor ?? im[0], im[1]] : [];
}

export class Lab extends Client {
	constructor(dir) {
		super();
		this.dir = dir;
		this.readyFile = path.join(dir, 'ready.json');
		this.programs = [];
		this.apps = [];
	}

	async start({ settings = {}, roles, ephemeral = true, env, args = [] } = {}) {
		const state = ephemeral ? ['--ephemeral'] : args.includes('--state') ? [] : ['--state', path.join(this.dir, 'state')];
		const all = ['--any-port', ...state, '--ready-file', this.readyFile];

		this.options = { settings, roles, ephemeral, env, args };

		if (roles)
			all.push('--roles', roles.join(','));
		for (const [name, value] of Object.entries(settings))
			all.push('--set', `${name}=${value}`);
		await this.launch(binary('mcxd'), [...all, ...args], env);
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
		const { sip, https, push_service: push, apns } = this.ready;
		const places = {
			'sip.udp': sip?.udp, 'sip.tcp': sip?.tcp, 'sip.tls': sip?.tls,
			'https.listen': https && new URL(https).host, 'push_service.listen': push && new URL(push).host,
			'push_service.apns': apns && new URL(apns).host,
		};

		await this.kill(signal);
		for (const [name, value] of Object.entries(places))
			if (value)
				settings[name] ??= value;
		return this.start({ ...this.options, ...options, settings: { ...this.options.settings, ...settings } });
	}

	/** Stop everything. On SIGTERM the daemon has to end by itself, with 0. */
	async stop() {
		const actors = this.programs.splice(0);

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

	/** A request of the lab API, as in the client; the answer has to be as the document says. */
	async request(method, where, body) {
		const answer = await super.request(method, where, body);

		check('lab_socket', {
			method, path: `/lab/v1/${where}`, type: 'application/json', body: body && JSON.stringify(body),
			status: answer.status, headers: answer.headers, text: answer.text,
		});
		return answer;
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

		this.programs.push(actor);
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

	/** mcxsim fleet, with these options of its command line in camelCase. */
	fleet(options = {}) {
		return this.#actor('the fleet', ['fleet', '--json', ...toArguments({ readyFile: this.readyFile, ...options })]);
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
