// A client of mcxd's lab API for tests, in one file and without dependencies (node 18 or newer): copy it to where your tests are.
//
//   const lab = await Lab.open();                 join the lab of the environment (mcxd exec -- COMMAND), or start one
//   const alice = await lab.desktop('alice@lab.test'), bob = await lab.phone('bob@lab.test');
//   await bob.do('background');
//   await alice.do('send', { to: bob.user, text: 'Hi Brendan' });
//   await bob.expect('toast', { text: 'Hi Brendan' });
//   await lab.stop();
//
// Nothing here sleeps or asks again and again: the lab answers when a record is there, or says what came closest.
import { AssertionError } from 'node:assert';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';

/** Longest wait, in real time, unless a call says otherwise. */
export const PATIENCE_MS = 20000;

// Of labs that were started here and not stopped; they end with this process.
const folders = new Set();

process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The promise, or an error that says what() after ms. */
export function withPatience(promise, what, ms = PATIENCE_MS) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`${what()} (waited ${ms} ms)`)), ms);
	});

	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Conditions as the lab API takes them: a value is a string, or a JavaScript pattern. */
function toConditions(values) {
	return values && Object.fromEntries(Object.entries(values).map(([name, value]) =>
		[name, value instanceof RegExp ? { matches: value.source } : String(value)]));
}

function addressOf(user) {
	return user?.aor ?? user?.user ?? user;
}

/** What a wait expects: kind and conditions, or "order", a list of such. */
function toExpectation(kind, { user, fields, headers, order, ...more } = {}) {
	return {
		kind, user: addressOf(user), fields: toConditions(fields), headers: toConditions(headers), ...more,
		order: order?.map(({ kind: step, ...conditions }) => toExpectation(step, conditions)),
	};
}

function toQuery(values) {
	const given = Object.entries(values).filter(([, value]) => value !== undefined);

	return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, addressOf(value)]))}` : '';
}

function pathOf(user) {
	return encodeURIComponent(addressOf(user));
}

/** The events of a stream, as {event, data}. */
async function* eventsOf(stream) {
	let event = '';

	for await (const line of createInterface({ input: stream })) {
		if (line.startsWith('event: '))
			event = line.slice(7);
		else if (line.startsWith('data: '))
			yield { event, data: JSON.parse(line.slice(6)) };
		else if (!line)
			event = '';
	}
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The lab refused a request, or answered it with an error. */
export class LabError extends Error {
	constructor(method, where, { status, text, body }) {
		super(`${method} ${where}: ${status} ${body?.error?.message ?? text}`);
		Object.assign(this, { status, body });
	}
}

export class Lab {
	constructor() {
		this.log = ''; // of a lab that was started here
	}

	// ---- life ----

	/** Join the lab of the environment if there is one, else start one; options of join() or start() decide before it does. */
	static open(options = {}) {
		const { readyFile, url, mcxd, settings, args } = options;
		const joins = readyFile || url || !(mcxd || settings || args) && (process.env.MCXD_READY_FILE || process.env.MCXD_LAB);

		return joins ? Lab.join(options) : Lab.start(options);
	}

	/** Join a running lab: that of a ready file, or one at a URL, by default those of the environment. Behind a token
	 *  (lab.token_file) it has to be given; ca is the PEM text of the authority, for a lab that speaks HTTPS. */
	static async join({ url, readyFile = url ? undefined : process.env.MCXD_READY_FILE, token, ca } = {}) {
		const lab = new this();

		lab.ready = readyFile ? JSON.parse(await readFile(readyFile, 'utf8')) : { lab: url ?? process.env.MCXD_LAB };
		Object.assign(lab, { token, ca: ca ?? (lab.ready.ca && await readFile(lab.ready.ca)) });
		await lab.get('status');
		return lab;
	}

	/** Start a lab of its own on free ports, which ends with this process at the latest. mcxd: the program. settings: as in
	 *  { 'core.invite_timeout': '10s' }. args: further options of mcxd. */
	static async start({ mcxd = process.env.MCXD ?? 'mcxd', settings = {}, args = [] } = {}) {
		const lab = new this();

		lab.folder = await mkdtemp(path.join(os.tmpdir(), 'lab-'));
		folders.add(lab.folder);
		try {
			await lab.launch(mcxd, ['--any-port', '--ephemeral', '--ready-file', path.join(lab.folder, 'ready.json'),
				...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]), ...args]);
			// A test that throws before stop() must not leave node waiting for the daemon, which waits for node to end.
			[lab.daemon, lab.daemon.stdout, lab.daemon.stderr].forEach((held) => held.unref());
			return lab;
		} catch (e) {
			await lab.stop().catch(() => {});
			throw e;
		}
	}

	/** Run mcxd until it is ready; its arguments name a ready file. */
	async launch(file, args, env = {}) {
		const readyFile = args[args.indexOf('--ready-file') + 1];

		this.daemon = spawn(file, [...args, `--exit-with-parent=${process.pid}`],
			{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
		this.daemon.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
		this.exited = once(this.daemon, 'close').then(([code, signal]) => code ?? signal);
		const early = this.exited.then((code) => {
			throw new Error(`mcxd ended with ${code}:\n${this.log}`);
		});
		const ready = new Promise((resolve) => {
			createInterface({ input: this.daemon.stdout }).on('line', (line) => line === 'ready' && resolve());
		});

		early.catch(() => {});
		await withPatience(Promise.race([ready, early]), () => `mcxd did not become ready:\n${this.log}`);
		this.ready = JSON.parse(await readFile(readyFile, 'utf8'));
	}

	/** End a lab that was started here; one that was joined goes on. */
	async stop() {
		if (this.daemon) {
			this.daemon.kill('SIGTERM');
			try {
				await withPatience(this.exited, () => `mcxd ignored SIGTERM:\n${this.log}`);
			} finally {
				this.daemon.kill('SIGKILL');
			}
		}
		if (this.folder) {
			await rm(this.folder, { recursive: true, force: true });
			folders.delete(this.folder);
		}
	}

	// ---- HTTP ----

	#send(method, where, body, onAnswer) {
		const { lab_socket: socketPath, lab: url } = this.ready;
		const target = new URL(`/lab/v1/${where}`, socketPath ? 'http://lab' : url);
		const headers = { 'Content-Type': 'application/json', ...this.token && { Authorization: `Bearer ${this.token}` } };

		return new Promise((resolve, reject) => {
			const r = (target.protocol === 'https:' ? https : http).request(target,
				{ method, headers, agent: false, ca: this.ca, ...socketPath && { socketPath } },
				(answer) => onAnswer(answer).then(resolve, reject));

			r.on('error', reject);
			r.end(body === undefined ? undefined : JSON.stringify(body));
		});
	}

	/** A request of the lab API (a path below /lab/v1/); resolves with {status, headers, text, body}. The body is what JSON says,
	 *  or a Buffer of what is not text. */
	request(method, where, body) {
		return this.#send(method, where, body, async (answer) => {
			const bytes = await buffer(answer);
			const text = bytes.toString();
			const isText = /^text\/|json|xml/.test(answer.headers['content-type'] ?? 'text/plain');

			return { status: answer.statusCode, headers: answer.headers, text, body: isText ? parse(text) : bytes };
		});
	}

	/** The same, of which nothing but success is expected; resolves with the body. */
	async call(method, where, body) {
		const answer = await this.request(method, where, body);

		if (answer.status >= 300)
			throw new LabError(method, where, answer);
		return answer.body ?? answer.text;
	}

	get(where) {
		return this.call('GET', where);
	}

	post(where, body) {
		return this.call('POST', where, body);
	}

	patch(where, body) {
		return this.call('PATCH', where, body);
	}

	put(where, body) {
		return this.call('PUT', where, body);
	}

	delete(where) {
		return this.call('DELETE', where);
	}

	// ---- the journal ----

	/** Wait until there is a record of this kind; resolves with it (with an array if count is given). Conditions: user, fields,
	 *  headers, bodyContains, conversation, hop, phone, key. Records that are in the journal already count, from number `from`
	 *  on. A failure says what came closest. */
	async wait(kind, { timeoutMs = PATIENCE_MS, ...conditions } = {}) {
		const { records } = await this.expect('wait', { ...toExpectation(kind, conditions), timeoutMs });

		return conditions.count === undefined && !conditions.order ? records[0] : records;
	}

	/** The same of what is in the journal now. */
	async verify(kind, conditions = {}) {
		return (await this.expect('verify', toExpectation(kind, conditions))).records;
	}

	/** There is no such record now. */
	async never(kind, conditions = {}) {
		await this.expect('verify', { ...toExpectation(kind, conditions), never: true });
	}

	/** No such record comes before the lab's clock has moved by ms: advance it meanwhile, or let it run. */
	async neverWithin(ms, kind, conditions = {}) {
		await this.expect('wait', { ...toExpectation(kind, conditions), neverWithinMs: ms });
	}

	/** "wait" or "verify" with a body as the lab API takes it; a 409 is an assertion that failed. */
	async expect(how, asked) {
		const answer = await this.request('POST', how, asked);

		if (answer.status === 409)
			throw new AssertionError({ message: `${how} ${JSON.stringify(asked)}: ${answer.body.error.message}` });
		if (answer.status !== 200)
			throw new LabError('POST', how, answer);
		return answer.body;
	}

	/** All records so far that pass these filters. */
	async records(filters = {}) {
		const all = [];
		let from = 1;
		let page;

		do {
			page = await this.get(`journal${toQuery({ ...filters, from })}`);
			all.push(...page.records);
			from = page.next;
		} while (page.next <= page.last);
		return all;
	}

	/** New records that pass these filters, one by one as they come, for "for await"; with `from`, those from this number on. It
	 *  has begun when this resolves. A record has to come within timeoutMs. */
	async follow({ timeoutMs = PATIENCE_MS, ...filters } = {}) {
		const records = this.#follow({ ...filters, follow: 1 }, timeoutMs);

		await records.next();
		return records;
	}

	async *#follow(query, timeoutMs) {
		const where = `journal${toQuery(query)}`;
		const answer = await this.#send('GET', where, undefined, async (stream) => stream);
		const events = eventsOf(answer);

		try {
			if (answer.statusCode !== 200) {
				const text = (await buffer(answer)).toString();

				throw new LabError('GET', where, { status: answer.statusCode, text, body: parse(text) });
			}
			answer.socket.unref(); // who waits for a record has a timer
			for (;;) {
				const { value, done } = await withPatience(events.next(), () => `No record came: ${where}`, timeoutMs);

				if (done)
					return;
				if (value.event === 'lost')
					throw new Error(`records ${value.data.from} to ${value.data.to} were dropped before they could be read`);
				yield value.data;
			}
		} finally {
			answer.destroy();
		}
	}

	// ---- what the lab has ----

	status() {
		return this.get('status');
	}

	/** All settings: name, value, default, help. */
	async settings() {
		return (await this.get('settings')).settings;
	}

	/** Change settings that are live, as in { 'core.invite_timeout': '5s' }; null: what the daemon was started with. */
	async change(settings) {
		return (await this.call('PATCH', 'settings', settings)).settings;
	}

	async limits() {
		return (await this.get('limits')).limits;
	}

	/** SIP contacts and phones of a user, or of all. */
	async endpoints(user) {
		return (await this.get(`endpoints${toQuery({ user })}`)).endpoints;
	}

	/** Phones, with what is on their screens. */
	async phones(user) {
		return (await this.get(`phones${toQuery({ user })}`)).phones;
	}

	/** Conversations that pass these filters (user, state), newest last. */
	async conversations(filters = {}) {
		return (await this.get(`conversations${toQuery(filters)}`)).conversations;
	}

	/** All records of a conversation, from all hops. */
	async story(conversation) {
		return (await this.get(`conversations/${conversation.id ?? conversation}/story`)).records;
	}

	/** {pushes, notSent} of a user, or of all. */
	pushes(user) {
		return this.get(`pushes${toQuery({ user })}`);
	}

	/** One push, hop by hop. */
	push(id) {
		return this.get(`pushes/${id}`);
	}

	/** Why a user's phone gets no notification: {advice, findings}, in sentences; advice is null if nothing is in the way. */
	explain(user) {
		return this.get(`users/${pathOf(user)}/explanation`);
	}

	/** A new user, whom no other test knows; resolves with aor, displayName and password. */
	async user(name, policy = {}) {
		const password = randomBytes(8).toString('hex');
		const aor = `${name}-${randomBytes(4).toString('hex')}@lab.test`;
		const user = await this.post('users', { aor, displayName: name[0].toUpperCase() + name.slice(1), password, ...policy });

		return { ...user, password };
	}

	users(...names) {
		return Promise.all(names.map((name) => this.user(name)));
	}

	/** Everybody, also those of the users file. */
	async everybody() {
		return (await this.get('users')).users;
	}

	/** What the lab says of a user. */
	find(user) {
		return this.get(`users/${pathOf(user)}`);
	}

	/** Change displayName, password, number, enableMobility or enablePush. */
	update(user, change) {
		return this.patch(`users/${pathOf(user)}`, change);
	}

	/** Remove one whom the API added. */
	remove(user) {
		return this.delete(`users/${pathOf(user)}`);
	}

	/** The newest conversation of this user. */
	async conversation(user) {
		const conversations = await this.conversations({ user });

		if (!conversations.length)
			throw new AssertionError({ message: `${addressOf(user)} had no conversation` });
		return conversations.at(-1);
	}

	async metric(name) {
		const row = (await this.get('metrics')).metrics.find((m) => m.name === name);

		if (!row)
			throw new Error(`there is no metric ${name}`);
		return row.value;
	}

	/** A conversation, or with "journal" everything, in a format: sipstack, jsonl, har, text, svg, mermaid are text, pcapng is
	 *  a Buffer. */
	async export(what, format, options = {}) {
		const where = what === 'journal' ? 'journal' : `conversations/${what.id ?? what}`;
		const answer = await this.request('GET', `${where}/export${toQuery({ format, ...options })}`);

		if (answer.status !== 200)
			throw new LabError('GET', where, answer);
		return Buffer.isBuffer(answer.body) ? answer.body : answer.text;
	}

	// ---- time ----

	clock() {
		return this.get('clock');
	}

	/** Move the lab's clock; resolves when everything that was due has happened. It is everybody's. */
	advance(ms) {
		return this.post('clock/advance', { ms });
	}

	/** Let the clock stand still; messages are served all the same. */
	freeze() {
		return this.post('clock/freeze');
	}

	resume() {
		return this.post('clock/resume');
	}

	/** Let the time of one thing be over, and nobody else's move: a "conversation" (it or its number), or the only "session",
	 *  "subscription" or "registration" of a user, or that of an application's or contact's id. */
	async expire(what, of) {
		const ofWhat = {
			conversation: ['conversations', 'expire'], session: ['phones', 'expire', 'phone', 'appId'],
			subscription: ['phones', 'subscription/expire', 'phone', 'appId'], registration: ['contacts', 'expire', 'contact', 'id'],
		};

		if (!Object.hasOwn(ofWhat, what))
			throw new TypeError(`"${what}" does not expire; there are ${Object.keys(ofWhat).join(', ')}`);
		const [where, rest, type, id] = ofWhat[what];
		const found = type && String(addressOf(of)).includes('@') ? await this.#only(type, of, id) : of.id ?? of;

		await this.post(`${where}/${found}/${rest}`);
	}

	async #only(type, user, id) {
		const found = (await this.endpoints(user)).filter((endpoint) => endpoint.type === type);

		if (found.length !== 1)
			throw new AssertionError({ message: `${addressOf(user)} has ${found.length} of "${type}", not one` });
		return found[0][id];
	}

	/** End what is under way and forget what was: of a user, or of all. */
	reset(user) {
		return this.post('reset', { user: addressOf(user) });
	}

	/** The whole lab as one object; passwords are in it by the UNIX socket only. */
	exportLab() {
		return this.get('export');
	}

	/** Reset everything, and let the lab be as it was when this was exported. */
	importLab(snapshot) {
		return this.post('import', snapshot);
	}

	// ---- faults ----

	/** What is broken, with how often it has struck. */
	async faults() {
		return (await this.get('faults')).faults;
	}

	/** Break this and nothing else: where, what, and maybe status, ms, times, nth, probability, user. */
	async breakDown(faults, seed) {
		return (await this.put('faults', { faults: [faults].flat(), seed })).faults;
	}

	/** Mend everything. */
	mend() {
		return this.delete('faults');
	}

	/** Test-CsMcxPushNotification: {result, error, latencyUs}. */
	testPush(edge) {
		return this.post('test-push', { edge });
	}

	// ---- people ----

	/** All that the lab hosts. */
	async actors() {
		return (await this.get('actors')).actors.map((actor) => new Actor(this, actor));
	}

	/** A desktop of this user, hosted by the lab and signed in. */
	desktop(user, options) {
		return Actor.signIn(this, 'desktop', user, options);
	}

	/** A phone of this user, the same. */
	phone(user, options) {
		return Actor.signIn(this, 'phone', user, options);
	}
}

/** A desktop or phone that the lab hosts, told what to do and watched. */
export class Actor {
	constructor(lab, { id, user }) {
		Object.assign(this, { lab, id, user, from: 1 });
	}

	/** A new one of this kind, which has not signed in. */
	static async make(lab, kind, user, options = {}) {
		return new Actor(lab, await lab.post('actors', { kind, user: addressOf(user), ...options }));
	}

	static async signIn(lab, kind, user, options) {
		const actor = await Actor.make(lab, kind, user, options);

		await actor.do('sign-in');
		await actor.expect(kind === 'phone' ? 'subscribed' : 'registered');
		return actor;
	}

	/** Give an order, such as 'send' with {to, text}; resolves with what its person sees then. */
	do(command, body) {
		return this.lab.post(`actors/${this.id}/${command}`, body);
	}

	/** Write to somebody, or in the conversation that is open. */
	send(text, to) {
		return this.do('send', { text, to: addressOf(to) });
	}

	/** The refusal of an order: {status, message}. */
	async refused(command, body) {
		const { status, body: answer } = await this.lab.request('POST', `actors/${this.id}/${command}`, body);

		return { status, message: answer.error?.message };
	}

	/** Wait until this has happened to it, after what the last call waited for; resolves with the record. */
	async expect(event, fields = {}) {
		const record = await this.lab.wait('actor', {
			user: this.user, from: this.from, fields: { actor: this.id, event, ...fields },
		});

		this.from = record.seq + 1;
		return record;
	}

	/** What the person sees. */
	see() {
		return this.lab.get(`actors/${this.id}`);
	}

	remove() {
		return this.lab.delete(`actors/${this.id}`);
	}
}

// An order of each name: alice.accept(), bob.loseNetwork().
for (const order of ['sign-in', 'sign-out', 'type', 'accept', 'decline', 'ignore', 'cancel', 'bye', 'open', 'background', 'lock', 'unlock',
	'dismiss', 'lose-network', 'network-back', 'switch-off', 'switch-on']) {
	const name = order.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());

	Object.defineProperty(Actor.prototype, name, { value() {
		return this.do(order);
	}, configurable: true, writable: true });
}
