// Whatever address a listener has, its certificate names it, and a client that checks the address is content; so are the clients
// of ours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { Lab, scenario } from '../lab.mjs';

const portOf = (address) => Number(address.replace(/^.*:/, '').replace(/\/$/, ''));

// Node checks the name or address that it connects to.
async function certificateAt(lab, host, port) {
	const socket = tls.connect({ host, port, ca: readFileSync(lab.ready.ca), timeout: 5000 });

	socket.on('timeout', () => socket.destroy(new Error('no handshake')));
	await once(socket, 'secureConnect');
	const { subjectaltname, fingerprint256 } = socket.getPeerCertificate();

	socket.end();
	return { names: subjectaltname, fingerprint: fingerprint256 };
}

const addressesOf = (family) => Object.values(os.networkInterfaces()).flat()
	.filter((i) => i.family === family && !i.address.startsWith('fe80')).map((i) => i.address);

const rows = [
	['127.0.0.2', ['127.0.0.2']],
	['[::1]', ['::1']],
	['0.0.0.0', addressesOf('IPv4')],
	['[::]', addressesOf('IPv6')],
];

for (const [host, addresses] of rows) {
	const listen = `${host}:0`;
	const settings = {
		'sip.udp': '', 'sip.tcp': '', 'sip.tls': listen, 'https.listen': listen, 'edge.tls': listen, 'clearing_house.tls': listen,
		'edge.tls_client': 'none', 'clearing_house.tls_client': 'none', 'net.trust_network': 'yes',
	};

	scenario(`listeners on ${host} have certificates for ${addresses.length > 1 ? 'each of its addresses' : addresses[0]}`,
		{ settings }, async (lab) => {
			for (const listener of [lab.ready.sip.tls, lab.ready.https, lab.ready.edge.tls, lab.ready.clearing_house.tls]) {
				for (const address of addresses)
					assert.ok((await certificateAt(lab, address, portOf(listener))).names);
			}
		});
}

scenario('our own phone and the hops of a push are content with 127.0.0.2',
	{ settings: { 'https.listen': '127.0.0.2:0', 'edge.tls': '127.0.0.2:0', 'clearing_house.tls': '127.0.0.2:0' } }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

		await phone.expect('background');
		lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		await phone.expect('toast', { from: 'Alice', text: 'Hi Brendan' });
	});

// What is needed decides at each start whether a certificate stays.
scenario('a certificate without a name that is needed is made anew, another one stays', async () => {
	const state = mkdtempSync(path.join(os.tmpdir(), 'mcxd-certificates-'));
	const starts = [
		[{}, false],
		[{}, true],
		[{ 'https.names': 'localhost 192.0.2.7 [2001:db8::7]' }, false],
		[{ 'https.names': 'localhost 2001:db8::7 192.0.2.7' }, true],
		[{ 'sip.tls': '127.0.0.9:0', 'https.names': 'localhost 192.0.2.7 2001:db8::7' }, false],
	];
	let before;

	try {
		for (const [settings, stays] of starts) {
			const dir = mkdtempSync(path.join(os.tmpdir(), 'mcxd-lab-'));
			const lab = new Lab(dir);

			try {
				await lab.start({ settings, ephemeral: false, args: ['--state', state] });
				const { names, fingerprint } = await certificateAt(lab, '127.0.0.1', portOf(lab.ready.https));

				if (before)
					assert.equal(fingerprint === before, stays, JSON.stringify(settings));
				if (settings['https.names'])
					assert.match(names, /IP Address:192\.0\.2\.7.*IP Address:2001:DB8:0:0:0:0:0:7/);
				if (settings['sip.tls'])
					assert.ok(await certificateAt(lab, '127.0.0.9', portOf(lab.ready.sip.tls)));
				before = fingerprint;
			} finally {
				await lab.stop();
			}
		}
	} finally {
		rmSync(state, { recursive: true });
	}
});

scenario('a relative TMPDIR will do for a state directory that is not kept',
	{ env: { TMPDIR: path.relative(process.cwd(), os.tmpdir()) } }, async (lab) => {
		assert.equal(path.dirname(lab.ready.lab_socket), path.dirname(lab.ready.ca));
		assert.ok(path.isAbsolute(lab.ready.ca), lab.ready.ca);
		assert.ok((await certificateAt(lab, '127.0.0.1', portOf(lab.ready.https))).names);
	});
