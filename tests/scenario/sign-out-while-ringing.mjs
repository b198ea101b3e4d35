// Bob signs out while his phone rings. No endpoint is left to answer, so Alice does not have to wait.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('signing out while the phone rings ends the invitation at once', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const invitation = await invited;

	await app.signOut();
	await desktop.expect('failed', { text: /^480 / });
	await desktop.ended(1);
	assert.deepEqual((await lab.get(`endpoints?user=${bob.aor}`)).endpoints, []);
	assert.equal((await invitation.tryAccept()).status, 404);
	assert.equal((await lab.get('clock')).offsetMs, 0);
});
