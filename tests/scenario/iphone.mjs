// An iPhone by the whole chain: the clearing house is a provider of Apple's push service, over HTTP/2 and TLS.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Device, TOPIC } from '../device.mjs';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

async function iphone(lab, user) {
	const device = await Device.open(lab, { platform: 'apple' });
	const app = await lab.app(user);

	await app.must('PUT', app.application._links.pushSubscription.href,
		{ body: { platform: 'apple', deviceToken: device.channel.deviceToken } });
	return device;
}

const accepted = (lab, user) => lab.wait('push', { user, fields: { state: 'accepted' } });

scenario('an alert with a badge, which is taken back when the caller gives up', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await iphone(lab, bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await desktop.do('send', { to: bob.aor, text: 'Grüße' });
	const alert = await phone.next();

	assert.equal(alert.text2, 'Grüße');
	assert.equal(alert.count, 1);
	assert.equal(alert.topic, TOPIC);
	assert.equal(alert.pushType, 'alert');
	assert.equal(alert.priority, 10);
	assert.equal(alert.payload.mcx.id, alert.messageId);
	assert.ok(alert.collapseId);
	assert.match((await accepted(lab, bob)).fields.diag, /^30000/);
	await desktop.do('cancel');
	await desktop.expect('failed');
	const background = await phone.next();

	assert.equal(background.pushType, 'background');
	assert.equal(background.priority, 5);
	assert.equal(background.withdraws, alert.messageId);
	assert.equal(background.collapseId, alert.collapseId);
});

scenario('a token that is not valid any more', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await iphone(lab, bob);

	await phone.close();
	lab.desktop(alice, { im: [bob, 'Hi'] });
	const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

	assert.match(push.fields.diag, /^30008/);
	assert.ok(await lab.wait('push', { user: bob, fields: { state: 'expired', reason: /^Unregistered since 20/ } }));
	assert.equal(await lab.metric('clearing_house_dead_total'), 1);
});

scenario('a key that the push service does not know',
	{ settings: { 'clearing_house.apns_key_id': 'ANOTHERKEY' } }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');

		await iphone(lab, bob);
		lab.desktop(alice, { im: [bob, 'Hi'] });
		const push = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

		assert.match(push.fields.diag, /^30019/);
	});

scenario('a certificate in place of a token', { ephemeral: false }, async (lab) => {
	const file = (ending) => path.join(lab.dir, `provider.${ending}`);
	const openssl = async (...args) => {
		const { code, stderr } = await lab.run('/usr/bin/openssl', args);

		assert.equal(code, 0, stderr);
	};

	await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${TOPIC}`,
		'-keyout', file('key'), '-out', file('csr'));
	await openssl('x509', '-req', '-in', file('csr'), '-CA', lab.ready.ca, '-CAkey', path.join(path.dirname(lab.ready.ca), 'ca.key'),
		'-days', '1', '-out', file('pem'));
	await lab.restart({ signal: 'SIGTERM',
		settings: { 'clearing_house.apns_cert_file': file('pem'), 'clearing_house.apns_cert_key_file': file('key') } });
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await iphone(lab, bob);

	lab.desktop(alice, { im: [bob, 'Hi'] });
	assert.equal((await phone.next()).text2, 'Hi');
	assert.match((await accepted(lab, bob)).fields.diag, /^30000/);
});
