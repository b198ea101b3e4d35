// A test leaves the lab as it found it: whoever waits is answered, and nothing of it comes back.
import assert from 'node:assert/strict';
import { Device } from '../device.mjs';
import { scenario } from '../lab.mjs';

const demo = ['alice', 'bob', 'carol', 'dave', 'erin'].map((name) => `${name}@lab.test`);

scenario('a reset ends everything, and it stays ended after a restart', { ephemeral: false }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);

	await app.subscribe();
	await lab.request('PATCH', 'users/bob@lab.test', { displayName: 'Robert' });
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const talking = await lab.app({ aor: 'carol@lab.test', displayName: 'Carol', password: 'secret' });
	const invited = talking.invitation();
	const caller = lab.desktop({ aor: 'dave@lab.test', displayName: 'Dave' }, { im: ['carol@lab.test', 'Hi'] });
	await (await invited).accept();
	await caller.expect('connected');
	await lab.post('clock/freeze');
	await lab.post('actors', { kind: 'phone', user: 'erin@lab.test', signIn: true });

	await lab.post('reset', {});
	await desktop.expect('failed', { text: /^480 .*reset/s });
	await caller.expect('ended');
	assert.equal((await lab.get('clock')).frozen, false);
	const check = async () => {
		const { users } = await lab.get('users');

		assert.deepEqual(users.map((u) => u.aor).sort(), demo);
		assert.equal(users.find((u) => u.aor === 'bob@lab.test').displayName, 'Bob');
		for (const what of ['actors', 'endpoints', 'conversations', 'pushes'])
			assert.deepEqual((await lab.get(what))[what], [], what);
	};
	await check();
	assert.equal((await talking.request('GET', talking.self)).status, 401);
	await lab.wait('lab', { fields: { action: 'reset' } });
	await lab.restart();
	await check();
	assert.equal((await talking.request('GET', talking.self)).status, 401);
});

scenario('a reset of one user leaves the others alone', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [app, other] = [await lab.app(bob), await lab.app(alice)];
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });

	await invited;
	assert.equal((await lab.request('POST', 'reset', { user: 'nobody@lab.test' })).status, 404);
	assert.equal((await lab.ctl('reset', bob.aor)).code, 0);
	await desktop.expect('failed', { text: /^480 / });
	assert.deepEqual((await lab.get(`endpoints?user=${bob.aor}`)).endpoints, []);
	assert.deepEqual((await lab.get(`conversations?user=${bob.aor}`)).conversations, []);
	assert.equal((await lab.get(`users/${bob.aor}`)).phones, 0);
	assert.equal((await app.request('GET', app.self)).status, 401);
	assert.equal((await other.request('GET', other.self)).status, 200);
	await lab.app(bob);
	await lab.wait('lab', { user: bob, fields: { action: 'reset' } });
});

scenario('pushes that were not sent before a reset are forgotten', async (lab) => {
	const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
	const missing = async (query = '') => (await lab.get(`pushes${query}`)).notSent.map(({ user }) => user);
	const ring = async (user) => {
		await lab.app(user); // without a subscription
		lab.desktop(alice, { im: [user, 'Hi'] });
		await lab.wait('push', { user, fields: { state: 'none' } });
	};

	await ring(bob);
	await ring(carol);
	assert.deepEqual(await missing(), [bob.aor, carol.aor]);
	await lab.post('reset', { user: bob.aor });
	assert.deepEqual(await missing(), [carol.aor]);
	assert.deepEqual(await missing(`?user=${bob.aor}`), []);
	assert.doesNotMatch((await lab.ctl('explain', bob.aor)).stdout, /would have been due/);
	await lab.post('reset', {});
	assert.deepEqual(await missing(), []);
});

const carol = { aor: 'carol@lab.test', displayName: 'Carol', password: 'secret' };

// An app that is away, with a subscription.
async function subscribe(lab, body) {
	const app = await lab.app(carol);

	await app.must('PUT', app.application._links.pushSubscription.href, { body });
}

for (const user of [undefined, carol.aor]) {
	const whose = user ? 'its user' : 'everybody';

	scenario(`what the clearing house still has to repeat does not come after a reset of ${whose}`, async (lab) => {
		const phone = await Device.open(lab, { user: carol.aor });
		const body = { platform: 'windowsPhone', notificationUri: phone.channel.notificationUri };

		await lab.put('faults', { faults: [{ where: 'clearing-house→push-service', what: 'status', status: 503, user: carol.aor }] });
		await subscribe(lab, body);
		lab.desktop({ aor: 'dave@lab.test', displayName: 'Dave' }, { im: [carol.aor, 'Old'] });
		await lab.wait('push', { fields: { state: 'repeated' } });
		await lab.post('reset', { user });
		assert.deepEqual((await lab.get('faults')).faults, []);
		await subscribe(lab, body);
		lab.desktop({ aor: 'erin@lab.test', displayName: 'Erin' }, { im: [carol.aor, 'New'] });
		const toasts = [];

		while (!toasts.length)
			toasts.push(...(await phone.notifications()).filter(({ kind }) => kind === 'toast'));
		assert.equal(toasts[0].text2, 'New');
	});

	scenario(`a channel that was dead is tried again after a reset of ${whose}`, async (lab) => {
		const phone = await Device.open(lab, { platform: 'apple' });
		const body = { platform: 'apple', deviceToken: phone.channel.deviceToken };
		const push = async () => {
			await subscribe(lab, body);
			await lab.post('test-push', { user: carol.aor });
			return lab.metric('clearing_house_dead_total');
		};

		await phone.close();
		assert.equal(await push(), 1);
		await lab.post('reset', { user });
		assert.equal(await push(), 2);
	});
}
