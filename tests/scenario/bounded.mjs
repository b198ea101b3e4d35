// A play that never ends is ended, with a reason, and holds neither its lab nor the tests after it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const endless = `
import { scenario } from '${new URL('../lab.mjs', import.meta.url)}';

scenario('it waits for ever', { playMs: 200 }, async (lab) => {
	console.error('mcxd is', lab.daemon.pid);
	setInterval(() => {}, 1000).unref();
	await new Promise(() => {});
});
scenario('the next one is played', async (lab) => {
	await lab.user('bob');
	setInterval(() => {}, 1000);
});
`;

test('bounded: a play that never ends is ended, and so is what it has left running', async () => {
	const dir = await mkdtemp(path.join(os.tmpdir(), 'bounded-'));
	const file = path.join(dir, 'endless.mjs');

	await writeFile(file, endless);
	// Without what tells node that it runs within a test: it would report in another way.
	const env = { ...process.env };
	delete env.NODE_TEST_CONTEXT;
	const { code, output } = await new Promise((resolve) => {
		execFile(process.execPath, ['--test-reporter=tap', file], { env, timeout: 100000 },
			(e, stdout, stderr) => resolve({ code: e?.code ?? 0, output: stdout + stderr }));
	});
	await rm(dir, { recursive: true });
	assert.equal(code, 1, output);
	assert.match(output, /not ok 1 - endless: it waits for ever/);
	assert.match(output, /The play does not end \(waited 200 ms\)/);
	assert.match(output, /\nok 2 - endless: the next one is played/);
	assert.match(output, /endless: something still runs after the last test, and is ended/);
	assert.throws(() => process.kill(Number(/mcxd is (\d+)/.exec(output)[1]), 0), { code: 'ESRCH' });
});
