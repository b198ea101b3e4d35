// Bob has two phones. Both ring; he answers one; the other stops.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('one of two phones answers, and the other one stops ringing', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [first, second] = await Promise.all([lab.app(bob), lab.app(bob)]);
	const invited = Promise.all([first.invitation(), second.invitation()]);
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const [atFirst, atSecond] = await invited;

	await atFirst.accept();
	const chat = await first.connected();
	await desktop.expect('connected');
	const over = await second.event('messagingInvitation', 'completed');
	assert.equal(over.status, 'Failure');
	assert.ok([404, 409, 410].includes((await atSecond.tryAccept()).status));

	await chat.say('Here I am');
	await desktop.expect('message', { text: 'Here I am' });
	desktop.say('Good');
	assert.equal(await first.message(), 'Good');
	await chat.stop();
	await desktop.expect('ended');
	await desktop.ended(0);

	const finals = (await lab.records({ kind: 'sip', user: alice }))
		.filter((r) => r.fields.method === 'INVITE' && Number(r.fields.status) >= 200);
	assert.deepEqual(finals.map((r) => r.fields.status), ['200']);
	const { endpoints } = await lab.get(`endpoints?user=${bob.aor}`);
	assert.deepEqual(endpoints.map((e) => e.missed), [0, 0]);
});
