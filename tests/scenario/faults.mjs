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

// Both ends recorded what was struck, and both records name the fault.
async function bothEnds(lab, kind, fault, where) {
	const struck = (await lab.records({ kind })).filter((record) => record.fault);

	assert.deepEqual(struck.map(({ from, to, fault: name }) => [`${from}→${to}`, name]), [[where, fault.summary], [where, fault.summary]]);
	assert.deepEqual([struck[0].sent, struck[1].sent], [undefined, struck[0].seq]);
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
		assert.equal(record.users[0], bob.aor);
		await bothEnds(lab, 'sip', record, where);
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

scenario('a push is struck for one user, and not for another', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);
	const carol = await lab.user('carol');
	const hers = await Hosted.signIn(lab, 'phone', carol);

	await hers.do('background');
	for (const where of ['front-end→edge', 'edge→clearing-house', 'clearing-house→push-service', 'push-service→phone']) {
		await break_(lab, { where, what: 'status', status: 503, times: 1, user: bob.aor });
		await desktop.do('send', { to: carol.aor, text: where });
		await hers.expect('toast', { text: where });
		assert.deepEqual(await struck(lab), [0]);
		await desktop.do('cancel');
		await desktop.expect('failed');
		await desktop.do('send', { to: bob.aor, text: where });
		const record = await lab.wait('fault', { user: bob, fields: { joint: where } });
		assert.equal(record.users[0], bob.aor, where);
		assert.deepEqual(await struck(lab), [1]);
		if (where === 'push-service→phone')
			await phone.expect('toast', { text: where });
		await desktop.do('cancel');
		await desktop.expect('failed');
	}
});

scenario('the push service breaks in every way, and each push but the slow one is unanswered', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);
	const where = 'clearing-house→push-service';

	for (const what of ['close', 'reset', 'garbage']) {
		await break_(lab, { where, what, times: 1 });
		await desktop.do('send', { to: bob.aor, text: what });
		const record = await lab.wait('fault', { fields: { joint: where, what } });
		assert.equal(record.to, 'push-service');
		await lab.wait('push', { user: bob, fields: { state: /refused|failed|unanswered/ }, from: record.seq });
		if (what === 'close')
			await bothEnds(lab, 'http', record, where);
		await desktop.do('cancel');
		await desktop.expect('failed');
	}
	assert.equal((await phone.see()).toast, null);
	// The notification itself is not slow: only what the push service answers to the clearing house.
	await lab.request('POST', 'clock/freeze');
	await break_(lab, { where, what: 'slow', ms: 3000, times: 1 });
	await desktop.do('send', { to: bob.aor, text: 'slow' });
	await phone.expect('toast', { text: 'slow' });
	const { seq } = await lab.wait('fault', { fields: { what: 'slow' } });
	await lab.verify('fault', { fields: { what: 'slow' } });
	assert.equal((await lab.get(`pushes?user=${bob.aor}`)).pushes.at(-1).state, 'sent');
	await lab.advance(3000);
	await lab.wait('push', { user: bob, fields: { state: 'accepted' }, from: seq });
});

scenario('what the carrier holds comes when the fault is mended', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	// The request that waits already has come before.
	await break_(lab, { where: 'push-service→phone', what: 'silence' });
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await phone.expect('toast', { text: 'One' });
	await lab.wait('fault', { fields: { joint: 'push-service→phone' } });
	await desktop.do('cancel');
	await desktop.expect('failed');
	await desktop.do('send', { to: bob.aor, text: 'Two' });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' }, count: 2 });
	assert.notEqual((await phone.see()).toast?.text, 'Two');
	assert.equal((await lab.request('DELETE', 'faults')).status, 204);
	await phone.expect('toast', { text: 'Two' });
});

scenario('the front end breaks in every way, over HTTPS', async (lab) => {
	const bob = await lab.user('bob');
	const phone = await Hosted.make(lab, 'phone', bob);
	const where = 'phone→front-end';

	for (const what of ['close', 'reset', 'garbage']) {
		// Once is not enough: a client asks again where a connection that has worked before ends.
		await break_(lab, { where, what, user: bob.aor });
		await phone.do('sign-in');
		await phone.expect('signed-out');
		const record = await lab.wait('fault', { user: bob, fields: { joint: where, what } });
		const { fields } = await lab.wait('http', { user: bob, fields: { fault: record.summary } });
		assert.equal(fields.status, undefined);
	}
	await lab.request('POST', 'clock/freeze');
	for (const what of ['slow', 'delay']) {
		await break_(lab, { where, what, ms: 5000, user: bob.aor, times: 1 });
		await phone.do('sign-in');
		await lab.wait('fault', { user: bob, fields: { joint: where, what } });
		assert.equal((await phone.see()).state, 'signing-in');
		await lab.advance(5000);
		await phone.expect('subscribed');
		await phone.do('sign-out');
		await phone.expect('signed-out');
	}
});

scenario('a reset of one user mends what names this user, and one of all loses what is held', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const where = 'sip-peer→front-end';

	await break_(lab, { where, what: 'drop', user: bob.aor }, { where, what: 'garbage', user: 'x@lab.test' }, { where, what: 'silence' });
	assert.equal((await lab.request('POST', 'reset', { user: bob.aor })).status, 204);
	assert.deepEqual((await lab.get('faults')).faults.map(({ what }) => what), ['garbage', 'silence']);
	await desktop.do('send', { to: bob.aor, text: 'Lost' });
	await lab.wait('fault', { user: bob, fields: { what: 'silence' } });
	assert.equal((await lab.request('POST', 'reset', {})).status, 204);
	assert.deepEqual((await lab.get('faults')).faults, []);
	await lab.get('status');
	await lab.never('conversation');
});

scenario('an INVITE that is delayed rings later', async (lab) => {
	const { alice, bob, desktop, phone } = await stage(lab);
	const where = 'sip-peer→front-end';

	await lab.request('POST', 'clock/freeze');
	await break_(lab, { where, what: 'delay', ms: 5000, user: alice.aor, times: 1 });
	await desktop.do('send', { to: bob.aor, text: 'Late' });
	await lab.wait('fault', { user: alice, fields: { what: 'delay' } });
	assert.equal((await phone.see()).toast, null);
	await lab.advance(5000);
	await phone.expect('toast', { text: 'Late' });
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
