// Plain curl finds the server and signs in, in every way that Microsoft documents.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const ROOT = '/Autodiscover/AutodiscoverService.svc/Root';

// {status, head, text, body}
async function curl(lab, ...args) {
	const { code, stdout, stderr } = await lab.run('/usr/bin/curl',
		['--silent', '--show-error', '--include', '--cacert', lab.ready.ca, ...args]);

	assert.equal(code, 0, `curl ${args.join(' ')}: ${stderr}`);
	const end = stdout.indexOf('\r\n\r\n');
	const text = stdout.slice(end + 4);

	return {
		status: Number(stdout.split(' ')[1]),
		head: stdout.slice(0, end),
		text,
		body: text.startsWith('{') ? JSON.parse(text) : null,
	};
}

scenario('over plain HTTP curl finds the way to HTTPS, and nothing else', async (lab) => {
	const { https, http } = lab.ready;

	for (const path of ['/', ROOT, '/autodiscover//autodiscoverservice.svc/root?x=1']) {
		const { status, body } = await curl(lab, `${http}${path}`);

		assert.equal(status, 200);
		assert.deepEqual(Object.keys(body._links), ['redirect', 'user']);
		for (const { href } of Object.values(body._links))
			assert.ok(href.startsWith(`${https}/`), href);
		assert.equal((await curl(lab, body._links.redirect.href)).status, 200);
		assert.equal((await curl(lab, body._links.user.href)).status, 401);
	}
	const xml = await curl(lab, '-H', 'Accept: application/vnd.microsoft.rtc.autodiscover+xml;v=1', `${http}${ROOT}`);
	assert.match(xml.text, /<Root><Link token="Redirect" href="https:/);
	const form = await curl(lab, '-d', 'grant_type=password', `${http}/WebTicket/oauthtoken`);
	assert.equal(form.status, 403);
	assert.equal(form.body.error, 'invalid_request');
	const { status, body } = await curl(lab, `${http}/ucwa/oauth/v1/applications`);
	assert.deepEqual([status, body.code], [403, 'Forbidden']);
});

scenario('curl gets a token with a form, with parts, and by every name of the user', async (lab) => {
	const bob = await lab.user('bob');
	const { https } = lab.ready;
	const [user, domain] = bob.aor.split('@');
	const names = [bob.aor, `sip:${bob.aor}`, user, `${domain}\\${user}`, `${domain.split('.')[0].toUpperCase()}\\${user}`];
	const asked = await curl(lab, `${https}${ROOT}/OAuth/User`);
	const [, tokens] = /^WWW-Authenticate: MsRtcOAuth href="([^"]+)"/m.exec(asked.head);

	assert.equal(asked.status, 401);
	assert.match(asked.head, /^WWW-Authenticate: Bearer trusted_issuers="/m);
	for (const name of names) {
		const fields = [`username=${name}`, `password=${bob.password}`, 'grant_type=password'];

		for (const flag of ['--data-urlencode', '--form-string']) {
			const { status, head, body } = await curl(lab, ...fields.flatMap((field) => [flag, field]), tokens);

			assert.equal(status, 200, `${flag} ${name}`);
			assert.match(head, /^Pragma: no-cache$/m);
			const { text } = await curl(lab, '-H', `Authorization: Bearer ${body.access_token}`, `${https}${ROOT}/OAuth/User`);
			assert.match(text, /"applications":\{"href":"https:/);
		}
	}
	const wrong = await curl(lab, '-d', `grant_type=password&username=${bob.aor}&password=x`, tokens);
	assert.deepEqual([wrong.status, wrong.body.error], [400, 'invalid_grant']);
	assert.match(wrong.head, /^X-Ms-diagnostics: 28020;source="[^"]+";reason="/m);
	const windows = await curl(lab, '-d', 'grant_type=urn:microsoft.rtc:windows', tokens);
	assert.deepEqual([windows.status, windows.body.error], [400, 'unsupported_grant_type']);
	assert.match(windows.head, /^X-Ms-diagnostics: 28029;/m);
});

scenario('curl asks what there is', async (lab) => {
	const { https } = lab.ready;
	const all = await curl(lab, '-X', 'OPTIONS', '--request-target', '*', https);
	const token = await curl(lab, '-X', 'OPTIONS', `${https}/webticket/OAUTHTOKEN`);
	const root = await curl(lab, '--head', https);
	const page = await curl(lab, `${https}/mcx/McxService.svc`);

	assert.equal(all.status, 204);
	assert.match(all.head, /^Allow: (?=.*GET)(?=.*POST)(?=.*DELETE)/m);
	assert.equal(token.status, 204);
	assert.match(token.head, /^Allow: POST, OPTIONS$/m);
	assert.deepEqual([root.status, root.text], [200, '']);
	assert.deepEqual([page.status, /<h1>McxService<\/h1>/.test(page.text)], [200, true]);
});
