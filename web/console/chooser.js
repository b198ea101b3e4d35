// Which conversation is looked at: the newest, one of the last, or all that travels.
import { el } from './dom.js';

const MAX_CHOICES = 200;

export class Chooser {
	constructor(store, choose) {
		this.store = store;
		this.newest = el('option', { value: '' }, 'No conversation yet');
		this.all = el('option', { value: 'all' }, 'All that travels');
		this.root = el('select', { class: 'field', 'aria-label': 'Conversation', onchange: () => choose(this.root.value) }, this.newest, this.all);
	}

	/** Choices for conversations that have come since. */
	update(chosen) {
		if (this.generation !== this.store.generation) {
			this.generation = this.store.generation;
			this.last = 0;
			this.root.replaceChildren(this.newest, this.all);
		}
		const { id: newest } = this.store.newest() ?? {};

		if (newest > this.last) {
			for (let id = Math.max(this.last, newest - MAX_CHOICES) + 1; id <= newest; id++)
				if (this.store.conversations.has(id))
					this.#add(id);
			this.last = newest;
			this.newest.textContent = 'Newest conversation';
		}
		if (typeof chosen === 'number' && !this.root.querySelector(`[value="${chosen}"]`))
			this.all.before(this.#option(chosen));
		if (this.root.value !== String(chosen ?? ''))
			this.root.value = String(chosen ?? '');
	}

	#option(id) {
		return el('option', { value: String(id) }, `Conversation ${id}`);
	}

	// The newest is the first.
	#add(id) {
		this.newest.after(this.#option(id));
		if (this.root.children.length > MAX_CHOICES + 2)
			this.all.previousElementSibling.remove();
	}
}
