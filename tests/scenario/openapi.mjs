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

scenario('what the lab API says of the bounds of a number, a text or a list is what it checks', async (lab) => {
	const { json } = documentOf('lab_socket');
	const [bob] = await lab.users('bob');
	const fault = { where: 'front-end→edge', what: 'drop' };
	const bodies = {
		Wait: ['POST', 'wait', { kind: 'sip', timeoutMs: 0 }], Verify: ['POST', 'verify', { kind: 'sip' }], Advance: ['POST', 'clock/advance', { ms: 0 }],
		NewUser: ['POST', 'users', { aor: 'new@lab.test', password: 'x' }], UserChange: ['PATCH', `users/${bob.aor}`, {}],
		NewActor: ['POST', 'actors', { kind: 'phone', user: bob.aor }], SetFaults: ['PUT', 'faults', { faults: [] }],
		Step: ['POST', 'verify', null, (step) => ({ order: [{ kind: 'sip', ...step }] })],
		Fault: ['PUT', 'faults', null, (more) => ({ faults: [{ ...fault, ...'status' in more && { what: 'status' }, ...'ms' in more && { what: 'delay' }, ...more }] })],
	};
	const outside = ({ type, ...bounds }) => ({
		integer: [bounds.minimum - 1, bounds.maximum + 1],
		string: [bounds.minLength === 1 && '', bounds.maxLength && '1'.repeat(bounds.maxLength + 1)],
		array: [bounds.minItems === 1 && [], bounds.maxItems && Array.from({ length: bounds.maxItems + 1 }, () => type === 'array' ? { kind: 'sip', ...fault } : 0)],
	})[type]?.filter((value) => Number.isSafeInteger(value) || value === '' || value?.length >= 0) ?? [];
	let n = 0;

	for (const [name, [method, where, usual, make = (more) => ({ ...usual, ...more })]] of Object.entries(bodies))
		for (const [member, schema] of Object.entries(json.components.schemas[name].properties)) {
			for (const value of outside(schema)) {
				const { status, text } = await lab.request(method, where, make({ [member]: value }));

				assert.equal(status, 400, `${name}.${member} ${JSON.stringify(value).slice(0, 80)}: ${text}`);
				n++;
			}
		}
	for (const { name, schema } of json.paths['/lab/v1/journal/export'].get.parameters.concat(json.paths['/lab/v1/journal'].get.parameters))
		for (const value of outside(schema)) {
			const where = ['width', 'ascii', 'at'].includes(name) ? 'journal/export?format=text' : 'journal?';

			assert.equal((await lab.request('GET', `${where}&${name}=${value}`)).status, 400, `${name}=${value}`);
			n++;
		}
	assert.ok(n > 35, `${n}`);
	assert.equal(json.components.schemas.Fault.properties.nth.minimum, 1);
	assert.deepEqual(['minimum', 'maximum'].map((what) => json.components.schemas.Fault.properties.status[what]), [400, 699]);
});
