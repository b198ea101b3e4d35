// Who may use the lab API by TCP: programs of this machine, but no page of another site and no push of our own.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { scenario } from '../lab.mjs';

// What a push to the lab API itself could do if it were let in, and who must refuse it.
const pushes = [['webhook', 'lab_pushes_refused_total'], ['windowsPhone', 'lab_types_refused_total']];

for (const [platform, counter] of pushes)
	scenario(`a push of the kind ${platform} to the lab API does nothing`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const app = await lab.app(bob);
		const notificationUri = `${lab.ready.lab}/lab/v1/clock/advance`;

		await app.must('PUT', app.application._links.pushSubscription.href, { body: { platform, notificationUri } });
		lab.desktop(alice, { im: [bob, 'Hi'] });
		const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });
		assert.ok(push);
		assert.equal(await lab.metric(counter), 1);
		assert.equal((await lab.get('clock')).offsetMs, 0);
	});

scenario('the same routes as on the socket', async (lab) => {
	const post = (where, body, headers = { 'Content-Type': 'application/json' }) =>
		fetch(`${lab.ready.lab}/lab/v1/${where}`, { method: 'POST', body: JSON.stringify(body), headers });
	const answer = await post('users', { aor: 'zoe@lab.test', password: 'secret' });

	assert.equal(answer.status, 201, await answer.text());
	assert.ok((await lab.get('users')).users.some((u) => u.aor === 'zoe@lab.test'));
	const simple = await post('users', { aor: 'yan@lab.test', password: 'secret' }, { 'Content-Type': 'text/plain' });
	assert.equal(simple.status, 415);
	assert.match((await simple.json()).error.message, /Content-Type: application\/json/);
	assert.equal(lab.ready.console, `${lab.ready.lab}/console/`);
	assert.match(lab.ready.lab, /^http:\/\/127\.0\.0\.1:\d+$/);
	const { listeners } = await lab.get('status');
	assert.equal(listeners.lab, lab.ready.lab);
});

function get(lab, where, headers = {}) {
	return new Promise((resolve, reject) => {
		readFile(lab.ready.ca).then((ca) => https.get(new URL(where, lab.ready.lab), { ca, headers, agent: false, servername: 'lab.test' }, (answer) => {
			answer.resume();
			answer.on('end', () => resolve(answer));
		}).on('error', reject), reject);
	});
}

scenario('beyond the loopback: HTTPS with the token', async (lab) => {
	const token = '0123456789abcdef0123456789abcdef';
	const file = path.join(lab.dir, 'token');

	await writeFile(file, `${token}\n`);
	await lab.restart({ settings: { 'lab.listen': '0.0.0.0:0', 'lab.https': 'yes', 'lab.token_file': file, 'lab.hosts': 'lab.test' } });
	lab.ready.lab = lab.ready.lab.replace('0.0.0.0', '127.0.0.1');
	assert.match(lab.ready.lab, /^https:/);
	assert.equal((await get(lab, '/lab/v1/clock')).statusCode, 401);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}` })).statusCode, 200);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}`, Host: 'lab.test' })).statusCode, 200);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}`, Host: 'evil.test' })).statusCode, 421);
	const { stdout } = await lab.ctl('status', '--json');
	assert.ok(!stdout.includes(token));
	assert.ok(!lab.log.includes(token));
});
