// A lab that listens on every address of the machine, as in a container: what it says of itself can be connected to.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const listeners = [
	'sip.udp', 'sip.tcp', 'sip.tls', 'edge.tcp', 'edge.tls', 'clearing_house.tcp', 'clearing_house.tls', 'https.listen', 'http.listen',
	'push_service.listen',
];
const settings = { ...Object.fromEntries(listeners.map((name) => [name, '0.0.0.0:0'])), 'net.trust_network': 'yes' };

scenario('what the ready file of a lab on every address names is where clients of this machine connect', { settings }, async (lab) => {
	const { lab_socket, ca, lab: api, console: page, ...ready } = lab.ready;

	for (const address of Object.values(ready).flatMap((value) => (typeof value === 'object' ? Object.values(value) : String(value))))
		assert.match(address, /^\d+$|^(https?:\/\/)?127\.0\.0\.1:\d+$/);
	// Where it really listens is in the status.
	const status = await lab.get('status');

	assert.match(status.listeners['sip.tcp'], /^0\.0\.0\.0:\d+$/);
	// That anybody can be anybody is said at the start, and as long as it is so.
	assert.equal(status.trustsNetwork, true);
	assert.match(lab.log, /warn.*net\.trust_network is yes/);
	assert.match((await lab.ctl('status')).stdout, /^net\.trust_network is yes: /m);
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });

	// Its notification URI is such an address as well, which the clearing house may send to.
	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'], transport: 'tls' });

	await phone.expect('toast', { text: 'Hi Brendan' });
	await desktop.expect('connected');
});
