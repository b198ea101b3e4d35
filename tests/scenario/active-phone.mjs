// The app is in the foreground, so the invitation goes over HTTPS and no push is sent. Once the app is in the
// background again, a push is sent.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a phone in the foreground gets an invitation without a push', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);

	await app.subscribe();
	const invited = app.invitation();
	await lab.wait('state', { fields: { machine: 'phone', to_state: 'HELD' } });
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const invitation = await invited;

	await invitation.accept();
	await app.connected();
	assert.deepEqual((await lab.get(`pushes?user=${bob.aor}`)).pushes, []);

	// No event request is held now, so the next invitation is announced by a push.
	await lab.advance(120000);
	desktop.say('Are you still there?');
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const { pushes } = await lab.get(`pushes?user=${bob.aor}`);
	assert.deepEqual(pushes.map((push) => push.text), ['Are you still there?']);
	assert.equal(await app.message(), 'Are you still there?');
});
