// A fleet of phones and senders, and what it says when flows are lost.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PATIENCE_MS, scenario } from '../lab.mjs';

// A phone is asleep as soon as it has closed, and nobody rings for longer than a flow takes.
const settings = { 'core.phone_linger': '100ms', 'core.invite_timeout': '4s' };
const mix = 'accept=3,slow=1,flaky=1,ignore=1,decline=1';

async function fleet(lab, ...args) {
	const junit = path.join(lab.dir, 'junit.xml');
	const { code, stdout, stderr } = await lab.run('mcxsim', ['fleet', '--ready-file', lab.readyFile, '--json', '--junit', junit, ...args],
		{ timeout: 3 * PATIENCE_MS });

	return { code, stderr, stdout, result: stdout && JSON.parse(stdout), junit: await readFile(junit, 'utf8').catch(() => null) };
}

for (const [transport, more] of [['tcp', []], ['tls', []], ['udp', ['--http']]]) {
	scenario(`every kind of flow goes as it is meant to (${transport})`, { settings }, async (lab) => {
		const { code, result, stderr, junit } = await fleet(lab, '--transport', transport, '--phones', '7', '--senders', '3', '--mix', mix,
			'--slow', '300', '--flaky', '200', ...more);

		assert.equal(code, 0, `${stderr}${JSON.stringify(result, null, 1)}`);
		assert.equal(result.good, true);
		assert.equal(result.flows, 7);
		assert.equal(result.lost, 0);
		assert.deepEqual(Object.fromEntries(Object.entries(result.kinds).map(([name, kind]) => [name, kind.good])),
			{ accept: 3, ignore: 1, decline: 1, slow: 1, flaky: 1 });
		const { steps } = result;

		assert.deepEqual(Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.n])),
			{ 100: 7, 180: 7, push: 7, 200: 5, 408: 1, message: 5, reply: 5 });
		for (const step of Object.values(steps))
			assert.ok(step.p50Us > 0 && step.p50Us <= step.p90Us && step.p90Us <= step.p99Us && step.p99Us <= step.maxUs, JSON.stringify(steps));
		assert.ok(steps[408].p50Us >= 3900000);
		assert.ok(steps[200].maxUs >= 300000); // the slow one
		assert.match(junit, /<testsuite name="mcxsim fleet" tests="6" failures="0" /);
		// It went over real SIP and HTTP, and the fleet's users are gone.
		const invites = (await lab.records({ kind: 'sip' })).filter((r) => /^INVITE /.test(r.fields.start_line));

		assert.equal(invites.length, 7);
		assert.ok(invites.every((r) => r.fields.transport === transport), JSON.stringify(invites[0]));
		const { users } = await lab.get('users');

		assert.deepEqual(users.filter((u) => u.aor.startsWith('fleet-')), []);
	});
}

scenario('phones whose app is open are invited by events', { settings }, async (lab) => {
	const { code, result, stderr } = await fleet(lab, '--open', '--phones', '5', '--senders', '2', '--flows', '14', '--mix', mix,
		'--slow', '300', '--flaky', '200');

	assert.equal(code, 0, `${stderr}${JSON.stringify(result, null, 1)}`);
	assert.deepEqual(Object.fromEntries(Object.entries(result.kinds).map(([name, kind]) => [name, kind.good])),
		{ accept: 6, ignore: 2, decline: 2, slow: 2, flaky: 2 });
	assert.deepEqual(Object.fromEntries(Object.entries(result.steps).map(([name, step]) => [name, step.n])),
		{ 100: 14, 180: 14, event: 14, 200: 10, 408: 2, message: 10, reply: 10 });
	// Nobody could be pushed to, also not those who were without a network.
	assert.ok((await lab.records({ kind: 'push' })).every(({ fields }) => fields.state === 'none'));
});

for (const [where, open] of [['with the app open', true], ['asleep', false]]) {
	scenario(`a fleet that holds: phones ${where}, and no flows`, { settings }, async (lab) => {
		const actor = lab.fleet({ phones: 3, hold: true, open });

		await actor.expect('waiting', { phones: 3 });
		assert.deepEqual((await lab.get('endpoints')).endpoints.map((e) => e.subscription === null), Array(3).fill(open));
		actor.child.kill('SIGTERM');
		await actor.ended(0);
		assert.deepEqual((await lab.get('endpoints')).endpoints, []);
	});
}

scenario('what is lost is counted by kind, and the fleet exits with 1', {
	settings: { ...settings, 'clearing_house.tls_allow': 'somebody.else.test' }, // no push gets through
}, async (lab) => {
	const { code, result, junit } = await fleet(lab, '--phones', '4', '--senders', '2', '--mix', 'accept=1,ignore=1');

	assert.equal(code, 1);
	assert.equal(result.good, false);
	assert.equal(result.lost, 4);
	assert.deepEqual(result.errors.sort((a, b) => (a.kind < b.kind ? -1 : 1)), [
		{ kind: 'accept', error: '408 instead of 200, without a push', n: 2 },
		{ kind: 'ignore', error: 'no push', n: 2 },
	]);
	assert.match(junit, /tests="3" failures="2"[^]*<failure message="2 flows were lost">2: 408 instead of 200, without a push\n<\/failure>/);
});

scenario('phones that cannot sign in are no reason to wait', { settings }, async (lab) => {
	const { code, result } = await fleet(lab, '--users', 'nobody%@lab.test', '--password', 'wrong', '--phones', '2', '--senders', '1');

	assert.equal(code, 1);
	assert.equal(result.signedIn, 0);
	assert.equal(result.lost, 2);
	assert.match(JSON.stringify(result.errors), /no phone was left.*does not accept this password|does not accept this password.*no phone was left/);
});

scenario('an interrupt ends the fleet, and counts as a failure', { settings }, async (lab) => {
	const actor = lab.fleet({ phones: 2, senders: 1, mix: 'ignore=1', flows: 1000, rate: 1000 });

	await lab.wait('toast', { count: 2 });
	actor.child.kill('SIGINT');
	await actor.ended(1);
	const [result] = actor.seen;

	assert.equal(result.flows, 2);
	assert.equal(result.kinds.ignore.good, 2);
	assert.equal(result.good, false);
});

scenario('a lab that is not there, and options that make no sense', { settings }, async (lab) => {
	for (const [args, code, why] of [
		[['--ready-file', '/nonexistent'], 3, /is not the ready file/],
		[['--ready-file', lab.readyFile, '--mix', 'accept=0'], 2, /invalid value "accept=0" for --mix/],
		[['--ready-file', lab.readyFile, '--mix', 'perfect=1'], 2, /invalid value "perfect=1" for --mix/],
		[['--ready-file', lab.readyFile, '--transport', 'sctp'], 2, /expected tcp, tls or udp/],
		[['--ready-file', lab.readyFile, '--users', 'm@lab.test', '--password', 'x'], 2, /expected an address such as m%@lab\.test/],
		[['--ready-file', lab.readyFile, '--users', 'm%@lab.test'], 2, /--users and --password go together/],
	]) {
		const result = await lab.run('mcxsim', ['fleet', ...args]);

		assert.equal(result.code, code, result.stderr);
		assert.match(result.stderr, why);
	}
	const { stdout } = await lab.run('mcxsim', ['fleet', '--help']);

	assert.ok(stdout.split('\n').every((line) => line.length <= 80), stdout);
});
