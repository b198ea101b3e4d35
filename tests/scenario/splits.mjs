// Every role alone, and the chain in two halves: two processes, with TLS between them by which each shows the other its certificate. A
// push goes the whole way; README.md has the settings.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Device } from '../device.mjs';
import { startLab } from '../lab.mjs';
import { labAuthority, loopbackAddress } from '../peer.mjs';

const ALL = ['front-end', 'edge', 'clearing-house', 'push-service'];
const tls = (address) => `sip:${address};transport=tls`;
const [edgeTls, push] = [await loopbackAddress(), await loopbackAddress()];
const authority = (lab) => {
	const { cert, key } = labAuthority(lab);

	return { 'pki.ca_cert': cert, 'pki.ca_key': key };
};

// As with Apple's own service, the clearing house has to be told where it is, and with what key it is asked.
const apple = (pushService) => ({
	'clearing_house.apns_url': `https://apns.lab.test:${new URL(pushService.ready.apns).port}`,
	'hosts.apns.lab.test': '127.0.0.1',
	'clearing_house.apns_key_file': path.join(path.dirname(pushService.ready.ca), 'apns.p8'),
	'clearing_house.apns_ca_file': pushService.ready.ca,
});

// What runs apart, what it is told, and what the others are told once it runs; and the hop between the two.
const splits = [
	{ roles: ['edge', 'clearing-house', 'push-service'],
		others: (apart) => ({ 'push.next_hop': tls(apart.ready.edge.tls) }),
		hops: [['edge', 'fe.lab.test']] },
	{ roles: ['clearing-house', 'push-service'],
		others: (apart) => ({ 'edge.next_hop': tls(apart.ready.clearing_house.tls) }),
		hops: [['clearing-house', 'edge.lab.test']] },
	{ roles: ['clearing-house'], isWithoutApns: true,
		settings: { 'clearing_house.allow_hosts': push },
		others: (apart) => ({ 'edge.next_hop': tls(apart.ready.clearing_house.tls), 'push_service.listen': push }),
		hops: [['clearing-house', 'edge.lab.test']] },
	{ roles: ['push-service'],
		others: (apart) => ({ 'clearing_house.allow_hosts': new URL(apart.ready.push_service).host, ...apple(apart) }),
		hops: [] },
	{ roles: ['edge'], isLast: true,
		settings: (rest) => ({ 'edge.tls': edgeTls, 'edge.next_hop': tls(rest.ready.clearing_house.tls) }),
		others: () => ({ 'push.next_hop': tls(edgeTls) }),
		hops: [['edge', 'fe.lab.test'], ['clearing-house', 'edge.lab.test']] },
];

async function wakeAnIphone(lab, pushService, alice, user) {
	const device = await Device.open(pushService, { platform: 'apple' });
	const app = await lab.app(user);

	await app.must('PUT', app.application._links.pushSubscription.href,
		{ body: { platform: 'apple', deviceToken: device.channel.deviceToken } });
	lab.desktop(alice, { im: [user, 'Hi iPhone'] });
	assert.equal((await device.next()).text2, 'Hi iPhone');
}

async function startBoth({ roles, settings = {}, others, isLast }, labs) {
	const rest = ALL.filter((role) => !roles.includes(role));
	const start = async (options) => {
		labs.push(await startLab(options));
		return labs.at(-1);
	};

	if (!isLast) {
		const apart = await start({ roles, settings });

		return [apart, await start({ roles: rest, settings: { ...authority(apart), ...others(apart) } })];
	}
	const lab = await start({ roles: rest, settings: others() });

	return [await start({ roles, settings: { ...authority(lab), ...settings(lab) } }), lab];
}

for (const split of splits) {
	test(`splits: a push where ${split.roles.join(', ')} ${split.roles.length > 1 ? 'run' : 'runs'} apart`, { timeout: 120000 }, async () => {
		const labs = [];

		try {
			const [apart, lab] = await startBoth(split, labs);
			const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
			const pushServiceUrl = (apart.ready.push_service ?? lab.ready.push_service).replace(/\/$/, '');
			const phone = lab.phone(bob, { background: true, onToast: 'ignore', pushServiceUrl });

			assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
			await phone.expect('background');
			lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
			await phone.expect('toast', { text: 'Hi Brendan' });
			for (const [hop, name] of split.hops) {
				const where = labs.find((l) => l.ready[hop.replace('-', '_')]);
				const taken = await where.wait('sip', { hop, fields: { method: 'MESSAGE', transport: 'tls', peer_name: name } });

				assert.equal(taken.to, hop);
			}
			if (!split.isWithoutApns)
				await wakeAnIphone(lab, labs.find((l) => l.ready.push_service), alice, carol);
			for (const { log } of labs)
				assert.doesNotMatch(log, / (warn|error) /);
		} finally {
			await Promise.all(labs.map((l) => l.stop()));
		}
	});
}
