// The documents that the servers serve: sound, with examples that fit, and held against what goes over the wire (which
// tests/openapi.mjs does in every scenario).
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { scenario } from '../lab.mjs';
import { Document, documentOf } from '../openapi.mjs';

async function sound(document) {
	const { valid, errors } = await new Validator().validate(structuredClone(document));

	assert.ok(valid, JSON.stringify(errors, null, 1));
	assert.equal(document.openapi, '3.1.0');
	const asked = new Document(document);

	asked.compile();
	asked.examples();
}

function operations(document) {
	return Object.values(document.paths).flatMap((path) => Object.values(path));
}

scenario('the HTTPS API', async (lab) => {
	const [bob] = await lab.users('bob');
	const app = await lab.app(bob);
	const document = await app.must('GET', '/openapi.json');

	await sound(document);
	assert.deepEqual(document.servers, [{ url: lab.ready.https }]);
	const ours = operations(document).filter((o) => o['x-mcxd-extension']);
	assert.ok(ours.every((o) => o.tags.includes('mcxd extension')));
	assert.deepEqual(Object.keys(document.paths['/ucwa/oauth/v1/applications/{app}/pushSubscription']), ['get', 'put', 'delete']);
	assert.ok(operations(document).every((o) => o.summary && o.operationId));
});

scenario('the push service', async (lab) => {
	await sound(await (await fetch(new URL('/openapi.json', lab.ready.push_service))).json());
});

scenario('the lab API', async () => {
	await sound(documentOf('lab_socket').json);
});

scenario('an answer that differs is found', async () => {
	const document = documentOf('lab_socket');
	const answer = (body, status = 200) => document.check({
		method: 'GET', path: '/lab/v1/clock', status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body),
	});
	const clock = { now: '2012-01-18T05:00:43.101000Z', labMs: 1, offsetMs: 0, frozen: false };

	assert.equal(answer(clock), null);
	assert.match(answer({ ...clock, labMs: 'x' }), /labMs must be integer/);
	assert.match(answer({ ...clock, more: 1 }), /additional properties/);
	assert.match(answer({ now: clock.now, labMs: 1 }), /offsetMs/);
	assert.match(answer(clock, 202), /202 is not documented/);
	assert.match(document.check({ method: 'GET', path: '/lab/v1/nowhere', status: 200, headers: {}, text: '' }), /operation/);
});
