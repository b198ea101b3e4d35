// Messages without a session (RFC 3428) between a SIP client and a phone. What was answered 202 is stored: it reaches the
// phone once and in order, whenever the server is killed.
import assert from 'node:assert/strict';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';

const alice = { aor: 'alice@lab.test' };
const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };

scenario('a conversation of messages without a session goes on after kills', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const client = await new Dialog(alice, bob, lab.ready.sip.udp).open();

	try {
		assert.equal(await client.say('one'), 202);
		await lab.restart();
		assert.equal(await client.say('two'), 202);
		await lab.restart({ signal: 'SIGTERM' });
		const invitation = await app.invitation();

		assert.equal(invitation.text, 'one');
		await invitation.accept();
		const chat = await app.connected();

		assert.equal(await app.message(), 'two');

		await lab.restart();
		assert.ok([200, 202].includes(await client.say('three')));
		assert.equal(await app.message(), 'three');
		const heard = new Promise((resolve) => (client.onHeard = resolve));

		await chat.say('four');
		assert.equal(await heard, 'four');
		assert.equal((await lab.get(`conversations?user=${bob.aor}`)).conversations.length, 1);
		await chat.stop();
		await app.event('conversation', 'deleted');
	} finally {
		client.close();
	}
});

// The phone is silent, so that the server holds its answer back for as long as it may.
scenario('a message that is stored but not answered when the server is killed is said once', { ephemeral: false, settings: { 'sip.pager_wait': '10s' }, playMs: 30000 }, async (lab) => {
	const app = await lab.app(bob);
	const client = await new Dialog(alice, bob, lab.ready.sip.udp).open();
	const isStored = async () => {
		while ((await lab.metric('front_end_pager_messages_total')) < 1 || (await lab.metric('store_pending')) > 0)
			await lab.get('status');
	};

	try {
		for (const text of ['one', 'two']) {
			const status = client.say(text);

			await isStored();
			await lab.restart({ settings: { 'sip.pager_wait': '50ms' } });
			assert.equal(await status, 202);
			if (text === 'one')
				await lab.restart({ settings: { 'sip.pager_wait': '10s' } });
		}
		const invitation = await app.invitation();

		assert.equal(invitation.text, 'one');
		await invitation.accept();
		const chat = await app.connected();

		assert.equal(await app.message(), 'two');
		assert.ok([200, 202].includes(await client.say('three')));
		assert.equal(await app.message(), 'three');
		// It goes on counting, so that no acknowledgement of an earlier message is taken for a later one's.
		assert.deepEqual((await lab.get('export')).rows.pager.map((row) => row.last_im), [2]);
		await chat.stop();
	} finally {
		client.close();
	}
});
