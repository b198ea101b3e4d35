// One phone: what its screen shows, and what can be done with it.
import { MAX_LINE, el, fill, said, setText } from './dom.js';

const states = {
	AWAY: 'App asleep, reached by push',
	HELD: 'App open, connected over HTTPS',
	LINGERING: 'App open, connected over HTTPS',
};

const NOTHING = { lines: [], count: 0 };

export class Phone {
	constructor(store, cast, fail) {
		Object.assign(this, { store, cast, fail });
		this.screen = el('div', { class: 'screen' });
		this.thinks = el('p', { class: 'thinks', role: 'status' });
		this.buttons = el('div', { class: 'buttons' });
		this.root = el('div', { class: 'hand', role: 'group' },
			el('div', { class: 'casing' }, this.screen, el('div', { class: 'threekeys', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))),
			this.thinks, this.buttons);
	}

	/** Draw what is known of a phone, if there is one; number: which of several it is, or 0. */
	update(conversation, phone, number) {
		const { store, cast } = this;
		const owner = store.cast.phone;
		const { lines, count } = conversation?.talk.of(store.cast.desktop, owner).phone ?? NOTHING;
		const missed = phone && !phone.watched ? phone.server?.missed ?? 0 : 0;
		const time = new Date(store.now());
		const clock = time.toTimeString().slice(0, 5);
		const peer = store.name(conversation?.caller === owner ? conversation?.callee : conversation?.caller ?? cast.store.cast.desktop);

		this.number = number;
		this.root.setAttribute('aria-label', number ? `Phone ${number}` : 'Phone');
		fill(this.screen, JSON.stringify([phone?.id, phone?.screen, phone?.toast, phone?.tile, missed, clock, phone?.on, phone?.screen === 'app' && [conversation?.id, count, lines.at(-1)?.seq], peer,
			this.#canSay(phone)]), () => this.#draw(phone, { lines, clock, time, missed, peer, owner }));
		setText(this.thinks, `${number ? `${number} · ` : ''}${this.#think(phone)}`);
		this.#act(phone);
	}

	// ---- the screen ----

	#draw(phone, more) {
		if (!phone || !phone.on || phone.screen === 'off')
			return el('div', { class: 'off' });
		const toast = phone.toast && el('div', { class: 'toast' }, el('b', {}, said(phone.toast.from, 60)), said(phone.toast.text, 200));

		if (phone.screen === 'app')
			return [this.#app(phone, more), toast];
		return [phone.screen === 'home' ? this.#home(phone) : this.#lock(more), toast];
	}

	#lock({ clock, time, missed }) {
		const day = time.toLocaleDateString('en-GB', { weekday: 'long' });
		const date = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' });

		return el('div', { class: 'lock' }, el('b', {}, clock), el('span', {}, day), el('span', {}, date),
			el('small', {}, missed ? `${missed} missed` : ''));
	}

	#home(phone) {
		const tile = (name, ...more) => el('div', ...more, el('span', {}, name));
		const messages = el('div', { class: 'live' }, el('span', {}, 'messages'), phone.tile ? el('b', {}, String(phone.tile)) : null);

		return el('div', { class: 'home' }, tile('phone'), messages, el('div', { class: 'broad' }, el('span', {}, 'calendar')), tile('people'), tile('maps'));
	}

	#canSay(phone) {
		return Boolean(phone) && !phone.watched && this.store.link === 'live' && phone.conversations.some(({ state }) => state === 'connected');
	}

	#app(phone, { lines, peer, owner }) {
		const list = el('ul', { class: 'bubbles', tabindex: '0', 'aria-label': 'Talk on the phone' }, lines.map(({ who, text }) => el('li', { class: who === owner ? 'own' : null }, said(text, MAX_LINE))));
		const input = el('input', { name: 'line', autocomplete: 'off', maxlength: '1000', placeholder: 'type a message', 'aria-label': 'Type a message on the phone' });
		const form = el('form', {
			onsubmit: (event) => {
				event.preventDefault();
				if (input.value.trim())
					this.#do(phone, 'send', { text: input.value });
			},
		}, input);

		requestAnimationFrame(() => (list.scrollTop = list.scrollHeight));
		return el('div', { class: 'app' }, el('h3', {}, said(peer.toLowerCase(), 60)), list, this.#canSay(phone) ? form : null);
	}

	// ---- below it ----

	#think(phone) {
		if (!phone)
			return this.store.hosts ? 'Nobody holds a phone yet' : 'No phone is signed in';
		if (!phone.on)
			return 'Switched off; nobody has been told';
		if (!phone.online)
			return 'No network';
		if (phone.state !== 'signed-in')
			return { 'signing-in': 'Signing in', 'signing-out': 'Signing out' }[phone.state] ?? 'Signed out';
		const missed = phone.server?.missed ?? 0;

		if (phone.screen !== 'app' && missed)
			return `App asleep · ${missed} missed`;
		return states[phone.server?.state] ?? 'Signed in';
	}

	#choices(phone) {
		const network = phone.online ? ['lose-network', 'Lose network'] : ['network-back', 'Back online'];
		const power = phone.on ? ['switch-off', 'Switch off'] : ['switch-on', 'Switch on'];

		const away = this.number > 1 ? [['remove', 'Take away']] : [];

		if (!phone.on)
			return [power, ...away];
		if (phone.state === 'signed-out')
			return [['sign-in', 'Sign in'], power, ...away];
		const invited = phone.conversations.some(({ state, ignored }) => state === 'invited' && !ignored);
		const connected = phone.conversations.some(({ state }) => state === 'connected');
		const first = phone.toast ? [['accept', 'Open toast'], ['dismiss', 'Dismiss']]
			: invited ? [['accept', 'Accept'], ['decline', 'Decline']]
				: phone.screen === 'app' ? [['background', 'Background'], connected ? ['bye', 'Leave talk'] : ['lock', 'Lock']]
					: [['open', 'Open app'], phone.screen === 'lock' ? ['unlock', 'Home'] : ['lock', 'Lock']];

		return [...first, network, power, ...away];
	}

	#act(phone) {
		const own = phone && !phone.watched;
		const choices = own ? this.#choices(phone) : this.store.hosts && this.store.cast.phone ? [['host', 'Host a phone']] : [];
		const live = this.store.link === 'live';
		const key = JSON.stringify([choices, live, phone?.id]);
		const held = this.buttons.contains(document.activeElement) ? [...this.buttons.children].indexOf(document.activeElement) : -1;

		fill(this.buttons, key, () => choices.map(([command, words], i) =>
			el('button', { type: 'button', class: `button${i ? '' : ' primary'}`, disabled: !live, 'data-command': command,
				onclick: () => this.#do(phone, command) }, words)));
		// The button that had the focus has another meaning now, but it is the same place.
		if (held >= 0 && !this.buttons.contains(document.activeElement))
			this.buttons.children[Math.min(held, this.buttons.children.length - 1)]?.focus();
	}

	async #do(phone, command, body) {
		try {
			if (command === 'host')
				await this.cast.host('phone', this.store.cast.phone);
			else if (command === 'remove')
				await this.cast.remove(phone);
			else
				await this.cast.order(phone, command, body);
		} catch (error) {
			this.fail(error);
		}
	}
}
