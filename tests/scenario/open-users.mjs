// Every address of a domain is a user: without a file, and with nothing left when it has gone.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { scenario } from '../lab.mjs';

const person = (name, password) => ({ aor: `${name}@open.test`, displayName: name, password });

async function addresses(lab) {
	return (await lab.get('users')).users.map((u) => u.aor).filter((aor) => aor.endsWith('@open.test'));
}

async function withPassword(play) {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'open-'));
	const file = path.join(folder, 'password');

	await writeFile(file, 'sesame\n', { mode: 0o600 });
	try {
		await play(file);
	} finally {
		await rm(folder, { recursive: true });
	}
}

scenario('desktops of this machine register and call', { settings: { 'users.open': 'open.test' } }, async (lab) => {
	const zoe = lab.desktop(person('zoe'), { onInvite: 'accept' });

	await zoe.expect('registered');
	assert.deepEqual(await addresses(lab), ['zoe@open.test']);
	const yan = lab.desktop(person('yan'), { im: ['zoe@open.test', 'Hi'] });
	await yan.expect('connected');
	assert.deepEqual((await addresses(lab)).sort(), ['yan@open.test', 'zoe@open.test']);
	assert.equal((await lab.get('users/nobody@open.test')).origin, 'open');
	assert.equal((await lab.request('GET', 'users/nobody@other.test')).status, 404);
	assert.equal((await lab.request('DELETE', 'users/zoe@open.test')).status, 409);

	const vain = lab.desktop(person('xan'), { im: ['will@open.test', 'Hi'] });
	await vain.expect('failed', { text: /^480 / });
	await assert.rejects(lab.app(person('zoe', '')), /400/);
	await assert.rejects(lab.app(person('zoe', 'secret')), /400/);
	await lab.post('reset', {});
	assert.deepEqual(await addresses(lab), []);
});

await withPassword(async (file) => {
	await scenario('with a password phones sign in, and nothing is lost by a restart', {
		ephemeral: false, settings: { 'users.open': 'open.test', 'users.open_password_file': file, 'https.guess_delay': '0' },
	}, async (lab) => {
		await assert.rejects(lab.app(person('zoe', 'simsim')), /400/);
		assert.deepEqual(await addresses(lab), []);
		const app = await lab.app(person('zoe', 'sesame'));

		assert.deepEqual(await addresses(lab), ['zoe@open.test']);
		await lab.restart();
		assert.equal((await app.request('GET', app.self)).status, 200);
		const invited = app.invitation();
		const yan = lab.desktop(person('yan'), { im: ['zoe@open.test', 'Hi'] });
		await (await invited).accept();
		await yan.expect('connected');

		// Who is given a name is written down, and keeps the password.
		await lab.request('PATCH', 'users/will@open.test', { displayName: 'Will' });
		assert.equal((await lab.get('users/will@open.test')).origin, 'api');
		await lab.app(person('will', 'sesame'));
		assert.equal((await lab.request('DELETE', 'users/will@open.test')).status, 204);
		assert.equal((await lab.get('users/will@open.test')).displayName, 'will');

		await lab.post('reset', {});
		assert.deepEqual(await addresses(lab), []);
		assert.equal((await app.request('GET', app.self)).status, 401);
	});
});
