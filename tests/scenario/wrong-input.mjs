// Invalid input is refused with a reason that a person understands, it is counted, and other clients do not
// notice it.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import net from 'node:net';
import { on, once } from 'node:events';
import { scenario } from '../lab.mjs';

// Send bytes to a TCP listener; resolves with what came back once the other side has closed.
async function talk(address, bytes) {
	const [host, port] = address.split(':');
	const socket = net.connect(Number(port), host);
	let answer = '';

	socket.setEncoding('utf8').on('data', (text) => (answer += text)).on('error', () => {});
	socket.write(bytes);
	await once(socket, 'close');
	return answer;
}

// Send one request to it; resolves with the final answer.
async function ask(address, text) {
	const [host, port] = address.split(':');
	const socket = dgram.createSocket('udp4');

	try {
		socket.send(text, Number(port), host);
		for await (const [message] of on(socket, 'message')) {
			if (!message.toString('utf8').startsWith('SIP/2.0 1'))
				return message.toString('utf8');
		}
	} finally {
		socket.close();
	}
}

function invite(from, to, headers, body) {
	return [
		`INVITE sip:${to} SIP/2.0`,
		'Via: SIP/2.0/UDP 127.0.0.1;rport',
		`From: <sip:${from}>;tag=1`, `To: <sip:${to}>`,
		`Call-ID: ${Math.random()}@test`, 'CSeq: 1 INVITE', 'Max-Forwards: 70', `Contact: <sip:${from}>`,
		...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body,
	].join('\r\n');
}

scenario('invalid input over HTTPS gets an error that says what is wrong', async (lab) => {
	const bob = await lab.user('bob');
	const app = await lab.app(bob);
	const refused = async (status, method, href, options) => {
		const answer = await app.request(method, href, options);

		assert.equal(answer.status, status, `${method} ${href}: ${answer.text}`);
		return answer.body;
	};

	const grant = await app.askToken({ grant_type: 'password', username: bob.aor, password: 'guess' });
	assert.equal(grant.status, 400);
	assert.equal(grant.body.error, 'invalid_grant');
	const other = await app.askToken({ grant_type: 'dance' });
	assert.equal(other.body.error, 'unsupported_grant_type');

	await refused(401, 'GET', app.self, { token: 'cwt=nonsense' });
	await refused(401, 'GET', app.self, { token: null });
	for (const body of ['{', '[]', '{"UserAgent":1}', '{"UserAgent":"a","EndpointId":"\\u0000"}'])
		assert.ok((await refused(400, 'POST', app.applications, { body })).message, body);
	await refused(413, 'POST', app.applications, { body: `{"UserAgent":"${'x'.repeat(1 << 20)}"}` });
	const unknown = await refused(404, 'GET', app.self.replace(/[^/]+$/, '000000000000'));
	assert.equal(unknown.subcode, 'ApplicationNotFound');
	await refused(405, 'PATCH', app.self);
	await refused(404, 'GET', '/nowhere');
	const { pushSubscription } = app.application._links;
	for (const body of [{ platform: 'abacus' }, { platform: 'windowsPhone' },
		{ platform: 'windowsPhone', notificationUri: 'http://a/\r\nX: y' },
		{ platform: 'apple', deviceToken: 'not hex' }])
		await refused(400, 'PUT', pushSubscription.href, { body });
	await refused(404, 'POST', `${app.self}/communication/messagingInvitations/999/accept`);

	// Bob must not reach another user's application.
	const alice = await lab.app(await lab.user('alice'));
	const status = (await alice.request('GET', app.self)).status;
	assert.ok([403, 404].includes(status), `${status}`);
	assert.equal((await app.request('GET', app.self)).status, 200);
});

scenario('data that is not HTTP is refused and recorded, and the next client is served', async (lab) => {
	const { host } = new URL(lab.ready.http);
	const rows = [
		[400, 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
		[400, 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
		[413, 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n'],
		[414, `GET /${'a'.repeat(40000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
		[431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40000)}\r\n\r\n`],
		[505, 'GET / HTTP/3.0\r\nHost: a\r\n\r\n'],
	];

	for (const [status, request] of rows)
		assert.match(await talk(host, request), new RegExp(`^HTTP/1\\.[01] ${status} `), request.slice(0, 80));
	await lab.wait('fault', { count: rows.length });
	const said = (await lab.records({ kind: 'fault' })).map((r) => r.fields.what);

	// What libmicrohttpd refuses itself has no other name.
	assert.equal(said.length, rows.length, said.join('\n'));
	assert.equal(said.filter((what) => what === 'received data that is not HTTP').length, 3);
	assert.equal(await lab.metric('http_http_bad_requests_total') + await lab.metric('http_http_oversized_bodies_total'), rows.length);
	await lab.app(await lab.user('bob'));
});

const impatient = { settings: { 'sip.message_timeout': '100ms' } };

scenario('invalid input over SIP gets a status with a reason, and a connection with junk is closed', impatient, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const udp = lab.ready.sip.udp;
	const sdp = ['Content-Type: application/sdp'];
	const good = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
		'm=message 5060 sip null\r\n';

	await lab.app(bob);
	assert.match(await ask(udp, invite(alice.aor, `nobody-${bob.aor}`, sdp, good)),
		/^SIP\/2\.0 404 .*\r\n(.*\r\n)*ms-diagnostics: \d+;reason="/i);
	for (const request of [
		invite(alice.aor, bob.aor, sdp, 'nonsense'),
		invite(alice.aor, bob.aor, ['Content-Type: text/nonsense'], good),
		invite(alice.aor, bob.aor, [...sdp, 'Require: teleportation'], good),
		invite(alice.aor, '%00@@', sdp, good),
	])
		assert.match(await ask(udp, request), /^SIP\/2\.0 4\d\d .*\r\n/);
	await talk(lab.ready.sip.tcp, Buffer.alloc(300, 0xff));

	const app = await lab.app(bob);
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await (await invited).accept();
	await desktop.expect('connected');
});

scenario('invalid input to the lab API gets an error that says what is wrong', async (lab) => {
	const refused = async (status, pattern, method, where, body) => {
		const answer = await lab.request(method, where, body);

		assert.equal(answer.status, status, answer.text);
		assert.match(answer.body.error.message, pattern);
	};

	await refused(404, /no resource with this path/, 'GET', 'nowhere');
	await refused(405, /This resource supports GET/, 'DELETE', 'status');
	await refused(400, /Unknown member "user_"/, 'POST', 'wait', { user_: 'x' });
	await refused(400, /never goes back/, 'POST', 'clock/advance', { ms: -1 });
	await refused(400, /address/, 'POST', 'users', { aor: 'nobody', password: 'x' });
	assert.ok((await lab.get('status')).version);
});
