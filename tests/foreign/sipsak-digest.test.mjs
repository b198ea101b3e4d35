// sipsak registers by Digest: it knows MD5 alone, and takes the first challenge, whatever it is for.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const settings = { 'sip.udp_authentication': 'digest', 'https.guess_delay': '100ms' };

async function register(lab, user, password) {
	const { code, stdout, stderr } = await lab.run('/usr/bin/sipsak', ['-U', '-i', '-p', lab.ready.sip.udp, '-s', `sip:${user.aor}`,
		'-C', `sip:${user.aor.split('@')[0]}@127.0.0.1:5999`, '-u', user.aor, '-a', password, '-x', '600', '-vv']);

	return { code, text: stdout + stderr };
}

scenario('sipsak registers with the right password only', { settings: { ...settings, 'sip.digest_algorithms': 'MD5' } }, async (lab) => {
	const [bob] = await lab.users('bob');
	const wrong = await register(lab, bob, 'guess');

	assert.notEqual(wrong.code, 0, wrong.text);
	assert.equal((await lab.find(bob)).contacts, 0);
	const right = await register(lab, bob, bob.password);

	assert.equal(right.code, 0, right.text);
	assert.equal((await lab.find(bob)).contacts, 1);
	assert.equal(await lab.metric('sip_auth_wrong_total'), 1);
});

scenario('sipsak does not know SHA-256, which is offered first', { settings }, async (lab) => {
	const [bob] = await lab.users('bob');

	assert.match((await register(lab, bob, bob.password)).text, /unsupported authentication algorithm/);
	assert.equal((await lab.find(bob)).contacts, 0);
});
