// The daemon is killed and started again: who was signed in still is, and finds what was stored.
import assert from 'node:assert/strict';
import { unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';

const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };
const alice = { aor: 'alice@lab.test', displayName: 'Alice', password: 'secret' };

scenario('a phone is still signed in, subscribed, and knows what it missed', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);

	await app.subscribe();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Bob'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	await lab.advance(61000);
	await desktop.expect('failed', { text: /^408 / });
	const { self } = app;

	await lab.restart();
	await app.signIn();
	assert.equal(app.self, self);
	const again = await app.must('GET', app.application._links.pushSubscription.href);
	assert.equal(again.notificationUri, app.channel.notificationUri);
	const missed = await app.must('GET', app.application._embedded.communication._links.missedItems.href);
	assert.equal(missed.missedConversationsCount, 1);
});

scenario('a desktop is still registered', { ephemeral: false }, async (lab) => {
	const desktop = lab.desktop(bob);

	await desktop.expect('registered');
	await lab.restart();
	const { endpoints } = await lab.get(`endpoints?user=${bob.aor}`);
	assert.equal(endpoints.length, 1);
});

scenario('a damaged database is an error at the start, in words', { ephemeral: false }, async (lab) => {
	const file = path.join(lab.dir, 'state', 'mcxd.db');

	await lab.app(bob);
	await lab.kill();
	await writeFile(file, 'not a database, but long enough to be taken for the header of one, which has a hundred bytes');
	const { code, stderr } = await lab.run('mcxd', ['--any-port', '--state', path.dirname(file)]);
	assert.equal(code, 1);
	assert.match(stderr, /cannot use .*mcxd\.db: it is not a database of mcxd; move it away/);
	await unlink(file);
	await lab.start({ ephemeral: false });
});
