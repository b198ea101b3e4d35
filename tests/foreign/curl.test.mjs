// Plain curl as the phone: the whole HTTPS flow with the lab's own certificate authority, and the
// notification channel over the push service's HTTP. SIPp is the caller.
import assert from 'node:assert/strict';
import path from 'node:path';
import { scenario } from '../lab.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const USER_AGENT = 'WPLync/4.1.7947.0 (curl)';

// curl prints the body, then this separator and the status.
const MARK = '\n--status ';

class Curl {
	constructor(lab) {
		this.lab = lab;
	}

	// {status, head, body}, body parsed if it is JSON
	async request(method, href, { type, data } = {}) {
		const url = new URL(href, this.lab.ready.https).href;
		const args = ['--silent', '--show-error', '--include', '--cacert', this.lab.ready.ca,
			'--request', method, '--write-out', `${MARK}%{http_code}`];

		if (this.token && url.startsWith(this.lab.ready.https))
			args.push('--header', `Authorization: Bearer ${this.token}`);
		if (data !== undefined)
			args.push('--header', `Content-Type: ${type ?? 'application/json'}`, '--data-binary', data);
		const { code, stdout, stderr } = await this.lab.run('/usr/bin/curl', [...args, url]);

		assert.equal(code, 0, `curl ${method} ${url}: ${stderr}`);
		const [answer, status] = stdout.split(MARK);
		const end = answer.indexOf('\r\n\r\n');
		const text = answer.slice(end + 4);

		return {
			status: Number(status),
			head: answer.slice(0, end),
			body: text.startsWith('{') ? JSON.parse(text) : text,
		};
	}

	async must(status, method, href, options) {
		const answer = await this.request(method, href, options);

		assert.equal(answer.status, status, `${method} ${href}: ${answer.status} ${JSON.stringify(answer.body)}`);
		return answer;
	}

	// Ask for packets until one has an event of this type about this resource; resolves with the event.
	async event(rel, type) {
		for (;;) {
			const i = this.seen.findIndex((e) => e.link.rel === rel && e.type === type);

			if (i >= 0)
				return this.seen.splice(i, 1)[0];
			const { body } = await this.must(200, 'GET', this.next);

			this.next = body._links.next.href;
			this.seen.push(...body.sender.flatMap((sender) => sender.events));
		}
	}

	async signIn(user) {
		const root = (await this.must(200, 'GET', `/?sipuri=sip:${user.aor}`)).body;
		const refused = await this.must(401, 'GET', root._links.user.href);
		const tokens = /^WWW-Authenticate: MsRtcOAuth .*href="([^"]+)"/im.exec(refused.head)[1];
		const form = new URLSearchParams(
			{ grant_type: 'password', username: user.aor, password: user.password });

		this.token = (await this.must(200, 'POST', tokens,
			{ type: 'application/x-www-form-urlencoded', data: form.toString() })).body.access_token;
		const { body } = await this.must(200, 'GET', root._links.user.href);
		this.application = (await this.must(201, 'POST', body._links.applications.href, {
			data: JSON.stringify({ UserAgent: USER_AGENT, EndpointId: 'curl', Culture: 'en-US' }),
		})).body;
		this.next = this.application._links.events.href;
		this.seen = [];
		await this.must(204, 'POST', this.application._embedded.me._links.makeMeAvailable.href,
			{ data: '{"SupportedModalities":["Messaging"]}' });
	}

	async subscribe() {
		const { push_service: pushService } = this.lab.ready;
		const channel = (await this.must(201, 'POST', `${pushService}/channels`, { data: '{}' })).body;

		this.carrier = new URL(channel.carrier, pushService).href;
		await this.must(201, 'PUT', this.application._links.pushSubscription.href, {
			data: JSON.stringify({ platform: 'windowsPhone', notificationUri: channel.notificationUri,
				deviceName: 'curl', userAgent: USER_AGENT }),
		});
	}

	// What came over the carrier connection; the request is held open until there is something.
	async notifications() {
		return (await this.must(200, 'GET', this.carrier)).body.notifications;
	}
}

function textOf(href) {
	return decodeURIComponent(href.slice(href.indexOf(',') + 1).replaceAll('+', '%20'));
}

scenario('curl signs in, is woken, accepts, chats and hangs up', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const curl = new Curl(lab);

	await curl.signIn(bob);
	await curl.subscribe();
	const called = lab.sipp(path.join(here, 'hung-up.xml'),
		{ transport: 'tcp', keys: { caller: alice.aor, callee: bob.aor } });
	const toast = (await curl.notifications()).find((n) => n.kind === 'toast');
	assert.equal(toast.text2, 'Hi Brendan');

	const started = await curl.event('messagingInvitation', 'started');
	const invitation = started._embedded.messagingInvitation;
	assert.equal(textOf(invitation._links.message.href), 'Hi Brendan');
	await curl.must(204, 'POST', invitation._links.accept.href, { data: '' });
	const completed = await curl.event('messagingInvitation', 'completed');
	assert.equal(completed.status, 'Success');

	const { _embedded: { messaging } } = await curl.event('messaging', 'updated');
	const incoming = (await curl.event('message', 'completed'))._embedded.message;
	assert.equal(textOf(incoming._links.plainMessage.href), 'How are you?');
	await curl.must(201, 'POST', messaging._links.sendMessage.href, { type: 'text/plain', data: 'Fine' });
	const sent = await curl.event('message', 'completed');
	assert.equal(sent.status, 'Success');
	await curl.must(204, 'POST', messaging._links.stopMessaging.href, { data: '' });
	await called;
	await curl.event('conversation', 'deleted');
	await curl.must(204, 'DELETE', curl.application._links.self.href);
	await curl.must(404, 'GET', curl.application._links.self.href);
});

scenario('curl trusts only the lab\'s own certificate authority', async (lab) => {
	const { code } = await lab.run('/usr/bin/curl', ['--silent', `${lab.ready.https}/`]);

	assert.equal(code, 60); // CURLE_PEER_FAILED_VERIFICATION
});
