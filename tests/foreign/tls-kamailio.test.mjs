// Kamailio as a hop in between: the caller comes through it and it stays in the dialog; the push goes through it to the
// Edge. With --long by every transport.
import assert from 'node:assert/strict';
import path from 'node:path';
import { KAMAILIO_NAME, startKamailio } from '../kamailio.mjs';
import { scenario } from '../lab.mjs';
import { isLong, loopbackAddress } from '../peer.mjs';
import { call } from '../stunnel.mjs';

const accepted = path.join(path.dirname(new URL(import.meta.url).pathname), 'accepted.xml');

// The message that starts like this, as mcxd has sent or received it.
function find(records, start, members = {}) {
	const found = records.find((r) => r.fields.start_line.startsWith(start) &&
		Object.entries(members).every(([name, value]) => r[name] === value));

	assert.ok(found, `${start} of ${JSON.stringify(members)}`);
	return found;
}

for (const transport of ['tls', ...(isLong ? ['tcp', 'udp'] : [])]) {
	const address = await loopbackAddress();
	const tlsAddress = await loopbackAddress();
	const hop = transport === 'tls' ? tlsAddress : address;
	const toEdge = transport === 'udp' ? 'tcp' : transport; // the Edge has no UDP
	const settings = {
		'edge.trusted_peers': '127.0.0.0/8', // Kamailio's, where it is not known by its certificate
		'sip.tls_client': 'required', 'sip.tls_allow': KAMAILIO_NAME, 'edge.tls_allow': KAMAILIO_NAME,
		'push.next_hop': `sip:${hop};transport=${transport}`,
	};

	scenario(`a caller and the push go through Kamailio: a message each way (${transport})`, { settings }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'accept' });

		await startKamailio(lab, {
			address, tlsAddress, frontEnd: `${lab.ready.sip[transport]};transport=${transport}`,
			edge: `${lab.ready.edge[toEdge]};transport=${toEdge}`,
		});
		await phone.expect('background');
		const called = call(lab, accepted, { transport, target: hop, keys: { caller: alice.aor, callee: bob.aor } });

		await phone.expect('invited', { text: 'Hi Brendan' });
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine');
		await phone.expect('ended');
		await called;
		const records = await lab.records({ kind: 'sip' });
		const own = records.filter((r) => r.from === alice.aor || r.to === alice.aor);
		const via = new RegExp(`^Via: SIP/2\\.0/${transport} ${hop};`, 'mi');

		assert.deepEqual([...new Set(own.map((r) => r.fields.transport))], [transport]);
		assert.match(find(own, 'INVITE ', { to: 'front-end' }).raw, via);
		assert.match(find(own, 'INVITE ', { to: 'front-end' }).raw, new RegExp(`^Record-Route: <sip:${hop};`, 'mi'));
		assert.match(find(own, 'MESSAGE ', { to: 'front-end' }).raw, via);
		assert.match(find(own, 'MESSAGE ', { to: alice.aor }).raw, new RegExp(`^Route: <sip:${hop};`, 'mi'));
		const pushes = records.filter((r) => r.to === 'edge' && /^MESSAGE /.test(r.fields.start_line));

		assert.deepEqual(pushes.map((r) => r.fields.transport), [toEdge, toEdge]);
		assert.equal(pushes.filter((r) => new RegExp(`^Via: SIP/2\\.0/${toEdge} ${hop};`, 'mi').test(r.raw)).length, 1);
	});
}
