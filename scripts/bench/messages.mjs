// MESSAGEs to phones over UDP, each answered once the phone's queue has it: what it costs, and how long the sender
// waits, with a store in memory and with one on disk.
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import { startMcxd } from './mcxd.mjs';
import { cpuOf, stop } from './proc.mjs';

const PHONES = 10;
const DIALOGS_EACH = 5;
const TICK_MS = 2;
const SESSION = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
	'm=message 5060 sip null\r\na=accept-types:text/plain\r\n';

/** A phone that accepts whatever comes, and acknowledges packet after packet. */
class Phone {
	constructor(server, name) {
		Object.assign(this, { server, name, agent: new http.Agent({ keepAlive: true }), isOver: false });
	}

	request(method, path, body, type = 'application/json') {
		return new Promise((resolve, reject) => {
			const r = http.request(`http://${this.server.http}${path}`, { method, agent: this.agent, headers: {
				Accept: 'application/json',
				...(this.token && { Authorization: `Bearer ${this.token}` }),
				...(body && { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
			} }, async (answer) => {
				let text = '';

				for await (const chunk of answer.setEncoding('utf8'))
					text += chunk;
				if (answer.statusCode >= 300)
					reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
				else
					resolve(text ? JSON.parse(text) : null);
			});

			r.on('error', reject);
			r.end(body);
		});
	}

	async signIn() {
		const grant = `grant_type=password&username=${this.name}@lab.test&password=${this.server.password}`;

		this.token = (await this.request('POST', '/WebTicket/oauthtoken', grant, 'application/x-www-form-urlencoded')).access_token;
		const { _links, _embedded } = await this.request('POST', '/ucwa/oauth/v1/applications',
			JSON.stringify({ UserAgent: 'WPLync/4.1', EndpointId: this.name, Culture: 'en-US' }));

		this.next = _links.events.href;
		await this.request('POST', _embedded.me._links.makeMeAvailable.href, '{"SupportedModalities":["Messaging"]}');
	}

	async run() {
		while (!this.isOver) {
			const packet = await this.request('GET', this.next).catch((e) => {
				if (!this.isOver)
					throw e;
			});

			this.next = packet?._links.next.href ?? this.next;
			for (const event of (packet?.sender ?? []).flatMap((s) => s.events)) {
				if (event.link.rel === 'messagingInvitation' && event.type === 'started')
					await this.request('POST', event._embedded.messagingInvitation._links.accept.href);
			}
		}
	}

	close() {
		this.isOver = true;
		this.agent.destroy();
	}
}

/** All dialogs, on one socket. */
class Caller {
	constructor(server) {
		const [host, port] = server.sip.udp.split(':');

		Object.assign(this, { host, port: Number(port), dialogs: [], waiting: new Map(), waits: [], failed: 0 });
	}

	async open() {
		this.socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
		this.socket.on('message', (bytes) => this.#onMessage(bytes.toString('latin1')));
		this.socket.bind(0, '127.0.0.1');
		await once(this.socket, 'listening');
		this.self = `127.0.0.1:${this.socket.address().port}`;
	}

	#onMessage(text) {
		const key = `${/^Call-ID: *(\S+)/im.exec(text)?.[1]} ${/^CSeq: *(\d+)/im.exec(text)?.[1]}`;
		const wait = this.waiting.get(key);

		if (!wait || !/^SIP\/2.0 [2-6]/.test(text))
			return;
		this.waiting.delete(key);
		wait(text);
	}

	#send(d, method, cseq, body, type) {
		this.socket.send(`${method} ${d.target} SIP/2.0\r\nVia: SIP/2.0/UDP ${this.self};branch=z9hG4bK${d.id}-${method}-${cseq}\r\n` +
			`From: <sip:alice@lab.test>;tag=${d.id}\r\nTo: <sip:${d.to}@lab.test>${d.toTag ?? ''}\r\nCall-ID: ${d.id}\r\n` +
			`CSeq: ${cseq} ${method}\r\nMax-Forwards: 70\r\nContact: <sip:alice@${this.self}>\r\n` +
			`${body ? `Content-Type: ${type}\r\n` : ''}Content-Length: ${body.length}\r\n\r\n${body}`, this.port, this.host);
	}

	invite(id, to) {
		const d = { id, to, target: `sip:${to}@lab.test`, cseq: 1 };

		return new Promise((resolve, reject) => {
			this.waiting.set(`${id} 1`, (text) => {
				d.toTag = /^To:.*(;tag=[^;\r]+)/im.exec(text)?.[1];
				d.target = /^Contact:.*<([^>]+)>/im.exec(text)?.[1];
				if (!d.toTag || !d.target) {
					reject(new Error(text));
					return;
				}
				this.#send(d, 'ACK', 1, '');
				this.dialogs.push(d);
				resolve();
			});
			this.#send(d, 'INVITE', 1, SESSION, 'application/sdp');
		});
	}

	say() {
		const d = this.dialogs[this.next = ((this.next ?? 0) + 1) % this.dialogs.length];
		const started = process.hrtime.bigint();
		const cseq = ++d.cseq;

		this.waiting.set(`${d.id} ${cseq}`, (text) => {
			this.failed += !text.startsWith('SIP/2.0 200');
			this.waits.push(Number(process.hrtime.bigint() - started) / 1e6);
		});
		this.#send(d, 'MESSAGE', cseq, 'How is the weather over there?', 'text/plain');
	}

	/** `rate` a second for so long; resolves when all are answered, or five seconds later. */
	pace(rate, seconds) {
		const started = process.hrtime.bigint();
		let sent = 0;

		return new Promise((resolve) => {
			const timer = setInterval(() => {
				const elapsed = Number(process.hrtime.bigint() - started) / 1e9;

				while (sent < Math.min(elapsed, seconds) * rate) {
					this.say();
					sent++;
				}
				if ((elapsed >= seconds && this.waiting.size === 0) || elapsed > seconds + 5) {
					clearInterval(timer);
					resolve(sent);
				}
			}, TICK_MS);
		});
	}
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

/** {n, us (CPU of mcxd for each message), p50, p99 (ms until the 200), lost, failed}. */
export async function measureMessages(options, { rate, seconds, durable }) {
	const server = await startMcxd({ ...options, host: '127.0.0.1', push: '127.0.0.1:9', nUsers: PHONES, waitMs: 20000, durable });
	const phones = Array.from({ length: PHONES }, (_, i) => new Phone(server, `m${i}`));
	const caller = new Caller(server);

	try {
		await caller.open();
		await Promise.all(phones.map((phone) => phone.signIn()));
		const running = phones.map((phone) => phone.run());

		for (const phone of phones)
			for (let i = 0; i < DIALOGS_EACH; i++)
				await Promise.race([caller.invite(`${phone.name}-${i}`, phone.name), ...running]);
		const before = cpuOf(server.process);
		const n = await Promise.race([caller.pace(rate, seconds), ...running]);
		const us = (cpuOf(server.process) - before) / n * 1e6;
		const waits = caller.waits.toSorted((a, b) => a - b);

		return { n, us, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), lost: n - waits.length, failed: caller.failed };
	} finally {
		for (const phone of phones)
			phone.close();
		caller.socket?.close();
		await stop(server.process);
	}
}
