// A phone asks for events again while its first request is still held: the first request is ended with an
// explanation, and the second gets the events.
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

scenario('events that were not acknowledged are delivered again', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const where = app.next;

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	assert.equal((await app.invitation()).text, 'Hi Brendan');
	// The phone did not receive the answer, so it sends the same request again.
	app.next = where;
	app.seen = [];
	assert.equal((await app.invitation()).text, 'Hi Brendan');
});

scenario('a wrong ack gets a resync link and no events', async (lab) => {
	const bob = await lab.user('bob');
	const app = await lab.app(bob);
	const answer = await app.poll(app.next.replace(/ack=\d+/, 'ack=99'));

	assert.equal(answer.status, 200);
	assert.ok(answer.body._links.resync);
	assert.equal(answer.body.sender, undefined);
});
