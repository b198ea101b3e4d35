// A lab that ends while somebody waits says so: that is not what a wait that ran out says.
import assert from 'node:assert/strict';
import { scenario, startLab } from '../lab.mjs';

async function waiting(lab, n) {
	while (await lab.metric('http_lab_parked') < n)
		await lab.metric('http_lab_parked');
}

scenario('whoever waits is told that the server is shutting down', async () => {
	const lab = await startLab();
	const never = { kind: 'toast', timeoutMs: 60000 };
	const waits = [lab.request('POST', 'wait', never), lab.request('POST', 'wait', { kind: 'toast', neverWithinMs: 60000 }),
		lab.wait('toast').then(() => null, (e) => e), lab.ctl('wait', 'toast', '--timeout', '60s')];

	await waiting(lab, waits.length);
	await lab.stop();
	const [plain, quiet, error, command] = await Promise.all(waits);

	for (const { status, headers, body } of [plain, quiet]) {
		assert.equal(status, 503);
		assert.equal(body.error.message, 'The server is shutting down.');
		assert.ok(headers['retry-after']);
	}
	assert.equal(error.status, 503);
	assert.match(error.message, /shutting down/);
	assert.notEqual(error.name, 'AssertionError');
	assert.equal(command.code, 3);
	assert.match(command.stderr, /shutting down/);
});
