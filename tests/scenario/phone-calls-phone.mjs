// Alice's phone writes to Bob's.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a phone writes to a phone whose app sleeps, which a push wakes', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const callee = lab.phone(bob, { background: true });

	await callee.expect('background');
	const caller = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	await caller.expect('invite', { text: 'Hi Bob' });
	await callee.expect('toast');
	await callee.expect('invited', { text: 'Hi Bob' });
	await callee.expect('connected');
	await caller.expect('connected');
	caller.say('Hi Bob');
	await callee.expect('message', { text: 'Hi Bob' });
	callee.say('Hello Alice');
	await caller.expect('message', { text: 'Hello Alice' });
	callee.say('/end');
	await caller.expect('ended');
});

scenario('both write at the same time, and both conversations take place', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phones = [lab.phone(alice), lab.phone(bob)];

	await Promise.all(phones.map((phone) => phone.expect('signed-in')));
	phones[0].say(`/im ${bob.aor} Hi Bob`);
	phones[1].say(`/im ${alice.aor} Hi Alice`);
	await Promise.all(phones.map(async (phone) => {
		await phone.expect('connected');
		await phone.expect('connected');
	}));
	const conversations = phones.map((phone) => phone.seen.filter((e) => e.event === 'connected')
		.map((e) => e.conversation.split('/').pop()).sort());
	assert.deepEqual(conversations[0], conversations[1]);
	assert.notEqual(conversations[0][0], conversations[0][1]);
});

scenario('nobody is there: the phone learns why, and so does who looks at the journal', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(alice);

	await phone.expect('signed-in');
	for (const [to, reason] of [['nobody@lab.test', 'DestinationNotFound'], ['bob@elsewhere.test', 'DestinationNotFound'],
		[bob.aor, 'Unreachable'], [alice.aor, 'Unreachable']]) {
		phone.say(`/im ${to} Hi`);
		await phone.expect('failed', { uri: `sip:${to}`, reason });
	}
	const failed = (await lab.records({ kind: 'conversation', user: alice })).filter((r) => r.fields.state === 'failed');
	assert.deepEqual(failed.map((r) => r.fields.status), ['404', '404', '480', '480']);
});

scenario('nobody answers: the call fails after its time, and is missed', { settings: { 'core.call_timeout': '300ms' } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const callee = await lab.app(bob);
	const caller = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	await callee.invitation();
	await caller.expect('failed', { reason: 'Timeout' });
	const over = await callee.event('messagingInvitation', 'completed');
	assert.equal(over.status, 'Failure');
	await callee.event('missedItems', 'updated');
});

const durable = { ephemeral: false };
const people = [
	{ aor: 'alice@lab.test', displayName: 'Alice', password: 'secret' },
	{ aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' },
];

// The conversation and its peers know nothing of it.
scenario('the daemon is killed in the middle of a conversation that a phone has started', durable, async (lab) => {
	const [caller, callee] = await Promise.all(people.map((user) => lab.app(user)));

	await caller.call(people[1], 'Hi Bob');
	await (await callee.invitation()).accept();
	const [alice, bob] = [await caller.connected(), await callee.connected()];

	await lab.restart();
	await alice.say('Still there?');
	assert.equal(await callee.message(), 'Still there?');
	await bob.say('Yes');
	assert.equal(await caller.message(), 'Yes');
	await alice.stop();
	await callee.event('conversation', 'deleted');
	await caller.event('conversation', 'deleted');
});

scenario('the daemon is killed while a phone\'s call rings: the caller is told, and the callee has missed it', durable, async (lab) => {
	const [caller, callee] = await Promise.all(people.map((user) => lab.app(user)));
	const invitation = await caller.call(people[1], 'Hi Bob');

	await callee.invitation();
	await lab.restart();
	const { status, resource } = await caller.event('messagingInvitation', 'completed');
	assert.equal(status, 'Failure');
	assert.equal(resource.operationId, invitation.operationId);
	await callee.event('missedItems', 'updated');
});
