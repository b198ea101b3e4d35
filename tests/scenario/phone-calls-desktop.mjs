// Alice's phone writes to Bob, who sits at his desktop.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a phone writes to a desktop, and both talk', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = lab.desktop(bob);

	await desktop.expect('registered');
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'], count: 1 });

	// This desktop does not take the first line from the invitation, so it gets it as a message.
	await phone.expect('invite', { text: 'Hi Bob' });
	await desktop.expect('invited');
	await desktop.expect('connected');
	await phone.expect('connected');
	desktop.say('Hello Alice');
	await phone.expect('message', { text: 'Hello Alice' });
	phone.say('How are you?');
	await desktop.expect('message', { text: 'How are you?' });
	assert.deepEqual(desktop.seen.filter((e) => e.event === 'message').map((e) => e.text), ['Hi Bob', 'How are you?']);
	phone.say('/end');
	await desktop.expect('ended');
	await phone.ended(0);

	for (const user of [alice, bob]) {
		const states = (await lab.records({ kind: 'conversation', user })).map((r) => r.fields.state);

		assert.deepEqual(states, ['invited', 'answered', 'ended'], user.aor);
	}
});

scenario('a desktop declines, and the phone is told so', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = lab.desktop(bob, { onInvite: 'decline' });

	await desktop.expect('registered');
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'], count: 1 });

	await phone.expect('failed', { reason: 'Declined' });
	await phone.ended(0);
});

scenario('a phone gives up waiting, and the desktop stops ringing', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = lab.desktop(bob, { onInvite: 'ignore' });

	await desktop.expect('registered');
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	await phone.expect('invite');
	await desktop.expect('invited');
	phone.say('/end');
	await phone.expect('failed', { reason: 'Canceled' });
	await desktop.expect('ended');
});

const durable = { ephemeral: false };
const [alice, bob] = ['Alice', 'Bob'].map((displayName) =>
	({ aor: `${displayName.toLowerCase()}@lab.test`, displayName, password: 'secret' }));

scenario('the daemon is killed in the middle of a conversation, and neither side notices', durable, async (lab) => {
	const desktop = lab.desktop(bob, { transport: 'udp' });

	await desktop.expect('registered');
	const phone = await lab.app(alice);

	await phone.call(bob, 'Hi Bob');
	const chat = await phone.connected();

	await desktop.expect('message', { text: 'Hi Bob' });
	await lab.restart();
	await chat.say('Still there?');
	await desktop.expect('message', { text: 'Still there?' });
	desktop.say('Yes');
	assert.equal(await phone.message(), 'Yes');
	await chat.stop();
	await desktop.expect('ended');
});
