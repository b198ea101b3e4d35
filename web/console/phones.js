// The phones of the one who is called, side by side: hosted ones, or what is known of one that another program runs.
import { el, fill, said, sayable } from './dom.js';
import { Phone } from './phone.js';

const MAX_PHONES = 4; // that the button adds

export class Phones {
	constructor(store, cast, fail) {
		Object.assign(this, { store, cast, fail });
		this.heading = el('span');
		this.add = el('button', { type: 'button', class: 'button', onclick: () => this.#another() }, '+ phone');
		this.hands = el('div', { class: 'hands' });
		this.root = el('section', { class: 'phone', 'aria-labelledby': 'phone-heading' },
			el('div', { class: 'title' }, el('h2', { id: 'phone-heading' }, this.heading), this.add), this.hands);
		this.all = [];
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
		const owner = this.store.cast.phone;
		const hosted = this.cast.phones;
		const name = this.store.name(owner);

		fill(this.heading, `${name} ${hosted.length > 1}`, () => said(`${name}’s ${hosted.length > 1 ? 'phones' : 'phone'}`, 60));
		this.add.hidden = !hosted.length || hosted.length >= MAX_PHONES;
		this.add.disabled = this.store.link !== 'live';
		this.add.setAttribute('aria-label', sayable(`+ phone for ${name}`));
		this.#match(Math.max(1, hosted.length));
		for (const [i, phone] of this.all.entries())
			phone.update(conversation, hosted[i] ?? this.#watched(conversation), hosted.length > 1 ? i + 1 : 0);
	}

	#match(n) {
		while (this.all.length > n)
			this.all.pop().root.remove();
		while (this.all.length < n) {
			this.all.push(new Phone(this.store, this.cast, this.fail));
			this.hands.append(this.all.at(-1).root);
		}
	}

	/** To the first button. */
	focus() {
		this.all[0]?.buttons.firstChild?.focus();
	}

	async #another() {
		try {
			await this.cast.another();
		} catch (error) {
			this.fail(error);
		}
	}
}
