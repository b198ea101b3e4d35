// Stories of Bob's phone, and what its tile and its lock screen show after each: real programs all the way.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

/* Alice at her desktop, Bob with a phone in the background, and with a desktop of his own. */
async function cast(lab, options = {}) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const office = options.office ? await Hosted.signIn(lab, 'desktop', bob) : null;

	await phone.do('background');
	await lab.wait('state', { user: bob, fields: { to_state: 'AWAY' } });
	return { alice, bob, desktop, phone, office };
}

const settings = { 'core.phone_linger': '200ms', 'core.hang_up_linger': '1ms' };

async function rings({ bob, desktop, phone }, text, tile) {
	await desktop.do('send', { to: bob.aor, text });
	await phone.expect('toast', { text });
	await phone.expect('tile', { text: String(tile) });
}

async function expire(lab, { bob }) {
	const { conversations } = await lab.get(`conversations?user=${bob.aor}&state=ALERTING`);

	await lab.post(`conversations/${conversations[0].id}/expire`);
}

async function screen(lab, { phone }) {
	const { actors } = await lab.get('actors');
	const { tile, toast } = actors.find((a) => a.id === phone.id);

	return { tile, toast: toast && toast.text };
}

scenario('missed twice, then the app is opened', { settings }, async (lab) => {
	const c = await cast(lab);

	await rings(c, 'One', 1);
	await expire(lab, c);
	await c.desktop.expect('failed');
	assert.deepEqual(await screen(lab, c), { tile: 1, toast: 'One' });
	await rings(c, 'Two', 2);
	await expire(lab, c);
	await c.desktop.expect('failed');
	assert.deepEqual(await screen(lab, c), { tile: 2, toast: 'Two' });
	await c.phone.do('open');
	await c.phone.expect('missed');
	assert.deepEqual(await screen(lab, c), { tile: 0, toast: null });
});

scenario('answered elsewhere: the toast goes, and counts no longer', { settings }, async (lab) => {
	const c = await cast(lab, { office: true });

	await rings(c, 'Hi', 1);
	await c.office.do('accept');
	await c.phone.expect('withdrawn');
	await c.phone.expect('tile', { text: '0' });
	assert.deepEqual(await screen(lab, c), { tile: 0, toast: null });
	await lab.wait('push', { user: c.bob, fields: { state: 'accepted' }, count: 2 });
	const { pushes } = await lab.get(`pushes?user=${c.bob.aor}`);
	assert.deepEqual(pushes.map((p) => p.withdraws ?? 0), [0, pushes[0].id]);
	assert.deepEqual(pushes.map((p) => p.state), ['accepted', 'accepted']);
});

scenario('declined elsewhere, and given up by the caller', { settings }, async (lab) => {
	const c = await cast(lab, { office: true });

	await rings(c, 'Hi', 1);
	await c.office.do('decline');
	await c.phone.expect('withdrawn');
	await c.desktop.expect('failed');
	await c.phone.expect('tile', { text: '0' });
	assert.deepEqual(await screen(lab, c), { tile: 0, toast: null });

	await rings(c, 'Again', 1);
	await c.desktop.do('cancel');
	await c.phone.expect('withdrawn');
	assert.deepEqual(await screen(lab, c), { tile: 1, toast: null });
});

scenario('a channel that is dead ends the subscription, for good', { settings }, async (lab) => {
	const c = await cast(lab);

	await lab.put('faults', { faults: [{ where: 'clearing-house→push-service', what: 'status', status: 404, user: c.bob.aor }] });
	await c.desktop.do('send', { to: c.bob.aor, text: 'Hi' });
	await lab.wait('user', { user: c.bob, fields: { action: 'subscription-dead' } });
	await lab.delete('faults');
	const told = await lab.get(`users/${c.bob.aor}/explanation`);
	assert.equal(told.cause, 'dead-channel');
	assert.match(told.findings.find((f) => f.topic === 'Subscription').text, /the push service said that its channel is dead/);
	await expire(lab, c);
	await c.desktop.expect('failed');
	await c.desktop.do('send', { to: c.bob.aor, text: 'Again' });
	await lab.wait('push', { user: c.bob, fields: { state: 'none' } });
	assert.equal((await lab.get(`pushes?user=${c.bob.aor}`)).pushes.length, 1);
	await c.desktop.do('cancel');
	// What a restart keeps is what an export holds.
	const row = (await lab.get('export')).rows.phone.find((p) => p.user === c.bob.aor);
	assert.deepEqual([row.notification_uri, row.subscription_ended_wall_us !== null], [null, true]);
});

scenario('a dead subscription stays dead over a restart, until the app subscribes again', { ephemeral: false }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	await app.subscribe();
	const cause = async () => (await lab.get(`users/${bob.aor}/explanation`)).cause;

	await lab.put('faults', { faults: [{ where: 'clearing-house→push-service', what: 'status', status: 404 }] });
	lab.desktop(alice, { im: [bob, 'Hi'] });
	await lab.wait('user', { user: bob, fields: { action: 'subscription-dead' } });
	await lab.delete('faults');
	assert.equal(await cause(), 'dead-channel');
	await lab.restart();
	assert.equal(await cause(), 'dead-channel');
	await app.create();
	await app.subscribe();
	assert.equal(await cause(), null);
});

scenario('a channel that was dead is alive for an app that subscribes with it again', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const { href } = app.application._links.pushSubscription;
	const { notificationUri } = await app.atPushService('POST', '/channels');
	const push = async (state, count) => {
		lab.desktop(alice, { im: [bob, 'Hi'] });
		await lab.wait('push', { user: bob, fields: { state }, count });
	};

	await app.must('PUT', href, { body: { platform: 'windowsPhone', notificationUri } });
	await lab.put('faults', { faults: [{ where: 'clearing-house→push-service', what: 'status', status: 404, times: 1 }] });
	await push('refused', 1);
	await lab.wait('user', { user: bob, fields: { action: 'subscription-dead' } });
	await app.must('PUT', href, { body: { platform: 'windowsPhone', notificationUri } });
	await push('accepted', 1);
	// Nobody holds the channel's connection.
	assert.equal((await lab.get(`users/${bob.aor}/explanation`)).cause, 'phone-away');
});

scenario('an iPhone: alert and badge, and the alert is taken back', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { iphone: true, background: true, onToast: 'ignore' });
	await phone.expect('background');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	const { messageId } = await phone.expect('toast', { text: 'Hi' });
	await phone.expect('tile', { count: '1' });
	await desktop.do('cancel');
	assert.equal((await phone.expect('withdrawn')).push, messageId);
	await phone.expect('tile', { count: '1' });
	// The phone has it before the answer is back.
	await lab.wait('push', { user: bob, fields: { state: 'accepted' }, count: 2 });
	const { pushes } = await lab.get(`pushes?user=${bob.aor}`);
	assert.deepEqual(pushes.map((p) => [p.platform, p.state]), [['apple', 'accepted'], ['apple', 'accepted']]);
});

for (const where of ['front-end→edge', 'edge→clearing-house', 'clearing-house→push-service']) {
	const late = { where, what: 'silence', times: 1 };

	scenario(`a push that is late at ${where}, and the caller gives up`, { settings }, async (lab) => {
		const c = await cast(lab);

		await lab.put('faults', { faults: [late] });
		await c.desktop.do('send', { to: c.bob.aor, text: 'Hi' });
		await lab.wait('fault', { fields: { what: 'silence' } });
		await c.desktop.do('cancel');
		await lab.wait('push', { user: c.bob, fields: { state: 'waiting' } });
		await lab.delete('faults');
		await c.phone.expect('toast', { text: 'Hi' });
		await c.phone.expect('withdrawn');
		assert.deepEqual(await screen(lab, c), { tile: 1, toast: null });
	});

	scenario(`a push that is late at ${where}, and another caller`, { settings }, async (lab) => {
		const c = await cast(lab);
		const carol = await Hosted.signIn(lab, 'desktop', await lab.user('carol'));

		await lab.put('faults', { faults: [late] });
		await c.desktop.do('send', { to: c.bob.aor, text: 'One' });
		await lab.wait('fault', { fields: { what: 'silence' } });
		await carol.do('send', { to: c.bob.aor, text: 'Two' });
		await lab.wait('push', { user: c.bob, fields: { state: 'waiting' } });
		await lab.delete('faults');
		await c.phone.expect('toast', { text: 'One' });
		await c.phone.expect('toast', { text: 'Two' });
		await c.phone.expect('tile', { text: '2' });
		assert.deepEqual(await screen(lab, c), { tile: 2, toast: 'Two' });
	});
}

scenario('more pushes wait than a phone may have', { settings: { ...settings, 'push.max_waiting': 1 } }, async (lab) => {
	const c = await cast(lab);
	const others = await lab.users('carol', 'dave');
	const desktops = await Promise.all(others.map((user) => Hosted.signIn(lab, 'desktop', user)));

	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'silence', times: 1 }] });
	for (const [i, from] of [c.desktop, ...desktops].entries()) {
		await from.do('send', { to: c.bob.aor, text: `Number ${i}` });
		await lab.wait('push', { user: c.bob, fields: { state: i ? 'waiting' : 'sent' }, count: i || 1 });
	}
	await lab.delete('faults');
	await c.phone.expect('toast', { text: 'Number 2' });
	await c.phone.expect('tile', { text: '3' });
	await lab.wait('push', { user: c.bob, fields: { state: 'accepted' }, count: 2 });
	const { pushes } = await lab.get(`pushes?user=${c.bob.aor}`);
	assert.deepEqual(pushes.map((p) => p.state), ['accepted', 'dropped', 'accepted']);
	assert.equal(pushes[1].reason, 'Too many pushes wait for this phone');
	assert.equal(await lab.metric('core_pushes_dropped_total'), 1);
});
