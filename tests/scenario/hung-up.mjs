// A phone hangs up in the middle of an event request. For a moment it counts as in the foreground, because a client that
// changes networks is back at once; what arrives then is pushed only afterwards, and the journal and the ladder say so.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const settings = { 'core.hang_up_linger': '30s' };

scenario('a phone that hung up is pushed after a moment, and until then the ladder says why not', { settings }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);

	await app.subscribe();
	const held = assert.rejects(app.invitation());
	await lab.wait('state', { fields: { machine: 'phone', to_state: 'HELD' } });
	app.close();
	await held;
	await lab.wait('state', { fields: { machine: 'phone', event: 'dropped' } });

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const { fields } = await lab.wait('push', { user: bob, fields: { state: 'held-back' } });
	assert.match(fields.reason, /^the phone counts as in the foreground for another \d+\.\d{3} s$/);
	assert.deepEqual((await lab.get(`pushes?user=${bob.aor}`)).pushes, []);
	const { stdout } = await lab.ctl('ladder', 'last');
	assert.match(stdout.replace(/[\s│┊]+/g, ' '), /no push: the phone counts as in the/);

	await lab.advance(30000);
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
});
