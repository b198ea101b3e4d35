// Who may use the lab API by TCP: programs of this machine, but no page of another site and no push of our own.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { scenario } from '../lab.mjs';

// Whatever the list of allowed hosts says, no push leads to a listener of this process, but to its push service.
for (const [platform, spell] of [['webhook', (port) => `127.0.0.1:${port}`], ['windowsPhone', (port) => `0.0.0.0:${port}`],
	['webhook', (port) => `[::ffff:127.0.0.1]:${port}`]])
	scenario(`a push of the kind ${platform} to the lab API at ${spell('its port')} is refused`,
		{ settings: { 'clearing_house.allow_hosts': '*' } }, async (lab) => {
			const [alice, bob] = await lab.users('alice', 'bob');
			const app = await lab.app(bob);
			const notificationUri = `http://${spell(new URL(lab.ready.lab).port)}/lab/v1/clock/advance`;

			await app.must('PUT', app.application._links.pushSubscription.href, { body: { platform, notificationUri } });
			lab.desktop(alice, { im: [bob, 'Hi'] });
			const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });
			assert.ok(push);
			assert.match(push.fields.diag, /^30005/);
			assert.equal(await lab.metric('clearing_house_refused_total'), 1);
			assert.equal(await lab.metric('lab_pushes_refused_total') + await lab.metric('lab_types_refused_total'), 0);
			assert.equal((await lab.get('clock')).offsetMs, 0);
		});

// What a push of another clearing house could do if it were let in, and who must refuse it.
scenario('a push to the lab API does nothing', async (lab) => {
	for (const [headers, status, counter] of [
		[{ 'Content-Type': 'application/json', 'webhook-id': 'x' }, 403, 'lab_pushes_refused_total'],
		[{ 'Content-Type': 'text/xml', 'X-WindowsPhone-Target': 'toast' }, 415, 'lab_types_refused_total'],
	]) {
		const answer = await fetch(`${lab.ready.lab}/lab/v1/clock/advance`, { method: 'POST', body: '{"ms":1000}', headers });

		assert.equal(answer.status, status);
		assert.equal(await lab.metric(counter), 1);
	}
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

scenario('where probes, Prometheus and people look', async (lab) => {
	const at = async (where) => {
		const answer = await fetch(new URL(where, lab.ready.lab));

		return { status: answer.status, type: answer.headers.get('content-type'), policy: answer.headers.get('content-security-policy'),
			text: await answer.text() };
	};

	assert.deepEqual((({ status, text }) => [status, text])(await at('/healthz')), [200, 'ok\n']);
	assert.deepEqual((({ status, text }) => [status, text])(await at('/readyz')), [200, 'ready\n']);
	const metrics = await at('/metrics');
	assert.match(metrics.type, /^text\/plain; version=0\.0\.4/);
	assert.match(metrics.text, /^# HELP mcxd_core_phones [^\n]+\n# TYPE mcxd_core_phones gauge\nmcxd_core_phones 0\n/m);
	assert.ok(metrics.text.split('\n').every((line) => /^(# (HELP|TYPE) mcxd_\w+ .+|mcxd_\w+ -?\d+|)$/.test(line)));
	assert.equal((await at('/openapi.json')).status, 404);

	const page = await at('/lab/v1/');
	const document = JSON.parse((await at('/lab/v1/openapi.json')).text);
	assert.match(page.type, /^text\/html/);
	assert.match(page.policy, /^default-src 'none'; style-src 'self'; base-uri 'none'; /);
	assert.ok(!/<script|style=|https?:/.test(page.text));
	for (const [where, item] of Object.entries(document.paths))
		for (const [method, operation] of Object.entries(item)) {
			assert.ok(page.text.includes(`<code>${method.toUpperCase()} ${where}</code>`), where);
			assert.ok(page.text.includes(operation.summary.replaceAll('"', '&quot;')), operation.summary);
		}
	for (const link of page.text.matchAll(/href="#(\w+)"/g))
		assert.ok(page.text.includes(`id="${link[1]}"`), link[1]);
	assert.match((await at('/lab/v1/page.css')).type, /^text\/css/);
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
	assert.match(lab.ready.lab, /^https:/);
	assert.equal((await get(lab, '/lab/v1/clock')).statusCode, 401);
	assert.equal((await get(lab, '/metrics')).statusCode, 401);
	assert.equal((await get(lab, '/healthz')).statusCode, 200);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}` })).statusCode, 200);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}`, Host: 'lab.test' })).statusCode, 200);
	assert.equal((await get(lab, '/lab/v1/clock', { Authorization: `Bearer ${token}`, Host: 'evil.test' })).statusCode, 421);
	const { stdout } = await lab.ctl('status', '--json');
	assert.ok(!stdout.includes(token));
	assert.ok(!lab.log.includes(token));
});
