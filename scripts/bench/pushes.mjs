// Pushes by the whole chain in one process, without TLS: front end, Edge, clearing house, MPNS, and the phones' carrier
// connections. What they cost, how long a sender waits for the outcome, and whether every toast arrives; and the same while
// another push service does not answer.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuOf, start, stop, until } from './proc.mjs';

const PASSWORD = 'secret';
const PHONES = 500;
const TICK_MS = 2;
const DRAIN_MS = 10000; // for what is under way at the end
const CARRIER_S = 60;

const agent = new http.Agent({ keepAlive: true, maxSockets: 2000 });

async function request(url, { method = 'GET', body, headers } = {}) {
	return new Promise((resolve, reject) => {
		const r = http.request(url, { method, agent, headers: { Accept: 'application/json', ...headers,
			...(body && { 'Content-Length': Buffer.byteLength(body) }) } }, async (answer) => {
			let text = '';

			for await (const chunk of answer.setEncoding('utf8'))
				text += chunk;
			if (answer.statusCode >= 300)
				reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
			else
				resolve(text ? JSON.parse(text) : null);
		});

		r.on('error', reject);
		r.end(body);
	});
}

const json = (value) => ({ body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

/** A phone in the background: it is signed in, has a channel, and reads what comes over its carrier connection. */
class Phone {
	constructor(server, name) {
		Object.assign(this, { server, name, toasts: new Set(), isOver: false });
	}

	call(method, href, value) {
		const { headers, ...rest } = value ? json(value) : {};

		return request(new URL(href, this.server.http), { method, ...rest, headers: { ...headers, Authorization: `Bearer ${this.token}` } });
	}

	async signIn(notificationUri) {
		const grant = `grant_type=password&username=${this.name}@lab.test&password=${PASSWORD}`;

		this.token = (await request(new URL('/WebTicket/oauthtoken', this.server.http), { method: 'POST', body: grant,
			headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).access_token;
		const app = await this.call('POST', '/ucwa/oauth/v1/applications', { UserAgent: 'WPLync/4.1', EndpointId: this.name, Culture: 'en-US' });

		await this.call('POST', app._embedded.me._links.makeMeAvailable.href, { SupportedModalities: ['Messaging'] });
		if (!notificationUri)
			this.channel = await request(new URL('/channels', this.server.push_service), { method: 'POST', ...json({}) });
		await this.call('PUT', app._links.pushSubscription.href,
			{ platform: 'windowsPhone', notificationUri: notificationUri ?? this.channel.notificationUri });
	}

	async listen() {
		let after = 0;

		while (!this.isOver) {
			const url = new URL(`${this.channel.carrier}?after=${after}&timeout=${CARRIER_S}`, this.server.push_service);
			const { notifications, next } = await request(url).catch((e) => {
				if (!this.isOver)
					throw e;
				return { notifications: [], next: after };
			});

			after = next;
			for (const { kind, param } of notifications)
				if (kind === 'toast')
					this.toasts.add(param);
		}
	}
}

async function startServer({ folder, build, journalRecords = 0 }) {
	const users = path.join(folder, 'users.ini');
	const ready = path.join(folder, 'ready.json');
	const any = '127.0.0.1:0';
	const settings = {
		'users.file': users, 'journal.max_records': journalRecords, 'core.max_history': 0,
		'sip.udp': any, 'sip.tcp': any, 'sip.tls': '', 'https.listen': '', 'http.listen': any, 'http.redirect': 'no',
		'edge.tls': '', 'edge.tcp': any, 'clearing_house.tls': '', 'clearing_house.tcp': any, 'clearing_house.allow_hosts': '*',
		'edge.trusted_peers': '127.0.0.0/8', 'clearing_house.trusted_peers': '127.0.0.0/8',
		'push_service.listen': any, 'push_service.max_per_day': 1000000, 'push_service.max_queue': 10000, 'lab.listen': any,
		'lab.max_connections': 2000, 'lab.max_waiting': 100000, 'net.max_connections': 100000, 'net.max_transactions': 1000000,
	};

	mkdirSync(folder, { recursive: true });
	writeFileSync(users, Array.from({ length: PHONES + 1 }, (_, i) => `[user m${i}@lab.test]\npassword = ${PASSWORD}\n`).join('\n'));
	const process = start(path.resolve(build, 'mcxd'), ['--ephemeral', '--ready-file', ready,
		...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])], { log: path.join(folder, 'mcxd.log') });

	await until(() => existsSync(ready), process, 'its ready file');
	return { process, ...JSON.parse(readFileSync(ready, 'utf8')) };
}

// Calls act(i) at an even rate, whatever becomes of the earlier calls. Returns their number, once all have ended.
function pace(rate, seconds, act) {
	const started = process.hrtime.bigint();
	let sent = 0;
	let open = 0;

	return new Promise((resolve, reject) => {
		const timer = setInterval(() => {
			const elapsed = Number(process.hrtime.bigint() - started) / 1e9;

			while (sent < Math.floor(Math.min(elapsed, seconds) * rate)) {
				open++;
				act(sent++).catch(reject).finally(() => open--);
			}
			if ((elapsed >= seconds && open === 0) || elapsed > seconds + DRAIN_MS / 1000) {
				clearInterval(timer);
				resolve(sent);
			}
		}, TICK_MS);
	});
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

// One push to each phone in turn.
async function push(server, names, rate, seconds) {
	const url = new URL('/lab/v1/test-push', server.lab);
	const waits = [];
	let failed = 0;
	const n = await pace(rate, seconds, async (i) => {
		const started = process.hrtime.bigint();
		const { result } = await request(url, { method: 'POST', ...json({ user: `${names[i % names.length]}@lab.test` }) });

		waits.push(Number(process.hrtime.bigint() - started) / 1e6);
		failed += result !== 'Success';
	});

	waits.sort((a, b) => a - b);
	return { n, failed, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

// CPU of a request to the lab API that does nothing: what asking for a push costs is not a push's.
async function costOfAsking(server, rate, seconds) {
	const url = new URL('/lab/v1/clock', server.lab);
	const before = cpuOf(server.process);
	const n = await pace(rate, seconds, () => request(url));

	return (cpuOf(server.process) - before) / n * 1e6;
}

async function withPhones(options, measure) {
	const server = await startServer(options);
	const phones = Array.from({ length: PHONES }, (_, i) => new Phone(server, `m${i}`));

	try {
		for (const phone of phones)
			await phone.signIn();
		const listening = Promise.all(phones.map((phone) => phone.listen()));

		return await Promise.race([measure(server, phones), listening]);
	} finally {
		for (const phone of phones)
			phone.isOver = true;
		await stop(server.process);
		agent.destroy();
	}
}

/** {n, us (CPU of mcxd for each push), askUs, p50, p99 (ms until the outcome), failed, lost (toasts that no phone got)}. */
export function measurePushes(options, { rate, seconds }) {
	return withPhones(options, async (server, phones) => {
		const names = phones.map(({ name }) => name);
		const arrived = () => phones.reduce((sum, { toasts }) => sum + toasts.size, 0);
		const askUs = await costOfAsking(server, rate, Math.min(seconds, 5));
		const before = cpuOf(server.process);
		const result = await push(server, names, rate, seconds);

		for (const end = Date.now() + DRAIN_MS; arrived() < result.n - result.failed && Date.now() < end;)
			await delay(TICK_MS);
		return { ...result, us: (cpuOf(server.process) - before) / result.n * 1e6 - askUs, askUs, lost: result.n - result.failed - arrived() };
	});
}

/** The same latencies, before and while a tenth as many pushes go to a push service that takes connections and says nothing. */
export async function measureSilence(options, { rate, seconds }) {
	const silent = net.createServer(() => {});

	await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
	try {
		return await withPhones(options, async (server, phones) => {
			const names = phones.map(({ name }) => name);
			const deaf = new Phone(server, `m${PHONES}`);

			await deaf.signIn(`http://127.0.0.1:${silent.address().port}/x`);
			const alone = await push(server, names, rate, seconds);
			const [beside, unheard] = await Promise.all([push(server, names, rate, seconds), push(server, [deaf.name], rate / 10, seconds)]);

			return { alone, beside, unheard };
		});
	} finally {
		silent.close();
	}
}
