// Settings that are live change while the daemon runs: by the lab API until a reset, and by SIGHUP as the file says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';

async function setting(lab, name) {
	return (await lab.get('settings')).settings.find((s) => s.name === name);
}

scenario('a shorter timeout holds for the next invitation, and goes with reset', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	await lab.app(bob);
	const { code, stdout } = await lab.ctl('set', 'core.invite_timeout', '1s', 'core.max_phones', '1');
	assert.equal(code, 0);
	assert.equal(stdout, 'core.invite_timeout is 1s\ncore.max_phones is 1\n');
	await lab.wait('lab', { fields: { action: 'set', setting: 'core.invite_timeout', value: '1s' } });
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });
	await desktop.expect('failed', { text: /^408 / });
	// The user was there before, and has the new limit, too.
	await assert.rejects(lab.app(bob), /429/);
	const { live, changed, value } = await setting(lab, 'core.invite_timeout');
	assert.deepEqual({ live, changed, value }, { live: true, changed: true, value: '1s' });
	assert.equal((await setting(lab, 'sip.tcp')).live, false);

	const { status, body: answer } = await lab.request('PATCH', 'settings', { 'core.max_phones': null, 'core.max_events': 20, 'push.microsoft': false });
	assert.equal(status, 200);
	assert.deepEqual(answer.settings.map((s) => [s.name, s.value, s.changed]), [
		['core.max_phones', '12', false], ['core.max_events', '20', true], ['push.microsoft', 'no', true],
	]);
	await lab.post('reset', {});
	for (const [name, was] of [['core.invite_timeout', '60s'], ['core.max_events', '1000'], ['push.microsoft', 'yes']])
		assert.deepEqual([(await setting(lab, name)).value, (await setting(lab, name)).changed], [was, false]);
});

scenario('what cannot be is refused, and then nothing changes', async (lab) => {
	const refuse = async (body, why) => {
		const { status, body: answer } = await lab.request('PATCH', 'settings', { 'core.call_timeout': '9s', ...body });

		assert.equal(status, 400);
		assert.match(answer.error.message, why);
		assert.equal((await setting(lab, 'core.call_timeout')).value, '30s');
	};

	await refuse({ 'core.invite_timeot': '5s' }, /^core.invite_timeot: unknown setting; did you mean core.invite_timeout\?$/);
	await refuse({ 'core.invite_timeout': 'soon' }, /"soon" is not a time/);
	await refuse({ 'sip.tcp': '127.0.0.1:1' }, /^sip.tcp: cannot change while the program runs$/);
	await refuse({ 'users.file': null }, /cannot change/);
	await refuse({ 'core.max_phones': '0', 'log.level': 'loud' }, /core.max_phones: must be .*; log.level: /);
	await refuse({ 'core.min_expires': '1d' }, /must not be longer/);
	await refuse({ 'core.max_phones': '1\u00002' }, /NUL/);
	const { code, stderr } = await lab.ctl('set', 'https.token_lifetime', '1h');
	assert.equal(code, 2);
	assert.match(stderr, /https.token_lifetime: cannot change/);
	assert.equal((await lab.ctl('set', 'core.call_timeout')).code, 0);
});

scenario('SIGHUP reads the file again', async (lab) => {
	const file = path.join(lab.dir, 'lab.ini');
	const hup = async (text) => {
		await writeFile(file, text);
		lab.daemon.kill('SIGHUP');
	};

	await writeFile(file, '[core]\ninvite_timeout = 20s\n');
	await lab.restart({ args: ['-c', file] });
	assert.equal((await setting(lab, 'core.invite_timeout')).value, '20s');
	await lab.request('PATCH', 'settings', { 'core.call_timeout': '9s' });
	await hup('[core]\ninvite_timeout = 5s\ncall_timeout = 8s\nserver_fqdn = other.lab.test\n');
	await lab.wait('lab', { fields: { action: 'set', setting: 'core.invite_timeout', value: '5s' } });
	assert.equal((await setting(lab, 'core.call_timeout')).value, '9s');
	assert.equal((await setting(lab, 'core.server_fqdn')).value, 'fe.lab.test');
	assert.match(lab.log, /core.server_fqdn changes with the next start only, to other.lab.test/);
	await lab.ctl('set', 'core.call_timeout');
	assert.equal((await setting(lab, 'core.call_timeout')).value, '8s');
	await hup('[core]\ninvite_timeout = often\n');
	while (!/lab.ini:2: core.invite_timeout: "often" is not a time/.test(lab.log))
		await once(lab.daemon.stderr, 'data');
	assert.equal((await setting(lab, 'core.invite_timeout')).value, '5s');
});
