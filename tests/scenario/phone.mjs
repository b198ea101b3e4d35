// The simulated phone in a conversation.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a message that a phone sends right before it hangs up is delivered', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { say: 'Back in a minute', hangUpAfter: 1 });

	await phone.expect('signed-in');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await desktop.expect('message', { text: 'Back in a minute' });
	await desktop.expect('ended');
	await phone.expect('ended');
	assert.deepEqual(phone.seen.filter((e) => e.event === 'not-delivered'), []);
});
