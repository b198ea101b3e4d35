// SIPp behind stunnel, in every place that a SIP peer can have: caller, registered endpoint, next hop of a push. Each side takes
// only who shows a certificate for the right name. With --long also without TLS.
import assert from 'node:assert/strict';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { hostOf, isLong, loopbackAddress, makeCertificate } from '../peer.mjs';
import { call, serve, SIPP_NAME, startStunnel } from '../stunnel.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const story = (name) => path.join(here, `${name}.xml`);

// Every SIP message between mcxd and this user went by this transport.
async function assertTransport(lab, user, transport) {
	const records = await lab.records({ kind: 'sip', user });
	const own = records.filter((r) => r.from === user.aor || r.to === user.aor);

	assert.notEqual(own.length, 0);
	assert.deepEqual([...new Set(own.map((r) => r.fields.transport))], [transport]);
}

const asking = (client) => ({ settings: { 'sip.tls_client': client, 'sip.tls_allow': SIPP_NAME } });

for (const client of ['required', ...(isLong ? ['optional', 'none'] : [])]) {
	scenario(`SIPp calls and has a certificate, which is ${client}: a message each way`, asking(client), async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'accept' });

		await phone.expect('background');
		const called = call(lab, story('accepted'), { transport: 'tls', keys: { caller: alice.aor, callee: bob.aor } });

		await phone.expect('invited', { text: 'Hi Brendan' });
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine');
		await phone.expect('ended');
		await called;
		await assertTransport(lab, alice, 'tls');
	});
}

for (const transport of ['tls', ...(isLong ? ['tcp', 'udp'] : [])]) {
	scenario(`SIPp is a registered endpoint: a message each way (${transport})`, asking('required'), async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const contact = await loopbackAddress();
		const [ended] = await serve(lab, story('endpoint'),
			{ transport, accept: contact, peer: 'fe.lab.test', keys: { contact } });

		await call(lab, story('register'), { transport, keys: { user: bob.aor, contact, epid: '5f2f0b1a7c' } });
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

		await desktop.expect('connected');
		desktop.say('How are you?');
		await desktop.expect('message', { text: 'Fine' });
		desktop.close();
		await ended;
		await assertTransport(lab, bob, transport);
	});
}

for (const transport of ['tls', ...(isLong ? ['tcp'] : [])]) {
	const hop = await loopbackAddress();
	const toHop = { settings: { 'edge.next_hop': `sip:${hop};transport=${transport}` } };

	scenario(`SIPp is the clearing house (${transport})`, toHop, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true });
		const [ended] = await serve(lab, story('clearing-house'), { transport, accept: hop, peer: 'edge.lab.test' });

		await phone.expect('background');
		lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		await ended;
		await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	});
}

// Either certificate is wrong: the push fails at once, and says which side did not like it.
const mistaken = [
	['takes nobody\'s certificate', { peer: 'somebody.else.test' }, /alert/],
	['has a certificate for another address', { names: ['127.0.0.2'] }, /IP address mismatch/],
];

for (const [what, { peer = 'edge.lab.test', names }, reason] of mistaken) {
	const hop = await loopbackAddress();

	scenario(`a clearing house that ${what}`, { settings: { 'edge.next_hop': `sip:${hop};transport=tls` } }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true });
		const certificate = await makeCertificate(lab, names ?? [hostOf(hop)]);

		await startStunnel(lab, { accept: hop, connect: '127.0.0.1:9', certificate, peer });
		await phone.expect('background');
		lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		const failed = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

		assert.equal(failed.fields.diag, '1010');
		const { pushes: [push] } = await lab.get(`pushes?user=${bob.aor}`);

		assert.match(push.reason, reason);
	});
}
