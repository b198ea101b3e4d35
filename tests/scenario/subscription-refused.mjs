// A subscription that no push could ever follow is refused when it is made, and the phone is told why.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const APPLE = { platform: 'apple', deviceToken: '00ff' };
const ELSEWHERE = { platform: 'webhook', notificationUri: 'http://push.lab.test/x' };

async function subscribe(lab, body) {
	const [bob] = await lab.users('bob');
	const app = await lab.app(bob);

	return app.request('PUT', app.application._links.pushSubscription.href, { body });
}

async function refused(lab, body, why) {
	const answer = await subscribe(lab, body);

	assert.equal(answer.status, 403, answer.text);
	assert.match(answer.body.message, why);
}

scenario('the clearing house of this process decides what it would refuse later', async (lab) => {
	assert.equal((await subscribe(lab, APPLE)).status, 201);
	await refused(lab, ELSEWHERE, /push\.allow_hosts/);
});

scenario('a clearing house without a way to iPhones', { roles: ['front-end', 'edge', 'clearing-house'] },
	(lab) => refused(lab, APPLE, /no connection to the Apple push service/));

scenario('settings take precedence over the clearing house',
	{ settings: { 'push.apple': 'yes', 'push.allow_hosts': 'push.lab.test other.lab.test', 'push.microsoft': 'no',
		'hosts.push.lab.test': '127.0.0.1' } },
	async (lab) => {
		assert.equal((await subscribe(lab, APPLE)).status, 201);
		assert.equal((await subscribe(lab, ELSEWHERE)).status, 201);
		await refused(lab, { platform: 'webhook', notificationUri: 'http://other.lab.test/x' }, /not in \[hosts\]/);
		await refused(lab, { platform: 'windowsPhone', notificationUri: 'http://push.lab.test/x' }, /push\.microsoft/);
	});

scenario('a clearing house elsewhere is left to decide',
	{ roles: ['front-end'], settings: { 'push.next_hop': 'sip:127.0.0.1:9;transport=tcp' } },
	async (lab) => {
		assert.equal((await subscribe(lab, APPLE)).status, 201);
		assert.equal((await subscribe(lab, ELSEWHERE)).status, 201);
	});
