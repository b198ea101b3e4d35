// How long a silent phone stays signed in: an hour, or three days if a push can wake it.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const MINUTE_MS = 60000;
const HOUR_MS = 60 * MINUTE_MS;

scenario('the session of a silent phone expires', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob, { userAgent: 'Symbian/1.0' });

	await lab.advance(HOUR_MS - MINUTE_MS);
	assert.equal((await lab.get(`endpoints?user=${bob.aor}`)).endpoints.length, 1);
	await lab.advance(2 * MINUTE_MS);
	assert.deepEqual((await lab.get(`endpoints?user=${bob.aor}`)).endpoints, []);

	const gone = await app.poll();
	assert.equal(gone.status, 404);
	assert.equal(gone.body.subcode, 'ApplicationNotFound');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await desktop.expect('failed', { text: /^480 / });
	await desktop.ended(1);
});

scenario('the session of a Windows Phone outlives its app, and a push wakes it', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);

	await app.subscribe();
	await lab.advance(71 * HOUR_MS);
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	// The token was valid for eight hours and has expired; the application is still the same.
	app.token = await app.getToken(bob.password);
	await (await app.invitation()).accept();
	await desktop.expect('connected');
	assert.equal((await lab.get(`endpoints?user=${bob.aor}`)).endpoints.length, 1);
});
