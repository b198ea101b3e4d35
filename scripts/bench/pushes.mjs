// Pushes by the whole chain in one process, without TLS: front end, Edge, clearing house, MPNS. What one costs, and whether
// all arrive; and how long an outcome takes while another push service does not answer.
//
// What costs is measured where the chain begins: INVITEs to phones that sleep, by our own load generator. What an INVITE costs
// that is pushed to nobody (conversation, 180, 408) is measured in the same process, with as many phones that have no push
// subscription, and is not a push's: {inviteUs}. The phones fetch what has come for them at the end. A push for an INVITE is two
// POSTs, the toast and the tile with the new count of missed conversations.
//
// Latencies are those of the lab's test pushes, because they name each push's outcome; their cost is not looked at.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { cpuOf, start, stop, until } from './proc.mjs';

const PASSWORD = 'secret';
const PHONES = 500;
const SIGNING_IN = 20; // at a time
const WINDOWS_PHONE = 'windowsPhone';
const APPLE = 'apple';
const WAIT_MS = 1000; // until an INVITE's 408
const LINGER_MS = 100; // until a phone sleeps
const TICK_MS = 2;
const DRAIN_MS = 60000; // for what is under way at the end: an overloaded machine is to say how many it refused

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

/** A phone in the background: it is signed in, and may have a channel and a push subscription. */
class Phone {
	constructor(server, name) {
		Object.assign(this, { server, name });
	}

	call(method, href, value) {
		const { headers, ...rest } = value ? json(value) : {};

		return request(new URL(href, this.server.http), { method, ...rest, headers: { ...headers, Authorization: `Bearer ${this.token}` } });
	}

	async signIn() {
		const grant = `grant_type=password&username=${this.name}@lab.test&password=${PASSWORD}`;

		this.token = (await request(new URL('/WebTicket/oauthtoken', this.server.http), { method: 'POST', body: grant,
			headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).access_token;
		const app = await this.call('POST', '/ucwa/oauth/v1/applications', { UserAgent: 'WPLync/4.1', EndpointId: this.name, Culture: 'en-US' });

		this.subscription = app._links.pushSubscription.href;
		await this.call('POST', app._embedded.me._links.makeMeAvailable.href, { SupportedModalities: ['Messaging'] });
		return this;
	}

	async open(platform) {
		this.channel = await request(new URL('/channels', this.server.push_service), { method: 'POST', ...json({ platform }) });
		const { notificationUri, deviceToken } = this.channel;

		await this.subscribe(platform === APPLE ? { platform, deviceToken } : { platform, notificationUri });
	}

	subscribe(subscription) {
		return this.call('PUT', this.subscription, subscription);
	}

	async toasts() {
		const { notifications } = await request(new URL(`${this.channel.carrier}?after=0&timeout=0`, this.server.push_service));

		return notifications.filter(({ kind }) => kind === 'toast').length;
	}
}

const nameOf = (kind, i) => `${kind}${i}`;

async function startServer({ folder, build, journalRecords = 0 }) {
	const users = path.join(folder, 'users.ini');
	const ready = path.join(folder, 'ready.json');
	const any = '127.0.0.1:0';
	const settings = {
		'users.file': users, 'journal.max_records': journalRecords, 'core.max_history': 0, 'core.invite_timeout': `${WAIT_MS}ms`,
		'core.phone_linger': `${LINGER_MS}ms`, 'core.max_conversations': 1000000, 'core.max_events': 1000000, 'core.event_delay': '0ms',
		'sip.udp': any, 'sip.tcp': any, 'sip.tls': '', 'https.listen': '', 'http.listen': any, 'http.redirect': 'no',
		'edge.tls': '', 'edge.tcp': any, 'clearing_house.tls': '', 'clearing_house.tcp': any, 'clearing_house.allow_hosts': '*',
		'edge.trusted_peers': '127.0.0.0/8', 'clearing_house.trusted_peers': '127.0.0.0/8',
		'push_service.listen': any, 'push_service.apns': any, 'push_service.max_per_day': 1000000, 'push_service.max_queue': 10000,
		'lab.listen': any, 'lab.max_connections': 2000, 'lab.max_waiting': 100000, 'net.max_connections': 100000,
		'net.max_transactions': 1000000,
	};

	mkdirSync(folder, { recursive: true });
	writeFileSync(users, ['m', 'q', 'a', 's'].flatMap((kind) =>
		Array.from({ length: PHONES }, (_, i) => `[user ${nameOf(kind, i)}@lab.test]\npassword = ${PASSWORD}\n`)).join('\n'));
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

async function signIn(server, kind, n) {
	const phones = Array.from({ length: n }, (_, i) => new Phone(server, nameOf(kind, i)));

	for (let i = 0; i < n; i += SIGNING_IN)
		await Promise.all(phones.slice(i, i + SIGNING_IN).map((phone) => phone.signIn()));
	return phones;
}

async function withServer(options, measure) {
	const server = await startServer(options);

	try {
		return await measure(server);
	} finally {
		agent.destroy();
		await stop(server.process);
	}
}

/** The sum of all lines of a metric. */
async function metric(server, name) {
	const text = await new Promise((resolve, reject) => http.get(new URL('/metrics', server.lab), { agent },
		async (answer) => resolve((await answer.setEncoding('utf8').toArray()).join(''))).on('error', reject));

	return Number(new RegExp(`^mcxd_${name} (\\d+)$`, 'm').exec(text)[1]);
}

// INVITEs to one kind of phone. CPU of the server for each, until everything that they cause has ended.
async function invite(server, { load, folder }, kind, rate, seconds) {
	const before = cpuOf(server.process);
	const tool = start(load, ['late', server.sip.tcp, String(rate), String(seconds), String(WAIT_MS), kind, String(PHONES)],
		{ log: path.join(folder, `load-${kind}.log`) });
	const code = await tool.ended;

	if (code !== 0)
		throw new Error(`${tool.command} ended with ${code}; see ${tool.log}`);
	await until(async () => await metric(server, 'clearing_house_pending') === 0, server.process, 'the end of all pushes', DRAIN_MS);
	const result = JSON.parse(tool.last.at(-1));

	return { n: result.sent, unanswered: result.sent - result['408'], us: (cpuOf(server.process) - before) / result.sent * 1e6 };
}

/** {n, us (CPU of mcxd for each push), inviteUs (for each INVITE without one), failed (the sender
 *  heard of no success), lost (toasts that did not arrive)}. */
export function measurePushes(options, { rate, seconds }) {
	return withServer(options, async (server) => {
		const phones = await signIn(server, 'm', PHONES);

		await signIn(server, 'q', PHONES);
		for (const phone of phones)
			await phone.open(WINDOWS_PHONE);
		// What memory the conversations under way need is there before anything is measured.
		await invite(server, options, 'q', rate, 2 * WAIT_MS / 1000);
		const alone = await invite(server, options, 'q', rate, seconds);
		const accepted = await metric(server, 'core_pushes_accepted_total');
		const pushed = await invite(server, options, 'm', rate, seconds);
		const good = await metric(server, 'core_pushes_accepted_total') - accepted;
		let arrived = 0;

		for (const phone of phones)
			arrived += await phone.toasts();
		return { n: pushed.n, us: pushed.us - alone.us, inviteUs: alone.us, unanswered: alone.unanswered + pushed.unanswered,
			failed: pushed.n - good, lost: pushed.n - arrived };
	});
}

// The same pushes, before and while a tenth as many go to a phone of MPNS whose push service takes connections and says nothing.
async function besideSilence(server, phones, deaf, { rate, seconds }) {
	const names = phones.map(({ name }) => name);
	const alone = await push(server, names, rate, seconds);
	const [beside, unheard] = await Promise.all([push(server, names, rate, seconds), push(server, [deaf.name], rate / 10, seconds)]);

	return { alone, beside, unheard };
}

/** Latencies of another MPNS's pushes, and of APNs', beside an MPNS that is silent. */
export async function measureSilence(options, plan) {
	const silent = net.createServer(() => {});

	await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
	try {
		return await withServer(options, async (server) => {
			const windows = await signIn(server, 'm', PHONES);
			const apple = await signIn(server, 'a', PHONES);
			const [deaf] = await signIn(server, 's', 1);

			for (const phone of windows)
				await phone.open(WINDOWS_PHONE);
			for (const phone of apple)
				await phone.open(APPLE);
			await deaf.subscribe({ platform: WINDOWS_PHONE, notificationUri: `http://127.0.0.1:${silent.address().port}/x` });
			return { mpns: await besideSilence(server, windows, deaf, plan), apns: await besideSilence(server, apple, deaf, plan) };
		});
	} finally {
		silent.close();
	}
}
