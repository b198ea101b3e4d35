// A name server that never answers: whatever names peers write where a host can stand, nobody asks it, so nobody waits for it. The
// play runs in a network of its own, whose only name server takes every question down and keeps silent.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';
import { on, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS, scenario } from '../lab.mjs';

const SERVER = '127.0.0.53';
const inside = process.env.MCXD_SILENT_NAME_SERVER === SERVER;
const own = ['unshare', '--user', '--map-root-user', '--net', '--mount', '--fork', '--pid', '--mount-proc', '--kill-child'];

function possible() {
	return spawnSync(own[0], [...own.slice(1), 'ip', 'link', 'set', 'lo', 'up']).status === 0;
}

// ---- outside ----

function playInside() {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'names-'));
	const files = {
		'resolv.conf': `nameserver ${SERVER}\noptions timeout:30 attempts:5\n`,
		'nsswitch.conf': 'hosts: files dns\n',
		hosts: '127.0.0.1 lyncweb.lab.test\n',
	};
	const env = { ...process.env, MCXD_SILENT_NAME_SERVER: SERVER };

	delete env.NODE_TEST_CONTEXT; // or its output would be for the runner of this file
	for (const [name, text] of Object.entries(files))
		writeFileSync(path.join(folder, name), text);
	const mounts = Object.keys(files).map((name) => `mount --bind '${folder}/${name}' /etc/${name}`);
	// getaddrinfo() may ask nothing on a machine that has no address but 127.0.0.1
	const script = ['ip link set lo up', 'ip address add 192.0.2.1/32 dev lo', ...mounts, 'exec "$@"'].join(' && ');

	try {
		return spawnSync(own[0], [...own.slice(1), 'sh', '-c', script, 'sh',
			process.execPath, '--test-reporter=spec', fileURLToPath(import.meta.url)],
		{ env, encoding: 'utf8', timeout: 6 * PATIENCE_MS });
	} finally {
		rmSync(folder, { recursive: true });
	}
}

if (!inside) {
	test('nobody asks a name server that never answers',
		{ skip: !possible() && 'this user may not make a network of its own' }, () => {
			const played = playInside();

			assert.equal(played.status, 0, `${played.stdout}${played.stderr}`);
			assert.match(played.stdout, /^ℹ pass 5$/m);
		});
}

// ---- inside ----

const asked = []; // names

/** The name in a question (RFC 1035, 4.1.2). */
function nameOf(question) {
	const labels = [];

	for (let at = 12; question[at]; at += question[at] + 1)
		labels.push(question.toString('latin1', at + 1, at + 1 + question[at]));
	return labels.join('.');
}

async function serveNames() {
	const udp = dgram.createSocket('udp4');
	const tcp = net.createServer((socket) => {
		asked.push('something, by TCP');
		socket.destroy();
	});

	udp.on('message', (question) => asked.push(nameOf(question)));
	udp.bind(53, SERVER);
	tcp.listen(53, SERVER);
	await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
	return { udp, stop: () => { udp.close(); tcp.close(); } };
}

// Whoever does ask is heard; and datagrams keep their order, so that all that came before it was heard as well.
async function lookUp(names, name) {
	const child = spawn('getent', ['ahosts', name]);

	try {
		while (!asked.includes(name))
			await once(names.udp, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
	} finally {
		child.kill('SIGKILL');
		await once(child, 'close');
	}
}

function request(method, uri, more = {}) {
	const { from = 'alice@lab.test', to = uri, via = '127.0.0.1;rport', transport = 'UDP', lines = [], body = '' } = more;
	const id = Math.random();

	return [
		`${method} sip:${uri} SIP/2.0`, `Via: SIP/2.0/${transport} ${via};branch=z9hG4bK${id}`,
		`From: <sip:${from}>;tag=1`, `To: <sip:${to}>`, `Call-ID: ${id}@test`, `CSeq: 1 ${method}`, 'Max-Forwards: 70', ...lines,
		`Content-Length: ${Buffer.byteLength(body)}`, '', body,
	].join('\r\n');
}

const sdp = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5060 sip null\r\n';

function invite(to, contact, ...lines) {
	return request('INVITE', to, {
		body: sdp, lines: [`Contact: <sip:alice@${contact}>`, 'Content-Type: application/sdp', ...lines],
	});
}

// Resolves with the final answer.
async function ask(address, text) {
	const [host, port] = address.split(':');
	const socket = dgram.createSocket('udp4');

	try {
		socket.send(text, Number(port), host);
		for await (const [message] of on(socket, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) })) {
			if (!message.toString('utf8').startsWith('SIP/2.0 1'))
				return message.toString('utf8');
		}
	} finally {
		socket.close();
	}
}

async function registerAndLeave(address, user, contact) {
	const [host, port] = address.split(':');
	const socket = net.connect(Number(port), host);

	socket.write(request('REGISTER', 'lab.test', {
		from: user.aor, to: user.aor, transport: 'TCP', lines: [`Contact: <sip:bob@${contact}>;expires=600`],
	}));
	assert.match(String((await once(socket, 'data'))[0]), /^SIP\/2\.0 200 /);
	socket.end();
	await once(socket, 'close');
}

async function play(lab) {
	const [alice, bob, lost] = await lab.users('alice', 'bob', 'bob');
	const { udp, tcp } = lab.ready.sip;
	const phone = await lab.app(bob);

	// Via and maddr: the answer goes to where the request came from
	for (const via of ['a.nowhere.test;rport', '127.0.0.1;maddr=b.nowhere.test;rport', 'c.nowhere.test:9;maddr=c.nowhere.test;rport'])
		assert.match(await ask(udp, request('OPTIONS', 'lab.test', { via })), /^SIP\/2\.0 200 /);

	// Contact of a registration whose connection is gone, with names everywhere else as well
	await registerAndLeave(tcp, lost, 'd.nowhere.test');
	assert.match(await ask(udp, invite(`${lost.aor};maddr=e.nowhere.test`, 'f.nowhere.test',
		'Record-Route: <sip:g.nowhere.test;lr>', 'Route: <sip:h.nowhere.test;lr>')),
	/^SIP\/2\.0 503 [^]*\r\nms-diagnostics: 1014;reason="Unable to resolve DNS A record"/i);
	assert.equal(await lab.metric('front_end_names_unknown_total'), 1);

	// a next hop, and a notification URI
	assert.match((await lab.ctl('test-push', '--edge', 'i.nowhere.test:5061')).stdout, /Unable to resolve DNS A record/);
	const refused = await phone.request('PUT', phone.application._links.pushSubscription.href, {
		body: { platform: 'windowsPhone', notificationUri: 'http://j.nowhere.test/x', deviceName: 'a test', userAgent: 'x' },
	});
	assert.equal(refused.status, 403);
	assert.match(refused.body.message, /is a name that is not in \[hosts\]/);

	// an invitation, whose Contact is a name, while the phone sleeps
	await lab.advance(20000);
	const rung = ask(udp, invite(bob.aor, 'k.nowhere.test'));
	await lab.wait('sip', { fields: { status: '180' } });
	await lab.advance(120000); // and does not wake
	assert.match(await rung, /^SIP\/2\.0 408 /);

	// and the others are served all the while
	const invited = phone.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await (await invited).accept();
	await desktop.expect('connected');
}

// mcxsim takes names that it is started with from the machine, or from --host, and asks for no others.
async function simulate(lab) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const { port } = new URL(lab.ready.https);
	const given = { server: `https://lyncdiscover.lab.test:${port}`, host: 'lyncdiscover.lab.test=127.0.0.1' };
	const desktop = { server: `lyncweb.lab.test:${lab.ready.sip.tcp.split(':')[1]}` };

	await lab.phone(bob, given).expect('signed-in');
	await lab.phone(bob, { server: `https://lyncweb.lab.test:${port}` }).expect('signed-in');
	await lab.desktop(alice, desktop).expect('registered');
}

// Links lead to a host that nobody has named.
async function strand(lab) {
	const phone = lab.phone(await lab.user('bob'));

	await phone.ended(3);
	assert.match(phone.errors, /the name l\.nowhere\.test is not in the table of hosts/);
}

if (inside) {
	const names = await serveNames();

	after(names.stop);
	test('the name server hears who asks', () => lookUp(names, 'first.control.test'));
	scenario('names in every place', { settings: { 'clearing_house.allow_hosts': '*' } }, play);
	scenario('clients that know names', simulate);
	scenario('a client that follows a link', { settings: { 'https.public_url': 'https://l.nowhere.test' } }, strand);
	test('nobody else has asked', async () => {
		await lookUp(names, 'last.control.test');
		assert.deepEqual([...new Set(asked)], ['first.control.test', 'last.control.test']);
	});
}
