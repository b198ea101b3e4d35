// The mobility service apart from its front end: two processes, of which the one registers its phones at the other. A desktop at the
// front end reaches a phone of the mobility service.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLab } from '../lab.mjs';
import { loopbackAddress } from '../peer.mjs';

test('upstream: a desktop of the front end reaches a phone of the mobility service', { timeout: 120000 }, async () => {
	const labs = [];

	try {
		const frontEnd = await startLab({ roles: ['front-end', 'edge', 'clearing-house', 'push-service'] });

		labs.push(frontEnd);
		const listen = await loopbackAddress();
		const mobility = await startLab({
			roles: ['front-end'],
			settings: { 'upstream.registrar': `sip:${frontEnd.ready.sip.tcp};transport=tcp`, 'upstream.listen': listen },
		});

		labs.push(mobility);
		const [alice, bob] = await frontEnd.users('alice', 'bob');

		await mobility.post('users', { aor: bob.aor, displayName: bob.displayName, password: bob.password });
		const phone = mobility.phone(bob, { onInvite: 'accept', signOut: true });

		await phone.expect('signed-in');
		await frontEnd.wait('user', { user: bob, fields: { action: 'registered' } });
		assert.equal(mobility.ready.sip.tcp, listen);
		assert.equal(mobility.ready.sip.udp, undefined);

		const desktop = frontEnd.desktop(alice, { im: [bob, 'Hi Brendan'] });

		await phone.expect('invited', { text: 'Hi Brendan' });
		await desktop.expect('connected');
		phone.say('Fine');
		await desktop.expect('message', { text: 'Fine' });
		desktop.say('Bye');
		await phone.expect('message', { text: 'Bye' });
		desktop.close();
		await phone.expect('ended');

		// The phone signs out: the front end has no endpoint of him any more.
		phone.close();
		await frontEnd.wait('user', { user: bob, fields: { action: 'unregistered' } });
	} finally {
		await Promise.all(labs.map((lab) => lab.stop()));
	}
});
