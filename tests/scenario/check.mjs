// mcxd --check tells what a daemon would find, while one runs and without one, and changes nothing.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';

const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };

scenario('a sound lab, running and stopped', { ephemeral: false }, async (lab) => {
	const state = path.join(lab.dir, 'state');
	const check = (...args) => lab.run('mcxd', ['--check', '--state', state, ...args]);
	const desktop = lab.desktop(bob);

	await lab.app(bob);
	await desktop.expect('registered');
	for (const stop of [() => {}, () => lab.kill()]) {
		await stop();
		const { code, stdout, stderr } = await check();
		assert.equal(stderr.replaceAll(/^.* info .*\n/gm, ''), '');
		assert.equal(code, 0);
		assert.match(stdout, /^settings: sound\nusers: 5 in the demo's list\n/);
		assert.match(stdout, /^certificate of edge: .*edge\.pem$/m);
		assert.match(stdout, /^database: .*mcxd\.db is sound, schema \d+: 1 binding, 1 phone, /m);
	}
	await lab.start({ ephemeral: false });
});

scenario('what is wrong is named, and nothing is made', { ephemeral: false }, async (lab) => {
	const state = path.join(lab.dir, 'state');
	const users = path.join(lab.dir, 'users.ini');
	const check = (...args) => lab.run('mcxd', ['--check', '--state', state, ...args]);
	const empty = path.join(lab.dir, 'empty');

	await lab.kill();
	await writeFile(users, '[bob]\n');
	const bad = await check('--set', `users.file=${users}`);
	assert.equal(bad.code, 1);
	assert.match(bad.stderr, /^users: .*expected a section \[user ADDRESS\]$/m);
	await writeFile(path.join(state, 'mcxd.db'), Buffer.alloc(8192, 'x'));
	const damaged = await check();
	assert.equal(damaged.code, 1);
	assert.match(damaged.stderr, /^database: cannot use .*mcxd\.db: it is not a database of mcxd; move it away/m);
	await writeFile(path.join(state, 'mcxd.db'), '');
	assert.match((await check()).stderr, /^database: cannot use .*mcxd\.db: it is empty/m);
	const file = await lab.run('mcxd', ['--check', '--state', users]);
	assert.equal(file.code, 1);
	assert.match(file.stderr, /^state directory: cannot write to .*users\.ini: Not a directory$/m);
	const { code, stdout } = await lab.run('mcxd', ['--check', '--state', empty]);
	assert.equal(code, 0);
	assert.match(stdout, /^database: .*mcxd\.db will be made$/m);
	await assert.rejects(readdir(empty));
	await lab.start({ ephemeral: false, args: ['--state', empty] });
});
