// baresip, which knows no sessions of instant messages, and a phone: each writes to the other. With --long by every
// transport.
import assert from 'node:assert/strict';
import { startBaresip } from '../baresip.mjs';
import { scenario } from '../lab.mjs';
import { isLong } from '../peer.mjs';

for (const transport of ['tcp', ...(isLong ? ['udp', 'tls'] : [])]) {
	scenario(`a phone writes to baresip, and is answered (${transport})`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const baresip = await startBaresip(lab, bob, { transport, contact: alice });

		await lab.wait('user', { user: bob, fields: { action: 'registered' } });
		const phone = lab.phone(alice, { im: [bob, 'Hi Bob'] });

		await phone.expect('connected');
		await baresip.expect('text', { text: /Hi Bob/ });
		baresip.say('/message How are you?');
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine');
		await baresip.expect('text', { text: /Fine/ });
		phone.say('/end');
		await lab.wait('conversation', { user: bob, fields: { state: 'ended' } });
		baresip.say('/message Are you there?');
		await phone.expect('invited', { text: 'Are you there?' });
		await phone.expect('connected');
		await baresip.stop();
		assert.deepEqual(phone.seen.filter((e) => e.event === 'not-delivered'), []);
	});
}
