// HAProxy in front of mcxd, with the configuration of scripts/install/haproxy: by version 2 of the PROXY protocol it says who
// the client is and whether it came over TLS.
import assert from 'node:assert/strict';

import { Curl } from '../curl.mjs';
import { startHaproxy } from '../haproxy.mjs';
import { scenario } from '../lab.mjs';

const CLIENT = '127.0.0.9'; // not the address that HAProxy connects from

scenario('HAProxy ends TLS, and mcxd knows of it without a header of HTTP',
	{ settings: { 'net.trusted_proxies': '127.0.0.1', 'http.proxy_protocol': 'yes' } }, async (lab) => {
		const [bob] = await lab.users('bob');
		const base = await startHaproxy(lab);
		const curl = new Curl(lab, { base, others: ['--interface', CLIENT] });
		const root = await curl.must(200, 'GET', '/');

		assert.ok(root.body._links.user.href.startsWith(`${base}/`), root.body._links.user.href);
		assert.equal(root.body._links.redirect, undefined);
		await curl.signIn(bob);
		const { fields } = await lab.wait('http', { fields: { resource: 'applications' } });
		assert.match(fields.peer, /^127\.0\.0\.9:\d+$/);

		// The client is none of the proxies, so what it says of itself is not believed.
		const forged = ['--header', 'X-Forwarded-Proto: http', '--header', 'X-Forwarded-Host: evil'];
		const other = await curl.must(200, 'GET', '/', { more: forged });
		assert.deepEqual(other.body, root.body);

		// Without TLS there is nothing but the way to it.
		const plain = new Curl(lab, { base: await startHaproxy(lab, { isTls: false }), others: ['--interface', CLIENT] });
		const { body } = await plain.must(200, 'GET', '/');
		assert.match(body._links.redirect.href, /^https:/);
		await plain.must(403, 'POST', '/WebTicket/oauthtoken');
		assert.equal(await lab.metric('http_http_bad_requests_total'), 0);
	});
