// The simulated desktop in more than one call, and in a long one.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { scenario } from '../lab.mjs';

scenario('a desktop that ignored an invitation rings again at the next one', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const silent = lab.desktop(bob, { onInvite: 'ignore' });

	await silent.expect('registered');
	for (const line of ['Hi Brendan', 'Are you there?']) {
		const desktop = lab.desktop(alice, { cancelAfter: 1, im: [bob, line] });

		await silent.expect('invited');
		await desktop.expect('failed', { text: /^487 / });
		await desktop.ended(1);
		await silent.expect('ended');
	}
});

scenario('a desktop registers again before its registration expires', {
	settings: { 'core.min_expires': '1s', 'core.max_expires': '2s' },
}, async (lab) => {
	const bob = await lab.user('bob');
	const desktop = lab.desktop(bob);

	await desktop.expect('registered');
	const [first, second] = await lab.wait('sip', {
		user: bob, fields: { method: 'REGISTER', status: '200' }, count: 2,
	});
	assert.equal(first.fields.call_id, second.fields.call_id);
	assert.notEqual(first.fields.cseq, second.fields.cseq);
	assert.equal((await lab.get(`endpoints?user=${bob.aor}`)).endpoints.length, 1);
	assert.equal(desktop.seen.filter((e) => e.event === 'registered').length, 1);
});

scenario('a desktop that ends unregisters', {
	settings: { 'core.max_endpoints': '1' },
}, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	for (const line of ['Hi Brendan', 'Are you there?']) {
		const desktop = lab.desktop(alice, { im: [bob, line] });

		await desktop.expect('failed', { text: /^480 / });
		await desktop.ended(1);
		assert.deepEqual((await lab.get(`endpoints?user=${alice.aor}`)).endpoints, []);
	}
	await lab.desktop(alice).expect('registered');
	const second = lab.desktop(alice);

	await second.ended(1);
	assert.match(second.errors, /refuses REGISTER: 403 Forbidden; 31\d+;reason=/);
});

// A server for which the test writes every message.
class Server {
	constructor(socket) {
		this.socket = socket;
		this.messages = [];
		this.waiters = [];
		this.n = 0;
		this.seen = new Set();
		socket.on('message', (bytes, { port }) => {
			const text = bytes.toString('utf8');

			this.port = port;
			if (this.seen.has(text)) // sent again
				return;
			this.seen.add(text);
			this.messages.push(text);
			this.waiters.shift()?.();
		});
	}

	/** The next message that arrives. */
	async next(pattern) {
		if (!this.messages.length)
			await new Promise((resolve) => this.waiters.push(resolve));
		const message = this.messages.shift();

		assert.match(message, pattern);
		return message;
	}

	send(text) {
		this.socket.send(text, this.port, '127.0.0.1');
	}

	answer(request) {
		const kept = request.split('\r\n').filter((line) => /^(Via|v|From|f|To|t|Call-ID|i|CSeq):/i.test(line));

		this.send(['SIP/2.0 200 OK', ...kept, 'Content-Length: 0', '', ''].join('\r\n'));
	}

	request(method, callId, to, body = '') {
		const { port } = this.socket.address();

		this.send([
			`${method} sip:bob@127.0.0.1 SIP/2.0`,
			`Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${callId}${method}`,
			'From: <sip:alice@lab.test>;tag=1', `To: ${to}`, `Call-ID: ${callId}`,
			`CSeq: ${++this.n} ${method}`, 'Max-Forwards: 70', `Contact: <sip:alice@127.0.0.1:${port}>`,
			'Content-Type: text/plain', `Content-Length: ${body.length}`, '', body,
		].join('\r\n'));
	}

	/** Play a call up to the desktop's echo of a message, and leave the echo unanswered. */
	async talk(callId) {
		this.request('INVITE', callId, '<sip:bob@lab.test>');
		await this.next(/^SIP\/2.0 180 /);
		const to = (await this.next(/^SIP\/2.0 200 /)).match(/^To: *(.*)\r$/im)[1];

		this.request('ACK', callId, to);
		this.request('MESSAGE', callId, to, 'Hello');
		await this.next(/^SIP\/2.0 200 /);
		return { to, echo: await this.next(/^MESSAGE /) };
	}
}

scenario('a late answer of an earlier call changes nothing in the next', async (lab) => {
	const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');

	await once(socket, 'listening');
	try {
		const server = new Server(socket);
		const desktop = lab.desktop({ aor: 'bob@lab.test', displayName: 'Bob' }, {
			readyFile: null, server: `127.0.0.1:${socket.address().port}`, transport: 'udp',
			echo: true, hangUpAfter: 1,
		});

		server.answer(await server.next(/^REGISTER /));
		await desktop.expect('registered');
		const first = await server.talk('first');
		server.request('BYE', 'first', first.to);
		await server.next(/^SIP\/2.0 200 /);
		const second = await server.talk('second');
		server.answer(first.echo);
		server.request('OPTIONS', 'other', '<sip:bob@lab.test>');
		await server.next(/^SIP\/2.0 405 /); // and no BYE so far
		server.answer(second.echo);
		server.answer(await server.next(/^BYE /));
		await desktop.expect('ended'); // the first
		await desktop.expect('ended');
	} finally {
		socket.close();
	}
});
