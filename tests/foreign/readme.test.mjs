// Runs the README's example of a phone made of curl, exactly as it is printed there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { scenario } from '../lab.mjs';

const readme = new URL('../../README.md', import.meta.url);

scenario('the README\'s curl example signs in, wakes, accepts and answers', async (lab) => {
	const [, story] = /\n```sh\n(fe=.*?)```\n/s.exec(await readFile(readme, 'utf8'));
	const [alice, bob] = await lab.users('alice', 'bob');
	const shell = spawn('bash', ['-eo', 'pipefail', '-c', story], {
		env: {
			...process.env, fe: lab.ready.https, push: lab.ready.push_service, ca: lab.ready.ca, user: bob.aor,
			password: bob.password,
		},
	});
	const said = { out: '', errors: '' };

	shell.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
	shell.stderr.setEncoding('utf8').on('data', (text) => (said.errors += text));
	try {
		await lab.wait('user', { user: bob, fields: { action: 'subscribed' } });
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

		await desktop.expect('connected');
		await desktop.expect('message', { text: 'Hello back' });
		const [code] = shell.exitCode === null ? await once(shell, 'exit') : [shell.exitCode];

		assert.equal(code, 0, said.errors);
		assert.match(said.out, /"kind":"toast".*"text2":"Hi Brendan"/);
		assert.equal(said.errors, '');
	} finally {
		shell.kill('SIGKILL');
	}
});
