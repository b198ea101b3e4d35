// A program of its own takes pushes as webhooks, with Standard Webhooks' library, and is told what becomes of them.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { scenario } from '../lab.mjs';

// Answers with what `answer` says of the request's number: a status, or one with headers.
async function receive(answer) {
	const requests = [];
	const waiting = [];
	const server = http.createServer((request, response) => {
		let body = '';

		request.setEncoding('utf8').on('data', (part) => {
			body += part;
		}).on('end', () => {
			const [status, headers] = [answer(requests.length)].flat();

			requests.push({ headers: request.headers, body, url: request.url, method: request.method });
			response.writeHead(status, headers).end();
			waiting.splice(0).forEach((resolve) => resolve());
		});
	});

	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();

	return { requests, port, url: `http://127.0.0.1:${port}/hook`,
		async until(n) {
			while (requests.length < n)
				await new Promise((resolve) => waiting.push(resolve));
		},
		close: () => new Promise((resolve) => {
			server.close(resolve);
			server.closeAllConnections();
		}) };
}

async function play(answer, story) {
	const hook = await receive(answer);

	try {
		await story(hook);
	} finally {
		await hook.close();
	}
}

async function subscribe(lab, bob, notificationUri) {
	const app = await lab.app(bob);

	return app.request('PUT', app.application._links.pushSubscription.href, { body: { platform: 'webhook', notificationUri } });
}

async function secretOf(lab) {
	const file = path.join(path.dirname(lab.ready.lab_socket), 'webhook.secret');

	assert.equal((await stat(file)).mode & 0o777, 0o600);
	return (await readFile(file, 'utf8')).trim();
}

const withHooks = { settings: { 'clearing_house.allow_hosts': '127.0.0.1:*' } };

scenario('a webhook is verified by the library, and carries no secret', withHooks, (lab) => play(() => 204, async (hook) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const secret = await secretOf(lab);

	assert.equal((await subscribe(lab, bob, hook.url)).status, 201);
	lab.desktop(alice, { im: [bob, 'Grüße'] });
	await hook.until(1);
	const [{ headers, body, url, method }] = hook.requests;
	const said = new Webhook(secret).verify(body, headers);

	assert.deepEqual([method, url, headers['content-type']], ['POST', '/hook', 'application/json']);
	assert.equal(said.message, 'Grüße');
	assert.equal(said.from, `sip:${alice.aor}`);
	assert.equal(said.id, headers['webhook-id']);
	assert.throws(() => new Webhook(secret).verify(body.replace('Gr', 'Br'), headers), /signature/);
	assert.throws(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'x' }), /signature/);
	const push = await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	assert.match(push.fields.diag, /^30000/);
	const journal = JSON.stringify(await lab.get('journal?limit=1000'));
	assert.ok(journal.includes(headers['webhook-id']));
	assert.ok(!journal.includes(secret.slice('whsec_'.length)));
}));

// Every attempt has the same id, and a time and a signature of its own.
scenario('a receiver that is busy is asked again', { settings: { ...withHooks.settings, 'clearing_house.retry_delay': '10ms' } },
	(lab) => play((n) => n === 0 ? [503, { 'Retry-After': '1' }] : 200, async (hook) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const secret = await secretOf(lab);

		await subscribe(lab, bob, hook.url);
		lab.desktop(alice, { im: [bob, 'Hi'] });
		await hook.until(2);
		const [first, second] = hook.requests;

		new Webhook(secret).verify(first.body, first.headers);
		new Webhook(secret).verify(second.body, second.headers);
		assert.equal(first.headers['webhook-id'], second.headers['webhook-id']);
		assert.equal(first.body, second.body);
		const push = await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
		assert.ok(push);
		assert.equal(await lab.metric('clearing_house_retries_total'), 1);
	}));

scenario('a receiver that is gone hears nothing more', withHooks, (lab) => play(() => 410, async (hook) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	await subscribe(lab, bob, hook.url);
	lab.desktop(alice, { im: [bob, 'Hi'] });
	const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

	assert.match(push.fields.diag, /^30008/);
	assert.equal(hook.requests.length, 1);
	assert.equal(await lab.metric('clearing_house_dead_total'), 1);
}));

// The list names one port of this machine; another one is not asked, also not by a redirect.
scenario('a redirect leads nowhere', {}, async (lab) => {
	await play(() => 200, (elsewhere) => play(() => [307, { Location: elsewhere.url }], async (hook) => {
		const refused = await subscribe(lab, await lab.user('bob'), hook.url);

		assert.equal(refused.status, 403, refused.text);
		await lab.restart({ signal: 'SIGTERM', settings: { 'clearing_house.allow_hosts': `127.0.0.1:${hook.port}` } });
		const [alice, bob] = await lab.users('alice', 'bob');

		assert.equal((await subscribe(lab, bob, elsewhere.url)).status, 403);
		assert.equal((await subscribe(lab, bob, hook.url)).status, 201);
		lab.desktop(alice, { im: [bob, 'Hi'] });
		const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

		assert.match(push.fields.diag, /^30014/);
		assert.equal(hook.requests.length, 1);
		assert.equal(elsewhere.requests.length, 0);
	}));
});
