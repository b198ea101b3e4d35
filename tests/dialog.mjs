// A SIP client that a test drives: it invites, says, and answers what it is asked. Over UDP its socket outlives the
// server, and a request is sent again until it is answered (RFC 3261, 17.1.2), so a server that has been started
// again finds the client as it was. Over TCP it connects anew, as clients do, and nothing is sent again.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

const RESEND_MS = 200;
const GIVE_UP_MS = 20000;

const SESSION = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
	'm=message 5060 sip null\r\na=accept-types:text/plain\r\n';

const word = () => randomBytes(6).toString('hex');

function parse(bytes) {
	const text = bytes.toString('utf8');
	const end = text.indexOf('\r\n\r\n');
	const [first, ...lines] = text.slice(0, end).split('\r\n');
	const headers = new Map();

	for (const line of lines) {
		const name = line.slice(0, line.indexOf(':')).trim().toLowerCase();
		const value = line.slice(line.indexOf(':') + 1).trim();

		headers.set(name, [...(headers.get(name) ?? []), value]);
	}
	return { first, headers, get: (name) => headers.get(name)?.[0], body: text.slice(end + 4) };
}

export class Dialog {
	/** from and to are users; address is where the server takes SIP. */
	constructor(from, to, address) {
		const [host, port] = address.split(':');

		Object.assign(this, { from, to, host, port: Number(port), callId: word(), tag: word(), cseq: 0, waiting: new Map() });
		this.heard = []; // texts of the other side
		this.isOver = false;
	}

	async open() {
		this.socket = dgram.createSocket('udp4');
		this.socket.on('message', (bytes) => this.#onMessage(parse(bytes)));
		this.socket.bind(0, '127.0.0.1');
		await once(this.socket, 'listening');
		this.self = `127.0.0.1:${this.socket.address().port}`;
		this.transport = 'UDP';
		return this;
	}

	/** The same over TCP; also to connect again. */
	async connect() {
		this.stream?.destroy();
		this.stream = net.connect(this.port, this.host);
		this.stream.on('error', () => {}); // the server has been killed
		await once(this.stream, 'connect');
		this.received = Buffer.alloc(0);
		this.stream.on('data', (bytes) => this.#onBytes(bytes));
		this.self = `127.0.0.1:${this.stream.localPort};transport=tcp`;
		this.transport = 'TCP';
		return this;
	}

	#onBytes(bytes) {
		this.received = Buffer.concat([this.received, bytes]);
		for (;;) {
			const end = this.received.indexOf('\r\n\r\n');
			const length = /^content-length: *([0-9]+)/im.exec(this.received.subarray(0, Math.max(end, 0)));
			const n = end + 4 + Number(length?.[1] ?? 0);

			if (end < 0 || this.received.length < n)
				return;
			this.#onMessage(parse(this.received.subarray(0, n)));
			this.received = this.received.subarray(n);
		}
	}

	close() {
		for (const { timer } of this.waiting.values())
			clearInterval(timer);
		this.socket?.close();
		this.stream?.destroy();
	}

	#send(lines, body = '') {
		const text = [...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');

		if (this.stream)
			this.stream.write(text);
		else
			this.socket.send(text, this.port, this.host);
	}

	#onMessage(message) {
		if (message.first.startsWith('SIP/2.0 '))
			this.#onAnswer(message);
		else
			this.#onRequest(message);
	}

	#onAnswer(answer) {
		const status = Number(answer.first.slice(8, 11));
		const wait = this.waiting.get(answer.get('cseq'));

		if (status === 180)
			this.onRinging?.();
		if (status < 200 || !wait)
			return;
		this.waiting.delete(answer.get('cseq'));
		clearInterval(wait.timer);
		wait.resolve({ status, answer });
	}

	#onRequest(request) {
		const method = request.first.split(' ')[0];

		const isInOrder = this.#isInOrder(request);

		if (this.onRequest && !this.onRequest(method))
			return;
		const echo = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
			request.headers.get(name.toLowerCase()).map((value) => `${name}: ${value}`));

		if (method === 'ACK')
			return;
		if (!isInOrder) {
			this.#send(['SIP/2.0 500 Server Internal Error', ...echo]);
			this.onOutOfOrder?.(new Error(`the number of ${request.get('cseq')} is not higher than the one before`));
			return;
		}
		if (method === 'INVITE') {
			this.#accept(request, echo);
			return;
		}
		if (method === 'MESSAGE' && this.lastHeard !== request.get('cseq')) {
			this.lastHeard = request.get('cseq');
			this.heard.push(request.body);
			this.onHeard?.(request.body);
		}
		if (method === 'BYE') {
			this.isOver = true;
			this.onBye?.();
		}
		this.#send(['SIP/2.0 200 OK', ...echo]);
	}

	/** Whether a request within the dialog has a higher number than those before it (RFC 3261, 12.2.2), or is one of
	 *  them again. */
	#isInOrder(request) {
		const number = Number.parseInt(request.get('cseq'), 10);
		const branch = /branch=([^;]+)/.exec(request.get('via'))[1];
		const isFirst = request.get('call-id') !== this.asked?.callId;

		if (!isFirst && (branch === this.asked.branch || number <= this.asked.number))
			return branch === this.asked.branch;
		this.asked = { callId: request.get('call-id'), number, branch };
		return true;
	}

	// Whoever calls is the other end from now on. What was registered is no part of the dialog.
	#accept(request, echo) {
		const to = echo.findIndex((line) => line.startsWith('To: '));

		echo[to] += `;tag=${this.tag}`;
		if (this.refusal) {
			this.#send([`SIP/2.0 ${this.refusal} Refused`, ...echo]);
			return;
		}
		this.callId = request.get('call-id');
		this.toTag = /tag=([^;]+)/.exec(request.get('from'))[1];
		this.to = { aor: /sip:([^>;]+)/.exec(request.get('from'))[1] };
		this.target = /<([^>]+)>/.exec(request.get('contact'))[1];
		this.#send(['SIP/2.0 200 OK', ...echo, `Contact: <sip:${this.from.aor.split('@')[0]}@${this.self}>`,
			'Content-Type: application/sdp'], SESSION);
	}

	/** Register, so that it can be called. */
	async register() {
		const { status, answer } = await this.#ask('REGISTER', { target: 'sip:lab.test', expires: 600 });

		assert.equal(status, 200, answer.first);
	}

	#request(method, cseq, branch, { target, body, type, expires, headers = [] } = {}) {
		const to = this.toTag ? `;tag=${this.toTag}` : '';

		this.#send([
			`${method} ${target ?? this.target ?? `sip:${this.to.aor}`} SIP/2.0`,
			`Via: SIP/2.0/${this.transport} ${this.self.split(';')[0]};branch=z9hG4bK${branch}`,
			`From: <sip:${this.from.aor}>;tag=${this.tag}`, `To: <sip:${this.to.aor}>${to}`,
			`Call-ID: ${this.callId}`, `CSeq: ${cseq} ${method}`, 'Max-Forwards: 70',
			`Contact: <sip:${this.from.aor.split('@')[0]}@${this.self}>`,
			...(expires ? [`Expires: ${expires}`] : []), ...headers,
			...(type ? [`Content-Type: ${type}`] : []),
		], body);
	}

	/** A request until its final answer: {status, answer}. */
	#ask(method, options) {
		const cseq = ++this.cseq;
		const branch = word();
		const send = () => this.#request(method, cseq, branch, options);

		return new Promise((resolve, reject) => {
			const started = Date.now();
			const timer = setInterval(() => {
				if (Date.now() - started > GIVE_UP_MS) {
					clearInterval(timer);
					reject(new Error(`${method} ${cseq} was never answered`));
				} else if (method !== 'INVITE' && !this.stream) {
					send();
				}
			}, RESEND_MS);

			this.waiting.set(`${cseq} ${method}`, { resolve, timer });
			send();
		});
	}

	/** Resolves when somebody has accepted; without a word of a lost one. */
	async invite(firstLine, headers = []) {
		const line = firstLine && Buffer.from(firstLine).toString('base64');
		const { status, answer } = await this.#ask('INVITE', {
			headers: [...headers, ...(line ? [`Ms-Text-Format: text/plain; charset=UTF-8;ms-body=${line}`] : [])],
			type: 'application/sdp',
			body: SESSION,
		});

		assert.equal(status, 200, answer.first);
		this.toTag = /tag=([^;]+)/.exec(answer.get('to'))[1];
		this.target = /<([^>]+)>/.exec(answer.get('contact'))[1];
		this.#request('ACK', this.cseq, word());
	}

	/** Be somewhere else from now on, and say so. The status of the UPDATE. */
	async move(headers = []) {
		this.socket.close();
		await this.open();
		return (await this.#ask('UPDATE', { headers })).status;
	}

	/** The status of a MESSAGE. */
	async say(text) {
		return (await this.#ask('MESSAGE', { type: 'text/plain; charset=UTF-8', body: text })).status;
	}

	async hangUp() {
		return (await this.#ask('BYE')).status;
	}
}
