// Alice's desktop: whom she knows, and the window of the conversation.
import { MAX_LINE, el, fill, said, sayable, setText } from './dom.js';
import { status } from './talk.js';

const NOTHING = { lines: [], count: 0, typing: 0 };

export class Desktop {
	constructor(store, cast, fail) {
		Object.assign(this, { store, cast, fail, waited: new Set() });
		this.heading = el('span');
		this.how = el('small');
		this.contacts = el('ul', { class: 'contacts' });
		this.caption = el('div', { class: 'caption' });
		this.lines = el('ul', { class: 'lines', tabindex: '0', 'aria-label': 'Talk' });
		this.statusText = el('span');
		this.left = el('small', { 'aria-hidden': 'true' });
		this.dots = el('span', { class: 'dots', 'aria-hidden': 'true' }, el('i'));
		this.status = el('div', { class: 'status', role: 'status' }, this.dots, this.statusText, this.left);
		this.input = el('input', { class: 'field', name: 'line', autocomplete: 'off', maxlength: '1000', 'aria-keyshortcuts': 'a' });
		this.send = el('button', { class: 'button' }, 'Send');
		this.form = el('form', { class: 'write', onsubmit: (event) => this.#say(event) }, this.input, this.send);
		this.root = el('section', { class: 'desktop', 'aria-labelledby': 'desktop-heading' },
			el('h2', { class: 'title', id: 'desktop-heading' }, this.heading, this.how),
			el('div', { class: 'window' }, el('div', { class: 'caption' }, 'Contacts'), this.contacts),
			el('div', { class: 'window talk' }, this.caption, this.lines, this.status, this.form));
	}

	async #say(event) {
		event.preventDefault();
		const text = this.input.value;

		if (!text.trim() || this.store.link !== 'live')
			return;
		try {
			const desktop = await this.cast.host('desktop', this.store.cast.desktop);
			const open = desktop.conversations.some(({ state }) => state !== 'invited');

			await this.cast.order(desktop, 'send', open ? { text } : { to: this.peer, text });
			this.input.value = '';
		} catch (error) {
			this.fail(error);
		}
	}

	/** Draw what is known now. */
	update(conversation) {
		const { store } = this;
		const { desktop: me, phone } = store.cast;
		const peer = this.peer = phone;
		const name = store.name(peer);
		const { lines, count, typing } = conversation?.talk.of(me, phone).desktop ?? NOTHING;
		const says = status(conversation, name, typing, store);

		fill(this.heading, store.name(me), () => said(`${store.name(me)}’s desktop`, 60));
		setText(this.how, conversation?.invite?.fields.transport ? `SIP over ${conversation.invite.fields.transport.toUpperCase()}` : '');
		this.#contacts([me, peer]);
		fill(this.caption, name, () => said(name, 60));
		const unsent = this.#unsent(conversation, lines);

		if (fill(this.lines, `${conversation?.id} ${count} ${lines.at(-1)?.seq} ${JSON.stringify(unsent)}`, () => [
			count > lines.length ? el('li', { class: 'gone' }, `${count - lines.length} earlier`) : null, ...lines.map((one) => this.#line(one)),
			...unsent.map((one) => this.#line(one))]))
			this.lines.scrollTop = this.lines.scrollHeight;
		this.status.className = `status ${says.kind}`;
		this.dots.hidden = says.kind !== 'waiting' && says.kind !== 'typing';
		setText(this.statusText, says.text);
		this.input.placeholder = store.hosts ? sayable(`Write to ${name}`) : 'Not hosted by this lab';
		this.input.setAttribute('aria-label', sayable(`Write to ${name}`));
		this.input.disabled = this.send.disabled = !store.hosts || !me || !peer || store.link !== 'live';
		this.tick(conversation);
	}

	tick(conversation) {
		setText(this.left, this.store.isHeld(conversation)
			? `${this.store.secondsLeft(conversation)} s` : '');
	}

	// What was written while it rings waits for the answer, and has left no record yet. Once it has failed it still stands there.
	#unsent(conversation, lines) {
		const { desktop: me, phone: peer } = this.store.cast;
		const sent = lines.filter(({ who }) => who === me).map(({ text }) => text);
		const written = (this.cast.desktop?.lines ?? []).filter((one) => one.peer === peer && ['waiting', 'failed'].includes(one.state));

		if (this.waitedFor !== conversation?.id)
			Object.assign(this, { waitedFor: conversation?.id, waited: new Set() });
		return written.filter(({ text, state }) => {
			const at = sent.indexOf(text);

			if (at >= 0)
				sent.splice(at, 1);
			else if (state === 'waiting')
				this.waited.add(text);
			return at < 0 && this.waited.has(text);
		}).map(({ text, state }) => ({ who: me, text, note: state === 'waiting' ? 'not sent yet' : 'not delivered' }));
	}

	#line({ who, text, time, note }) {
		return el('li', { class: note ? 'unsent' : null }, el('small', {}, said(this.store.name(who), 60), el('span', {}, note ?? time?.slice(11, 16) ?? '')), said(text, MAX_LINE));
	}

	#contacts(aors) {
		const rows = aors.filter(Boolean).map((aor) => {
			const user = this.store.users.get(aor);
			const mobile = user && user.contacts === 0 && user.phones > 0;
			const present = user && user.contacts + user.phones > 0;

			return { aor, name: this.store.name(aor), present, says: !present ? 'Offline' : mobile ? 'Available · Mobile' : 'Available' };
		});

		fill(this.contacts, JSON.stringify(rows), () => rows.map(({ name, present, says }, i) =>
			el('li', { class: `contact${present ? ' present' : ''}${i ? ' chosen' : ''}` },
				el('i', { 'aria-hidden': 'true' }, name.charAt(0)), el('b', {}, said(name, 60)), el('small', {}, says))));
	}
}
