// Kamailio as the Edge between the front end and the clearing house: each shows the other its certificate. What the front end vouches
// for counts, because Kamailio's certificate is allowed; what the clearing house says comes back.
import assert from 'node:assert/strict';
import { KAMAILIO_NAME, startKamailio } from '../kamailio.mjs';
import { scenario } from '../lab.mjs';
import { loopbackAddress } from '../peer.mjs';

for (const allowed of [KAMAILIO_NAME, 'edge.lab.test']) {
	const [address, tlsAddress] = [await loopbackAddress(), await loopbackAddress()];
	const options = {
		roles: ['front-end', 'clearing-house', 'push-service'],
		settings: { 'push.next_hop': `sip:${tlsAddress};transport=tls`, 'clearing_house.tls_allow': allowed },
	};
	const outcome = allowed === KAMAILIO_NAME ? 'goes through Kamailio as the Edge' : 'does not, if Kamailio\'s certificate is not allowed';

	scenario(`a push ${outcome}`, options, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

		await startKamailio(lab, {
			address, tlsAddress, frontEnd: `${lab.ready.sip.tls};transport=tls`, edge: `${lab.ready.clearing_house.tls};transport=tls`,
		});
		await phone.expect('background');
		lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		if (allowed !== KAMAILIO_NAME) {
			await lab.wait('fault', { fields: { what: /the client's certificate is not for a name on the list/ } });
			assert.doesNotMatch((await lab.ctl('test-push')).stdout, /Success/);
			return;
		}
		await phone.expect('toast', { text: 'Hi Brendan' });
		await lab.wait('push', { user: bob, fields: { state: 'accepted', diag: '30000' } });
		assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
		const records = await lab.records({ kind: 'sip' });
		const taken = records.find((r) => r.to === 'clearing-house' || (r.incoming && r.fields.method === 'MESSAGE' && r.raw.includes('McxUser')));
		const [top, fe, mcx] = [...taken.raw.matchAll(/^Via: (.*)\r$/gmi)].map((m) => m[1]);

		assert.equal(taken.fields.peer_name, KAMAILIO_NAME);
		assert.match(top, new RegExp(`^SIP/2\\.0/TLS ${tlsAddress};`, 'i'));
		assert.match(fe, /;branched=FALSE/);
		assert.match(mcx, /:5087;/);
		assert.match(taken.raw, /^ms-asserted-verification-level: ms-source-verified-user=verified\r$/m);
		assert.equal(await lab.metric('sip_clearing_house_headers_untrusted_total'), 0);
	});
}
