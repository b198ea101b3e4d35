// The clearing house answers before those who wait for it give up, whatever the push service does.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const where = 'clearing-house→push-service';

async function pushOnce(lab, fault) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	await lab.request('PUT', 'faults', { faults: [{ where, ...fault }] });
	lab.desktop(alice, { im: [bob, 'Hi'] });
	return { phone, push: await lab.wait('push', { user: bob, fields: { state: /accepted|refused|unanswered/ } }) };
}

for (const [name, setting] of [['the Edge', 'edge.timeout'], ['the front end', 'push.timeout']])
	scenario(`a push service that says nothing, and ${name} that waits for a second`, { settings: { [setting]: '1s' } }, async (lab) => {
		const { push } = await pushOnce(lab, { what: 'silence' });

		assert.match(push.fields.diag, /^30017/);
		assert.equal(await lab.metric('clearing_house_late_total'), 1);
	});

scenario('a push service that is busy for a moment', { settings: { 'clearing_house.retry_delay': '10ms' } }, async (lab) => {
	const { phone, push } = await pushOnce(lab, { what: 'status', status: 503, times: 2 });

	assert.match(push.fields.diag, /^30000/);
	await phone.expect('toast', { text: 'Hi' });
	assert.equal(await lab.metric('clearing_house_retries_total'), 2);
});
