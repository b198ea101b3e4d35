// Kamailio as the registrar of the phones, which asks for a password: the mobility service registers each of them there, and a
// caller of Kamailio's reaches them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { startRegistrar } from '../kamailio.mjs';
import { scenario } from '../lab.mjs';
import { isLong, loopbackAddress } from '../peer.mjs';
import { runSipp } from '../sipp.mjs';

const story = path.join(path.dirname(new URL(import.meta.url).pathname), 'accepted.xml');

for (const transport of ['tcp', ...(isLong ? ['udp'] : [])]) {
	const address = await loopbackAddress();
	const settings = {
		'upstream.registrar': `sip:${address};transport=${transport}`, 'upstream.retry_first': '50ms', 'upstream.retry_max': '200ms',
	};

	scenario(`a phone is registered at Kamailio, and called through it (${transport})`, { settings }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'accept', signOut: true });

		// Kamailio starts late: the phone is registered once it is there.
		await phone.expect('background');
		assert.match((await lab.ctl('status')).stdout, /^upstream sip:.*: 0 of 1 phones registered/m);
		await startRegistrar(lab, { address, password: bob.password });
		await lab.wait('user', { user: bob, fields: { action: 'registered-upstream' } });
		assert.match((await lab.ctl('status')).stdout, /^upstream sip:.*: 1 of 1 phones registered$/m);

		const called = runSipp(lab, story, { transport, target: address, keys: { caller: alice.aor, callee: bob.aor } });

		await phone.expect('toast', { text: 'Hi Brendan' });
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine');
		await phone.expect('ended');
		await called;

		// It is withdrawn with the session, and then nobody is there.
		phone.close();
		await lab.wait('user', { user: bob, fields: { action: 'left-upstream' } });
		assert.deepEqual([(await lab.get('status')).upstream].map(({ registered, phones }) => [registered, phones]), [[0, 0]]);
	});
}
