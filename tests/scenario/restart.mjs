// The daemon is killed and started again: who was signed in still is, and finds what was stored.
import assert from 'node:assert/strict';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
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

	await lab.restart();
	await app.create(); // with the token from before
	const again = await app.must('GET', app.application._links.pushSubscription.href);
	assert.equal(again.notificationUri, app.channel.notificationUri);
	const missed = await app.must('GET', app.application._embedded.communication._links.missedItems.href);
	assert.equal(missed.missedConversationsCount, 1);
});

scenario('a token ends with its password, also over a restart', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const users = path.join(lab.dir, 'users.ini');
	const withPassword = async (password) => {
		await writeFile(users, `[user ${bob.aor}]\npassword = ${password}\n`);
		await lab.restart({ settings: { 'users.file': users } });
		return (await app.request('GET', app.self)).status;
	};

	assert.equal(await withPassword('secret'), 200);
	assert.equal(await withPassword('another'), 401);
	const files = await readdir(path.join(lab.dir, 'state'));
	const kept = await Promise.all(files.filter((name) => name.startsWith('mcxd.db'))
		.map((name) => readFile(path.join(lab.dir, 'state', name))));
	assert.ok(kept.length > 1);
	assert.ok(!Buffer.concat(kept).includes(app.token.slice(4)), 'the token is in the state directory');
});

scenario('a user whom the lab API added is still there, and survives a reload', { ephemeral: false }, async (lab) => {
	const added = await lab.user('bob2');
	const app = await lab.app(added);
	const changed = await lab.request('PATCH', `users/${added.aor}`, { number: '+1 555 0100', displayName: 'Robert' });

	assert.equal(changed.body.number, '+1 555 0100');
	assert.equal(changed.body.origin, 'api');
	assert.equal((await app.must('GET', app.application._embedded.me._links.self.href)).workPhoneNumber, '+1 555 0100');
	await lab.restart();
	process.kill(lab.ready.pid, 'SIGHUP');
	assert.equal((await lab.get(`users/${added.aor}`)).displayName, 'Robert');
	await app.create();
	assert.equal((await lab.request('DELETE', 'users/bob@lab.test')).status, 409);
	await lab.delete(`users/${added.aor}`);
	await lab.restart();
	assert.equal((await lab.request('GET', `users/${added.aor}`)).status, 404);
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

scenario('a phone whose channel the push service has forgotten gets another one', { ephemeral: false }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	await lab.restart();
	await phone.expect('channel');
	await phone.expect('subscribed');
	lab.desktop(alice, { im: [bob, 'still there?'] });
	await phone.expect('toast', { text: 'still there?' });
});
