// A phone app whose server comes and goes.
import assert from 'node:assert/strict';

/** The words of a message, which a data URI has. */
export function text(href) {
	return decodeURIComponent(href.slice(href.indexOf(',') + 1));
}

/** A phone that asks for packets again and again, and goes on after each restart where it was. */
export class SteadyPhone {
	constructor(lab, app) {
		Object.assign(this, { lab, app, messages: new Map(), invitations: [], watchers: new Set(), stopped: false });
		this.up = Promise.resolve();
	}

	/** Every request of its own: until it is answered. */
	async insist(method, href, options) {
		for (;;) {
			try {
				return await this.app.request(method, href, options);
			} catch (e) {
				if (e instanceof assert.AssertionError)
					throw e;
				if (this.stopped)
					return { status: 0 };
				await this.up;
			}
		}
	}

	async run() {
		while (!this.stopped) {
			const { status, body } = await this.insist('GET', this.app.next);

			if (this.stopped)
				return;
			if (status === 503) { // it is shutting down
				await this.up;
				continue;
			}
			assert.equal(status, 200, JSON.stringify(body));
			for (const event of (body.sender ?? []).flatMap((s) => s.events ?? []))
				this.#take(event);
			this.app.next = (body._links.next ?? body._links.resync).href;
			for (const watcher of this.watchers)
				watcher();
		}
	}

	#take({ link, type, _embedded }) {
		if (link?.rel === 'messagingInvitation' && type === 'started')
			this.invitations.push(_embedded.messagingInvitation._links.accept.href);
		if (link?.rel === 'messaging' && _embedded?.messaging?._links.sendMessage)
			this.sendMessage ??= _embedded.messaging._links.sendMessage.href;
		if (link?.rel !== 'message' || type !== 'completed')
			return;
		const { _links, direction } = _embedded.message;

		if (direction === 'Outgoing')
			return;
		const said = text(_links.plainMessage.href);

		// A packet that came before and was not acknowledged comes again as it was.
		assert.equal(this.messages.get(link.href) ?? said, said, 'a path stands for one message');
		this.messages.set(link.href, said);
	}

	/** Take the invitations of dialogs that call it, one after another; run() has to be under way. */
	async takeAll(dialogs) {
		for (const [i, dialog] of dialogs.entries()) {
			const connected = dialog.invite();

			await this.until(() => this.invitations.length > i);
			assert.equal((await this.insist('POST', this.invitations[i])).status, 204);
			await connected;
		}
	}

	/** Until what it has seen is as wanted. */
	async until(fits) {
		while (!fits())
			await new Promise((resolve) => this.watchers.add(resolve));
	}
}
