// A phone app that a test drives: it signs in over HTTPS and then does what the test says, one request at a
// time. Every path that it uses came as a link in an earlier answer.
import assert from 'node:assert/strict';
import https from 'node:https';
import { randomUUID } from 'node:crypto';
import { check } from './openapi.mjs';

const USER_AGENT = 'WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720; SAMSUNG SGH-i937 2103.11.10.1)';

function data(href) {
	return decodeURIComponent(href.slice(href.indexOf(',') + 1).replaceAll('+', '%2B'));
}

export class App {
	constructor(user, { base, pushService, ca, endpointId = randomUUID(), instanceId, userAgent = USER_AGENT, available = true, formats }) {
		Object.assign(this, { user, base, pushService, endpointId, instanceId, userAgent, available, formats });
		this.agent = new https.Agent({ ca, keepAlive: true });
		this.seen = []; // events that were fetched and not asked for yet
		this.told = new Set(); // messagings whose first line invitation() has told
	}

	close() {
		this.agent.destroy();
	}

	/** {status, headers, body, text}; body is parsed if it is JSON. */
	request(method, href, { body, type, headers = {}, token = this.token } = {}) {
		const url = new URL(href, this.base);
		const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
			? body : JSON.stringify(body);

		return new Promise((resolve, reject) => {
			const r = https.request(url, {
				method,
				agent: this.agent,
				headers: {
					Accept: 'application/json',
					...(bytes !== undefined && {
						'Content-Type': type ?? 'application/json',
						'Content-Length': Buffer.byteLength(bytes),
					}),
					...(token && { Authorization: `Bearer ${token}` }),
					...headers,
				},
			}, async (answer) => {
				try {
					const chunks = [];

					for await (const chunk of answer)
						chunks.push(chunk);
					const text = Buffer.concat(chunks).toString('utf8');
					let json;
					try {
						json = JSON.parse(text);
					} catch { /* not every answer has a body */ }
					check('https', {
						method, path: url.pathname + url.search, type: type ?? 'application/json',
						body: bytes?.toString(), status: answer.statusCode, headers: answer.headers, text,
					});
					resolve({ status: answer.statusCode, headers: answer.headers, text, body: json });
				} catch (e) {
					reject(e);
				}
			});

			r.on('error', reject);
			r.end(bytes);
		});
	}

	/** A request that must succeed; resolves with the body. */
	async must(method, href, options) {
		const answer = await this.request(method, href, options);

		assert.ok(answer.status >= 200 && answer.status < 300,
			`${this.user.aor}: ${method} ${href}: ${answer.status} ${answer.text}`);
		return answer.body;
	}

	async signIn() {
		const root = await this.must('GET', `/?sipuri=sip:${this.user.aor}`);
		const asked = await this.request('GET', root._links.user.href);

		assert.equal(asked.status, 401);
		this.tokenHref = /href="([^"]+)"/.exec(asked.headers['www-authenticate'])[1];
		this.token = await this.getToken(this.user.password);
		const { _links } = await this.must('GET', root._links.user.href);

		this.applications = _links.applications.href;
		await this.create();
		if (this.available)
			await this.makeAvailable();
	}

	async askToken(form) {
		return this.request('POST', this.tokenHref, {
			body: new URLSearchParams(form).toString(),
			type: 'application/x-www-form-urlencoded',
			token: null,
		});
	}

	async getToken(password) {
		const answer = await this.askToken({ grant_type: 'password', username: this.user.aor, password });

		assert.equal(answer.status, 200, answer.text);
		return answer.body.access_token;
	}

	async create() {
		this.application = await this.must('POST', this.applications, {
			body: { UserAgent: this.userAgent, EndpointId: this.endpointId, Culture: 'en-US', instanceId: this.instanceId },
			headers: this.instanceId ? { 'X-MS-RequiresMinResourceVersion': '2' } : {},
		});
		this.self = this.application._links.self.href;
		this.next ??= this.application._links.events.href;
	}

	async makeAvailable() {
		const href = this.application._embedded.me._links.makeMeAvailable?.href;

		if (href)
			await this.must('POST', href, { body: { SupportedModalities: ['Messaging'], supportedMessageFormats: this.formats } });
		this.application = await this.must('GET', this.self);
	}

	/** A request to the push service that must succeed; resolves with the body. */
	async atPushService(method, path) {
		const answer = await fetch(new URL(path, this.pushService), { method });
		const text = await answer.text();

		assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
		check('push_service', { method, path, status: answer.status, text, headers: Object.fromEntries(answer.headers) });
		return JSON.parse(text);
	}

	/** The next toast, which the carrier connection is held open for. */
	async toast() {
		for (let after = 0; ;) {
			const { notifications, next } = await this.atPushService('GET', `${this.channel.carrier}?after=${after}`);
			const toast = notifications.find((n) => n.kind === 'toast');

			if (toast)
				return toast;
			after = next;
		}
	}

	/** Get a notification channel from the push service and subscribe to pushes. */
	async subscribe() {
		this.channel = await this.atPushService('POST', '/channels');
		await this.must('PUT', this.application._links.pushSubscription.href, {
			body: {
				platform: 'windowsPhone',
				notificationUri: this.channel.notificationUri,
				deviceName: 'a test',
				userAgent: this.userAgent,
			},
		});
	}

	// ---- events ----

	/** Ask for the next packet; the request is held open until there is one. Resolves with the raw answer. */
	poll(href = this.next) {
		return this.request('GET', href);
	}

	/** Get the next packet and acknowledge the one before; its events are appended to seen. */
	async fetch() {
		const answer = await this.poll();

		assert.equal(answer.status, 200, answer.text);
		this.next = (answer.body._links.next ?? answer.body._links.resume).href;
		for (const sender of answer.body.sender ?? []) {
			for (const event of sender.events ?? [])
				this.seen.push({ sender: sender.rel, rel: event.link?.rel, ...event });
		}
		return answer.body;
	}

	/** The next event of this type about a resource of this name; earlier events are skipped. Resolves with
	 *  the event, whose resource is the embedded one. */
	async event(rel, type, fits = () => true) {
		for (;;) {
			while (this.seen.length) {
				const event = this.seen.shift();

				if (event.rel === rel && event.type === type && fits(event))
					return { ...event, resource: event._embedded?.[rel] };
			}
			await this.fetch();
		}
	}

	/** The next invitation: {from, text, accept(), decline()}. */
	async invitation() {
		const { resource } = await this.event('messagingInvitation', 'started');
		const { _links, _embedded } = resource;

		if (_links.message)
			this.told.add(_links.messaging.href);
		return {
			resource,
			from: _embedded?.from?.uri ?? _links.from?.href,
			text: _links.message ? data(_links.message.href) : null,
			accept: () => this.must('POST', _links.accept.href),
			decline: () => this.must('POST', _links.decline.href),
			tryAccept: () => this.request('POST', _links.accept.href),
			tryDecline: () => this.request('POST', _links.decline.href),
		};
	}

	/** Invite somebody. Resolves with the resource that the event about it has, once it is announced. */
	async call(user, text, type = 'text/plain') {
		const operationId = randomUUID();
		const { _links } = this.application._embedded.communication;
		const answer = await this.request('POST', _links.startMessaging.href, {
			body: {
				operationId, to: `sip:${user.aor ?? user}`,
				_links: { message: { href: `data:${type};charset=utf-8,${encodeURIComponent(text)}` } },
			},
		});

		assert.equal(answer.status, 201, answer.text);
		const { link, resource } = await this.event('messagingInvitation', 'started',
			(e) => e._embedded.messagingInvitation.operationId === operationId);
		assert.equal(link.href, answer.headers.location);
		return resource;
	}

	/** The messaging of an accepted invitation: {say(text), type(), stop()}. */
	async connected() {
		const { resource } = await this.event('messaging', 'updated',
			(e) => e._embedded?.messaging?.state === 'Connected');

		return {
			resource,
			say: (text, type = 'text/plain') => this.must('POST', resource._links.sendMessage.href, { body: text, type }),
			trySay: (text, type) => this.request('POST', resource._links.sendMessage.href, { body: text, type }),
			type: () => this.must('POST', resource._links.setIsTyping.href),
			stop: () => this.must('POST', resource._links.stopMessaging.href),
		};
	}

	/** The text of the next message from the other side, in a format: plain or html. What invitation() has told is not told
	 *  again: once it is accepted, the first message has the same text. */
	async message(format = 'plain') {
		const { resource } = await this.event('message', 'completed', ({ _embedded: { message } = {} }) =>
			message?.direction === 'Incoming' && !this.told.delete(message._links.messaging.href));

		return data(resource._links[`${format}Message`].href);
	}

	signOut() {
		return this.must('DELETE', this.self);
	}
}
