// Joints that are broken over the lab API: each fault has its effect, is in the journal, and ends when it is mended.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

async function stage(lab) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await phone.do('background');
	return { alice, bob, desktop, phone };
}

async function break_(lab, ...faults) {
	const { status, body } = await lab.request('PUT', 'faults', { faults });

	assert.equal(status, 200, JSON.stringify(body));
	return body;
}

async function struck(lab) {
	return (await lab.get('faults')).faults.map((fault) => fault.struck);
}

for (const [where, hop] of [['front-end→edge', 'edge'], ['edge→clearing-house', 'clearing-house']])
	scenario(`${where} answers one push with 503, and the next one arrives`, async (lab) => {
		const { bob, desktop, phone } = await stage(lab);

		await break_(lab, { where, what: 'status', status: 503, times: 1 });
		await desktop.do('send', { to: bob.aor, text: 'One' });
		const record = await lab.wait('fault', { fields: { joint: where, count: 1 } });
		assert.equal(record.summary, 'Fault 1 of 1: status 503');
		const answer = await lab.wait('sip', { fields: { method: 'MESSAGE', status: 503 } });
		assert.equal(answer.from, hop);
		// Both are the story of the same push.
		assert.equal(record.key, `sip:${answer.fields.call_id}`);
		assert.deepEqual(await struck(lab), [1]);
		await desktop.do('cancel');
		await desktop.expect('failed');
		await desktop.do('send', { to: bob.aor, text: 'Two' });
		await phone.expect('toast', { text: 'Two' });
		assert.deepEqual(await struck(lab), [1]);
	});

scenario('a push that is lost between front end and Edge has no answer, and times out', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await break_(lab, { where: 'front-end→edge', what: 'drop' });
	await desktop.do('send', { to: bob.aor, text: 'Lost' });
	await lab.wait('fault', { fields: { what: 'drop' } });
	await lab.advance(60000);
	await desktop.expect('failed', { text: /^408/ });
	const [push] = (await lab.get(`pushes?user=${bob.aor}`)).pushes;
	assert.notEqual(push.state, 'accepted');
	assert.equal((await phone.see()).toast, null);
});

scenario('the push service refuses, delays, and says nothing', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);
	const where = 'clearing-house→push-service';

	await break_(lab, { where, what: 'status', status: 500, nth: 1 });
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await lab.wait('fault', { fields: { joint: where } });
	await lab.wait('push', { user: bob, fields: { state: /refused|failed|unanswered/ } });
	await desktop.do('cancel');
	await desktop.expect('failed');

	await break_(lab, { where, what: 'delay', ms: 3600000, nth: 1 });
	await desktop.do('send', { to: bob.aor, text: 'Two' });
	await lab.wait('fault', { fields: { what: 'delay' } });
	assert.equal((await phone.see()).toast, null);
	await desktop.do('cancel');
	await desktop.expect('failed');
	await lab.advance(3600000);
	await phone.expect('toast', { text: 'Two' });
	await phone.do('dismiss');

	await break_(lab, { where, what: 'silence' });
	await desktop.do('send', { to: bob.aor, text: 'Three' });
	await lab.wait('fault', { fields: { what: 'silence' } });
	assert.equal((await phone.see()).toast, null);
});

scenario('the front end answers one phone with 503, and not the other', async (lab) => {
	const [bob, carol] = await lab.users('bob', 'carol');

	await break_(lab, { where: 'phone→front-end', what: 'status', status: 503, user: bob.aor });
	const hers = await Hosted.signIn(lab, 'phone', carol);
	const his = await Hosted.make(lab, 'phone', bob);

	await his.do('sign-in');
	await his.expect('signed-out');
	assert.match((await his.see()).problem, /503/);
	assert.equal((await hers.see()).state, 'signed-in');
	const record = await lab.wait('fault', { user: bob });
	assert.deepEqual(record.users, [bob.aor]);

	assert.equal((await lab.request('DELETE', 'faults')).status, 204);
	assert.deepEqual((await lab.get('faults')).faults, []);
	await his.do('sign-in');
	await his.expect('subscribed');
});

scenario('a carrier request is refused, and the phone asks again', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await break_(lab, { where: 'push-service→phone', what: 'status', status: 503, times: 1 });
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await phone.expect('toast', { text: 'One' });
	await lab.wait('fault', { fields: { joint: 'push-service→phone' } });
	await phone.expect('tile');
});

scenario('a SIP peer is refused and then heard', async (lab) => {
	const { alice, bob, desktop, phone } = await stage(lab);

	await break_(lab, { where: 'sip-peer→front-end', what: 'status', status: 606, times: 1, user: alice.aor });
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await desktop.expect('failed', { text: /^606/ });
	await desktop.do('send', { to: bob.aor, text: 'Two' });
	await phone.expect('toast', { text: 'Two' });
});

scenario('an INVITE that is lost times out at the sender', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await break_(lab, { where: 'sip-peer→front-end', what: 'drop', user: bob.aor });
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await lab.wait('fault', { user: bob, fields: { what: 'drop' } });
	await lab.advance(40000);
	await desktop.expect('failed', { text: /^408/ });
	assert.equal((await phone.see()).toast, null);
});

scenario('a phone that gets no answer waits', async (lab) => {
	const bob = await lab.user('bob');
	const phone = await Hosted.make(lab, 'phone', bob);

	await break_(lab, { where: 'phone→front-end', what: 'silence', user: bob.aor });
	await phone.do('sign-in');
	await lab.wait('fault', { user: bob, fields: { what: 'silence' } });
	assert.equal((await phone.see()).state, 'signing-in');
	await phone.remove();
});

scenario('there is a limit of faults', { settings: { 'lab.max_faults': 1 } }, async (lab) => {
	const fault = { where: 'front-end→edge', what: 'drop' };
	const { status, body } = await lab.request('PUT', 'faults', { faults: [fault, fault] });

	assert.equal(status, 400);
	assert.match(body.error.message, /1 faults at once \(lab.max_faults\)/);
});

scenario('what a joint cannot do is refused, and changes nothing', async (lab) => {
	await break_(lab, { where: 'front-end→edge', what: 'drop', nth: 5 });
	for (const [fault, word] of [
		[{ where: 'front-end→edge', what: 'slow' }, /slow needs "ms"/],
		[{ where: 'phone→front-end', what: 'status', status: 600 }, /from 400 to 599/],
		[{ where: 'front-end→edge', what: 'drop', user: 'nobody' }, /The user "nobody" is not an address: /],
		[{ where: 'nowhere', what: 'drop' }, /Unknown joint "nowhere"; there are: front-end→edge/],
		[{ where: 'front-end→edge', what: 'fire' }, /Unknown fault "fire"/],
		[{ where: 'front-end→edge', what: 'drop', when: 1 }, /Unknown member "when"/],
		[7, /A fault is an object/],
	]) {
		const { status, body } = await lab.request('PUT', 'faults', { faults: [fault] });

		assert.equal(status, 400);
		assert.match(body.error.message, word);
	}
	assert.deepEqual((await lab.get('faults')).faults, [{ where: 'front-end→edge', what: 'drop', nth: 5, struck: 0 }]);
});

scenario('what a joint can do is told, and is so', async (lab) => {
	const { joints } = await lab.get('faults');
	const { schemas } = (await lab.get('openapi.json')).components;

	for (const { where, can } of joints) {
		for (const what of schemas.Fault.properties.what.enum) {
			const numbers = { status: { status: 503 }, delay: { ms: 1 }, slow: { ms: 1 } }[what];
			const { status } = await lab.request('PUT', 'faults', { faults: [{ where, what, ...numbers }] });

			assert.equal(status, can.includes(what) ? 200 : 400, `${where}: ${what}`);
		}
	}
});
