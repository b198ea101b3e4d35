// Bob's phone: what its screen shows, and what he can do with it.
import { el, fill, said, setText } from './dom.js';

const states = {
	AWAY: 'App asleep, reached by push',
	HELD: 'App open, connected over HTTPS',
	LINGERING: 'App open, connected over HTTPS',
};

export class Phone {
	constructor(store, cast, fail) {
		Object.assign(this, { store, cast, fail });
		this.heading = el('span');
		this.which = el('span', { class: 'which' });
		this.screen = el('div', { class: 'screen' });
		this.thinks = el('p', { class: 'thinks', role: 'status' });
		this.buttons = el('div', { class: 'buttons' });
		this.root = el('section', { class: 'phone', 'aria-labelledby': 'phone-heading' },
			el('h2', { class: 'title', id: 'phone-heading' }, this.heading, this.which),
			el('div', { class: 'handset' }, this.screen, el('div', { class: 'threekeys', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))),
			this.thinks, this.buttons);
	}

	// What is known of a phone that another program runs.
	#watched(conversation) {
		const known = this.store.phoneOf.get(this.store.cast.phone);

		if (!known)
			return undefined;
		const open = known.state === 'HELD' || known.state === 'LINGERING';
		const { toast } = known;
		const shows = toast && !open && this.store.isHeld(conversation) && toast.conversation === conversation.id;

		return { state: 'signed-in', on: true, online: true, screen: open ? 'app' : shows ? 'lock' : 'home', tile: Number(known.tile ?? 0),
			toast: shows ? { from: toast.fields.text1, text: toast.fields.text2 } : null, server: { state: known.state }, watched: true,
			conversations: [], lines: [] };
	}

	update(conversation) {
		const { store, cast } = this;
		const owner = store.cast.phone;
		const phone = cast.phone ?? this.#watched(conversation);
		const lines = conversation?.talk.of(store.cast.desktop, owner).phone.lines ?? [];

		fill(this.heading, store.name(owner), () => said(`${store.name(owner)}’s phone`, 60));
		this.#which(owner);
		const missed = store.actors.length && phone && !phone.watched ? phone.server?.missed ?? 0 : 0;
		const time = new Date(store.now());
		const clock = time.toTimeString().slice(0, 5);
		const peer = store.name(conversation?.caller === owner ? conversation?.callee : conversation?.caller ?? store.cast.desktop);

		fill(this.screen, JSON.stringify([phone?.id, phone?.screen, phone?.toast, phone?.tile, missed, clock, phone?.on, phone?.screen === 'app' && lines, peer,
			this.#canSay(phone)]), () => this.#draw(phone, { lines, clock, time, missed, peer, owner }));
		setText(this.thinks, this.#think(phone));
		this.#act(phone);
	}

	#which(owner) {
		const all = this.store.actors.filter(({ kind, user }) => kind === 'phone' && user === owner);

		fill(this.which, `${all.length} ${this.cast.which}`, () => all.length < 2 ? el('small', {}, all.length ? '1 of 1' : '')
			: all.map((_, i) => el('button', {
				type: 'button', class: 'button', 'aria-pressed': String(i === this.cast.which), 'aria-label': `Phone ${i + 1}`,
				onclick: () => {
					this.cast.which = i;
					this.store.changed('actors');
				},
			}, String(i + 1))));
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
		const list = el('ul', { class: 'bubbles' }, lines.map(({ who, text }) => el('li', { class: who === owner ? 'own' : null }, said(text))));
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
			return 'No phone is signed in';
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

		if (!phone.on)
			return [power];
		if (phone.state === 'signed-out')
			return [['sign-in', 'Sign in'], power];
		const invited = phone.conversations.some(({ state, ignored }) => state === 'invited' && !ignored);
		const connected = phone.conversations.some(({ state }) => state === 'connected');
		const first = phone.toast ? [['accept', 'Open toast'], ['dismiss', 'Dismiss']]
			: invited ? [['accept', 'Accept'], ['decline', 'Decline']]
				: phone.screen === 'app' ? [['background', 'Background'], connected ? ['bye', 'Leave talk'] : ['lock', 'Lock']]
					: [['open', 'Open app'], phone.screen === 'lock' ? ['unlock', 'Home'] : ['lock', 'Lock']];

		return [...first, network, power];
	}

	#act(phone) {
		const own = phone && !phone.watched;
		const choices = own ? this.#choices(phone) : this.store.hosts && this.store.cast.phone ? [['host', 'Host a phone']] : [];
		const live = this.store.link === 'live';
		const key = JSON.stringify([choices, live, phone?.id]);
		const held = this.buttons.contains(document.activeElement) ? [...this.buttons.children].indexOf(document.activeElement) : -1;

		fill(this.buttons, key, () => choices.map(([command, words], i) =>
			el('button', { type: 'button', class: `button${i ? '' : ' primary'}`, disabled: !live, 'data-command': command,
				onclick: () => command === 'host' ? this.#host() : this.#do(this.cast.phone, command) }, words)));
		// The button that had the focus has another meaning now, but it is the same place.
		if (held >= 0 && !this.buttons.contains(document.activeElement))
			this.buttons.children[Math.min(held, this.buttons.children.length - 1)]?.focus();
	}

	async #host() {
		try {
			await this.cast.host('phone', this.store.cast.phone);
		} catch (error) {
			this.fail(error);
		}
	}

	async #do(phone, command, body) {
		try {
			await this.cast.order(phone, command, body);
		} catch (error) {
			this.fail(error);
		}
	}
}
