// A client of the HTTPS API in node's fetch, written from Microsoft's UCWA documentation and from nothing else: it follows
// links, and reads the events in their order. It prints what happens to it, as one JSON object a line.
//
//   node fetch-client.mjs ROOT USER PASSWORD be-called          accept, answer a message at its own URL, stay to the end
//   node fetch-client.mjs ROOT USER PASSWORD be-phoned          accept a call
//   node fetch-client.mjs ROOT USER PASSWORD call TO TEXT       invite, say one thing, hear one thing, stop
//   node fetch-client.mjs ROOT USER PASSWORD give-up TO TEXT    invite, and cancel while it rings
import { randomUUID } from 'node:crypto';
import process from 'node:process';

const [root, user, password, story, to, text] = process.argv.slice(2);
const say = (event, more = {}) => console.log(JSON.stringify({ event, ...more }));

// "data:text/plain;charset=utf-8,Hi+Tosh%0d%0a", or with ;base64.
function textOf(href) {
	const [, parameters, data] = /^data:([^,]*),(.*)$/s.exec(href);

	return /;base64$/i.test(parameters) ? Buffer.from(decodeURIComponent(data), 'base64').toString('utf8')
		: decodeURIComponent(data.replaceAll('+', ' '));
}

class Client {
	#token;
	#base;
	seen = []; // events that nobody has waited for

	async request(method, href, { body, type, statuses = [200, 201, 204] } = {}) {
		const answer = await fetch(new URL(href, this.#base), {
			method,
			headers: {
				Accept: 'application/json',
				...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
				...(this.#token && { Authorization: `Bearer ${this.#token}` }),
			},
			body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
		});
		const answered = await answer.text();

		if (!statuses.includes(answer.status))
			throw new Error(`${method} ${href}: ${answer.status} ${answered}`);
		return { status: answer.status, headers: answer.headers, body: answered ? JSON.parse(answered) : null };
	}

	async signIn() {
		const discovered = (await this.request('GET', `${root}?originalDomain=${user.split('@')[1]}`)).body;
		const userHref = discovered._links.user.href;
		const refused = await this.request('GET', userHref, { statuses: [401] });
		const [, tokenHref] = /MsRtcOAuth[^,]*href="([^"]+)"/.exec(refused.headers.get('www-authenticate'));
		const form = new URLSearchParams({ grant_type: 'password', username: user, password });
		const { body: token } = await this.request('POST', tokenHref,
			{ body: form.toString(), type: 'application/x-www-form-urlencoded;charset=utf-8' });

		this.#token = token.access_token;
		const { _links } = (await this.request('GET', userHref)).body;

		this.#base = _links.applications.href;
		this.application = (await this.request('POST', _links.applications.href, {
			body: { UserAgent: 'UCWA Samples', EndpointId: randomUUID(), Culture: 'en-US' },
		})).body;
		this.next = this.application._links.events.href;
		await this.request('POST', this.application._embedded.me._links.makeMeAvailable.href,
			{ body: { SupportedModalities: story === 'be-phoned' ? ['PhoneAudio', 'Messaging'] : ['Messaging'] } });
		this.application = (await this.request('GET', this.application._links.self.href)).body;
		say('signed-in');
	}

	/** Every event, with its resource, whether embedded or only linked. */
	async *events() {
		for (;;) {
			const { body } = await this.request('GET', this.next);

			this.next = (body._links.next ?? body._links.resume ?? body._links.resync).href;
			for (const sender of body.sender ?? [])
				for (const event of sender.events)
					yield { ...event, rel: event.link.rel, sender, resource: event._embedded?.[event.link.rel] };
		}
	}

	/** The next event about a resource of this rel, of this type; others are kept. */
	async wait(rel, type, fits = () => true) {
		const wanted = (e) => e.rel === rel && e.type === type && fits(e);

		this.stream ??= this.events();
		while (!this.seen.some(wanted))
			this.seen.push((await this.stream.next()).value);
		return this.seen.splice(this.seen.findIndex(wanted), 1)[0];
	}

	connected() {
		return this.wait('messaging', 'updated', (e) => e.resource.state === 'Connected');
	}

	async heard() {
		const event = await this.wait('message', 'completed', (e) => e.resource.direction === 'Incoming');

		say('message', { text: textOf(event.resource._links.plainMessage.href) });
		return event;
	}

	async delivered() {
		const { status, resource } = await this.wait('message', 'completed', (e) => e.resource.direction === 'Outgoing');

		say('delivered', { status, operationId: resource.operationId });
	}

	send(href, words) {
		return this.request('POST', href, { body: words, type: 'text/plain' });
	}

	async start() {
		const operationId = randomUUID();
		const { status, headers } = await this.request('POST', this.application._embedded.communication._links.startMessaging.href, {
			body: {
				importance: 'Normal', sessionContext: randomUUID(), subject: 'Task Sample', telemetryId: null,
				to: `sip:${to}`, operationId,
				_links: { message: { href: `data:text/plain;base64,${Buffer.from(text).toString('base64')}` } },
			},
		});
		const started = await this.wait('messagingInvitation', 'started');

		if (status !== 201 || headers.get('location') !== started.link.href || started.resource.operationId !== operationId)
			throw new Error(`201 ${headers.get('location')} and ${JSON.stringify(started)} differ`);
		say('started', { state: started.resource.state });
		return started.resource;
	}

	async completed() {
		const { status, reason, resource } = await this.wait('messagingInvitation', 'completed');

		say('completed', {
			status, state: resource.state, subcode: reason?.subcode,
			by: resource._embedded?.acceptedByParticipant?.[0]?.uri,
		});
	}
}

const stories = {
	async 'be-called'(client) {
		const { resource: invitation } = await client.wait('messagingInvitation', 'started');

		say('invited', {
			text: textOf(invitation._links.message.href), from: invitation._embedded.from.uri,
			name: invitation._embedded.from.name, threadId: invitation.threadId,
		});
		await client.request('POST', invitation._links.accept.href);
		await client.connected();
		await client.completed();
		await client.heard(); // the first line, which the invitation has shown
		const message = await client.heard();

		await client.send(message.link.href, 'Fine');
		await client.delivered();
		await client.wait('conversation', 'deleted');
		say('ended');
	},
	async 'be-phoned'(client) {
		const { resource: invitation } = await client.wait('phoneAudioInvitation', 'started');

		say('phoned', { from: invitation._embedded.from.uri });
		await client.request('POST', invitation._links.accept.href);
		const { status, resource } = await client.wait('phoneAudioInvitation', 'completed');

		say('completed', { status, state: resource.state });
		await client.wait('conversation', 'deleted');
		say('ended');
	},
	async call(client) {
		await client.start();
		const { resource: messaging } = await client.connected();

		await client.completed();
		await client.send(`${messaging._links.sendMessage.href}?operationId=1`, 'What\'s up?');
		await client.delivered();
		await client.heard();
		await client.request('POST', messaging._links.stopMessaging.href);
		await client.wait('conversation', 'deleted');
		say('ended');
	},
	async 'give-up'(client) {
		const invitation = await client.start();

		await client.request('POST', invitation._links.cancel.href);
		await client.completed();
		await client.request('GET', invitation._links.conversation.href, { statuses: [404] });
		say('ended');
	},
};

const client = new Client();

await client.signIn();
await stories[story](client);
await client.request('DELETE', client.application._links.self.href);
