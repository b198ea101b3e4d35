// curl as a UCWA client.
import assert from 'node:assert/strict';

const USER_AGENT = 'WPLync/4.1.7947.0 (curl)';

// curl prints the body, then this separator and the status.
const MARK = '\n--status ';

export class Curl {
	/** base: where to find the server; others: further arguments of curl. */
	constructor(lab, { base = lab.ready.https, others = [] } = {}) {
		this.lab = lab;
		this.base = base;
		this.others = others;
	}

	// {status, head, body}, body parsed if it is JSON; more: further arguments of curl
	async request(method, href, { type, data, more = [] } = {}) {
		const url = new URL(href, this.base).href;
		const args = ['--silent', '--show-error', '--include', '--cacert', this.lab.ready.ca,
			'--request', method, ...this.others, '--write-out', `${MARK}%{http_code}`];

		if (this.token && url.startsWith(this.base))
			args.push('--header', `Authorization: Bearer ${this.token}`);
		if (data !== undefined)
			args.push('--header', `Content-Type: ${type ?? 'application/json'}`, '--data-binary', data);
		const { code, stdout, stderr } = await this.lab.run('/usr/bin/curl', [...args, ...more, url]);

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
