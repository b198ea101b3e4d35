// Every drill: a known failure is played, seen by everybody as it should be, and nothing is left of it.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

async function state(lab) {
	const { users } = await lab.get('users');
	const { settings } = await lab.get('settings');
	const { faults } = await lab.get('faults');

	return { users: users.map((u) => u.aor), faults, settings, actors: (await lab.get('actors')).actors };
}

scenario('every drill of the list passes, and puts everything back', async (lab) => {
	await lab.put('faults', { faults: [{ where: 'phone→front-end', what: 'delay', ms: 1, user: 'nobody@lab.test' }] });
	const before = await state(lab);
	const { drills } = await lab.get('drills');
	const causes = new Set(drills.map((d) => d.cause));

	for (const cause of ['no-uri', 'user-policy', 'site-policy', 'mobility-off', 'foreground', 'dead-channel', 'edge-domain', 'unreachable', 'certificate', 'throttled',
		'platform-down', 'host-not-allowed', 'apple-not-configured'])
		assert.ok(causes.has(cause), cause);
	for (const { name } of drills) {
		const result = await lab.ctl('drill', name);

		assert.equal(result.code, 0, result.stdout + result.stderr);
		assert.match(result.stdout, new RegExp(`^${name}: [^]*\\npassed\\n$`));
	}
	assert.deepEqual(await state(lab), before);
});

scenario('drills are listed, one is played at a time, and one that does not exist is refused', async (lab) => {
	const list = (await lab.ctl('drill', 'list')).stdout;

	assert.match(list, /^DRILL +EXPLAINED AS +DISTURBS +WHAT HAPPENS\n/);
	assert.match(list, /^dead-channel +dead-channel +nobody +The phone's channel is dead \(MPNS 404\)$/m);
	for (const name of ['site-policy', 'edge-domain', 'certificate', 'host-not-allowed', 'apple-not-configured'])
		assert.match(list, new RegExp(`^${name} +\\S+ +everybody `, 'm'));
	// The first cannot go on before the fault is mended.
	await lab.put('faults', { faults: [{ where: 'phone→front-end', what: 'silence' }] });
	const first = lab.ctl('drill', 'no-uri');
	await lab.wait('actor', { fields: { event: 'created' } });
	assert.match((await lab.ctl('drill', 'no-uri')).stderr, /there is one at a time/);
	await lab.delete('faults');
	assert.equal((await first).code, 0);
	assert.match((await lab.ctl('drill', 'nonsense')).stderr, /There is no drill "nonsense"/);
});

scenario('a drill that cannot see what it has to see says so, and fails', async (lab) => {
	// The Edge answers before the drill's own fault is asked at the next hop.
	await lab.put('faults', { faults: [{ where: 'front-end→edge', what: 'status', status: 500 }] });
	const result = await lab.ctl('drill', 'dead-channel');

	assert.equal(result.code, 1);
	assert.match(result.stdout, /not ok {2}the explanation: refused\n +wanted: dead-channel\n/);
	assert.match(result.stdout, /\nfailed\n$/);
	assert.equal((await lab.get('faults')).faults.length, 1);
});

scenario('a drill ends with a reset of the lab', async (lab) => {
	await lab.put('faults', { faults: [{ where: 'phone→front-end', what: 'silence' }] });
	const drill = lab.ctl('drill', 'no-uri');

	await lab.wait('actor', { fields: { event: 'created' } });
	await lab.post('reset');
	const result = await drill;

	assert.equal(result.code, 1);
	assert.match(result.stdout, /It could not be played: The lab was reset/);
	assert.deepEqual((await lab.get('actors')).actors, []);
});

scenario('what others change during a drill stays', async (lab) => {
	const changed = async () => Object.fromEntries((await lab.get('settings')).settings.map((s) => [s.name, s.value]));
	const before = await changed();
	const mine = { where: 'phone→front-end', what: 'delay', ms: 1, times: 3, user: 'nobody@lab.test', struck: 2, seen: 2 };

	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'silence' }] });
	const drill = lab.ctl('drill', 'dead-channel');

	await lab.wait('fault', { fields: { joint: 'edge→clearing-house' } });
	const { faults, seed } = await lab.get('faults');
	assert.deepEqual(faults.map((f) => f.where), ['clearing-house→push-service', 'edge→clearing-house']);
	await lab.change({ 'core.phone_linger': '7s' });
	await lab.put('faults', { faults: [mine, faults[0]], seed });
	const result = await drill;

	assert.equal(result.code, 0, result.stdout + result.stderr);
	assert.deepEqual((await lab.get('faults')).faults, [mine]);
	assert.deepEqual(await changed(), { ...before, 'core.phone_linger': '7s' });
});

// A clearing house that is elsewhere is not this daemon's to change.
scenario('drills of a clearing house that is not here do not exist', { roles: ['front-end', 'edge', 'push-service'], settings: {
	'edge.next_hop': 'sip:127.0.0.1:9;transport=tcp' } }, async (lab) => {
	assert.match((await lab.ctl('drill', 'host-not-allowed')).stderr, /There is no drill "host-not-allowed"/);
});

scenario('the users of a drill cannot be removed, and are not in the store', { ephemeral: false }, async (lab) => {
	// The phone is there, and the sender is not until this is mended.
	await lab.put('faults', { faults: [{ where: 'sip-peer→front-end', what: 'silence' }] });
	const drills = async () => (await lab.get('users')).users.filter((u) => u.aor.startsWith('drill-'));
	const drill = lab.ctl('drill', 'user-policy').catch(() => {});

	await lab.wait('fault', { fields: { joint: 'sip-peer→front-end' } });
	const users = await drills();

	assert.equal(users.length, 2);
	for (const { aor } of users)
		assert.equal((await lab.request('DELETE', `users/${encodeURIComponent(aor)}`)).status, 409);
	await lab.restart();
	await drill;
	assert.deepEqual(await drills(), []);
	assert.deepEqual((await lab.get('phones')).phones, []);
});

// Each of its steps is looked at when something is recorded.
scenario('without a journal neither drills nor test-im are played', { settings: { 'journal.max_records': '0' } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	for (const args of [['drill', 'no-uri'], ['test-im', alice.aor, bob.aor]])
		assert.match((await lab.ctl(...args)).stderr, /journal/);
});

scenario('tests name a user without a domain', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const name = (user) => user.aor.split('@')[0];

	assert.equal((await lab.ctl('test-im', name(alice), name(bob))).code, 0);
	assert.match((await lab.ctl('test-im', name(alice), alice.aor)).stderr, /two users/);
	assert.match((await lab.ctl('test-push', '--user', name(bob))).stderr, /No phone of this user is signed in/);
	assert.match((await lab.ctl('test-push', '--user', 'nobody')).stderr, /nobody is not a user/);
});

scenario('test-im does not answer somebody else who rings', async (lab) => {
	const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
	const stranger = await Hosted.signIn(lab, 'desktop', carol);
	const hold = async (user) => {
		await lab.put('faults', { faults: [{ where: 'phone→front-end', what: 'silence', user: user.aor }] });
		return () => lab.wait('fault', { user });
	};

	// The second user's phone is there before the first user's can invite it.
	const isHeld = await hold(bob);
	const test = lab.ctl('test-im', alice.aor, bob.aor);
	await isHeld();
	await (await hold(alice))();
	await stranger.do('send', { to: bob.aor, text: 'Hi' });
	await lab.wait('actor', { user: bob, fields: { event: 'invited' } });
	await lab.delete('faults');
	await lab.wait('sip', { user: bob, fields: { method: 'INVITE', status: '180' } });
	await stranger.do('cancel');
	const result = await test;

	assert.equal(result.code, 0, result.stdout + result.stderr);
	assert.ok(!(await stranger.see()).conversations.length);
	const lines = (await stranger.see()).lines.map((l) => l.state);
	assert.ok(!lines.includes('sent'), lines.join());
});

scenario('test-im prints what Test-CsMcxP2PIM prints', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const good = await lab.ctl('test-im', alice.aor, bob.aor);

	assert.equal(good.code, 0, good.stdout + good.stderr);
	assert.match(good.stdout, new RegExp('^Target Fqdn   : fe\\.lab\\.test\nTarget Uri    : https://fe\\.lab\\.test:443/mcx\n' +
		'Result        : Success\nLatency       : 00:00:\\d\\d\\.\\d{7}\nError Message :\nDiagnosis     :\n$'));
	const said = (await lab.get('conversations')).conversations.filter((c) => c.from === alice.aor && c.to === bob.aor);
	assert.deepEqual(said.map((c) => [c.status, c.messages >= 1]), [[200, true]]);
	assert.deepEqual((await lab.get('actors')).actors, []);

	const carol = await lab.user('carol', { enableMobility: false });
	const bad = await lab.ctl('test-im', alice.aor, carol.aor);
	assert.equal(bad.code, 1);
	assert.match(bad.stdout, /^Result        : Failure\n.*\nError Message : .*cannot sign in: .+\nDiagnosis     : The second user signs in: .+/m);
	assert.match((await lab.ctl('test-im', alice.aor, alice.aor)).stderr, /two users/);
});

scenario('test-push goes to a phone, and fails in the words of the cmdlet', async (lab) => {
	const bob = await lab.user('bob');
	assert.match((await lab.ctl('test-push', '--user', bob.aor)).stderr, /No phone of this user is signed in/);
	const phone = await lab.phone(bob, { background: true });
	await phone.expect('subscribed');
	const good = await lab.ctl('test-push', '--user', bob.aor);

	assert.equal(good.code, 0, good.stdout + good.stderr);
	assert.match(good.stdout, /^TargetFqdn :\nResult     : Success\nLatency    : 00:00:00\nError      :\nDiagnosis  : .*does not cover whether the phone is connected/);
	await phone.expect('toast', { text: 'This is a test' });

	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'status', status: 504 }] });
	assert.match((await lab.ctl('test-push')).stdout, /^Error      : A 504 \(Server time-out\) response was received from the network and the operation failed\.$/m);
	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'status', status: 403 }] });
	const refused = await lab.ctl('test-push', '--user', bob.aor);
	assert.equal(refused.code, 1);
	assert.match(refused.stdout, /^Error      : Push Notification request was rejected\.$/m);
});
