// A phone asks for events again while its first request is still held: the first is told, the second
// gets the events.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a second event request replaces the first', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const first = app.poll();

	await lab.wait('state', { fields: { machine: 'phone', to_state: 'HELD' } });
	const invited = app.invitation();
	const replaced = await first;
	assert.equal(replaced.status, 409);
	assert.equal(replaced.body.subcode, 'PGetReplaced');

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	assert.equal((await invited).text, 'Hi Brendan');
});

scenario('events that were not acknowledged come again', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const where = app.next;

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	assert.equal((await app.invitation()).text, 'Hi Brendan');
	// The answer got lost on the way, as far as the phone knows: it asks the same question again.
	app.next = where;
	app.seen = [];
	assert.equal((await app.invitation()).text, 'Hi Brendan');
});

scenario('a wrong ack gets nothing but a way to start over', async (lab) => {
	const bob = await lab.user('bob');
	const app = await lab.app(bob);
	const answer = await app.poll(app.next.replace(/ack=\d+/, 'ack=99'));

	assert.equal(answer.status, 200);
	assert.ok(answer.body._links.resync);
	assert.equal(answer.body.sender, undefined);
});
