// Which row of the ladder is chosen: by pointing, by keys, by its record's number. One row at most.
import { isInvite } from './rows.js';

const FAR = 1e9; // rows: to the first or the last

export class Choice {
	/** on.open(row): its message is wanted; on.moved(row): another one is chosen by keys. */
	constructor(window, inner, on) {
		Object.assign(this, { window, inner, on });
		this.row = undefined;
		inner.addEventListener('click', (event) => {
			const key = event.target.closest('[data-key]')?.dataset.key;
			const index = key ? this.window.rows.findIndex((row) => row.key === key) : -1;

			if (index >= 0)
				this.#open(index);
		});
		inner.addEventListener('keydown', (event) => this.#key(event));
	}

	get #at() {
		return this.window.rows.indexOf(this.row);
	}

	/** Choose the row at a place, and bring it into view. */
	choose(index, focus = false) {
		this.row = this.window.rows[index];
		this.window.show(index);
		for (const node of this.inner.querySelectorAll('[aria-selected="true"]'))
			node.setAttribute('aria-selected', 'false');
		this.window.element(index)?.setAttribute('aria-selected', 'true');
		this.activate();
		if (focus)
			this.inner.focus({ preventScroll: true });
	}

	/** Say to readers which row it is; it is an element only while it is in view. */
	activate() {
		const chosen = this.row && this.inner.querySelector('[aria-selected="true"]');

		if (chosen)
			this.inner.setAttribute('aria-activedescendant', chosen.id);
		else
			this.inner.removeAttribute('aria-activedescendant');
	}

	#open(index) {
		this.choose(index);
		this.on.open(this.row);
	}

	/** Open the message of the row that is chosen. */
	open() {
		if (this.#at >= 0)
			this.#open(this.#at);
	}

	/** Move by n rows that have a record. */
	move(n) {
		const { rows } = this.window;
		const step = Math.sign(n);
		const at = this.#at;
		let [from, left] = [at < 0 && n < 0 ? rows.length : at, Math.abs(n)];
		let found = -1;

		for (let i = from + step; rows[i] && left; i += step)
			if (rows[i].record)
				[found, left] = [i, left - 1];
		this.#moved(found);
	}

	/** To the first row (-1) or the last (1). */
	toEdge(side) {
		const { rows } = this.window;

		this.#moved(side < 0 ? rows.findIndex((row) => row.record) : rows.findLastIndex((row) => row.record));
	}

	/** To the next turning point (1) or the one before (-1). */
	turn(direction) {
		const { rows } = this.window;
		const at = this.#at;

		for (let i = at < 0 && direction < 0 ? rows.length - 1 : at + direction; rows[i]; i += direction)
			if (rows[i].turn || (rows[i].record && isInvite(rows[i].record))) {
				this.choose(i, true);
				return;
			}
	}

	#moved(index) {
		if (index < 0)
			return;
		this.choose(index, true);
		this.on.moved(this.row);
	}

	/** What a key of those that move does; false: it is another one. */
	onKey(key) {
		const page = Math.max(1, Math.floor(this.window.scroller.clientHeight / 30));
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -FAR, End: FAR };
		const n = steps[key];

		if (!n)
			return false;
		if (Math.abs(n) === FAR)
			this.toEdge(Math.sign(n));
		else
			this.move(n);
		return true;
	}

	#key(event) {
		if (event.key === 'Enter' && this.row)
			this.open();
		else if (!this.onKey(event.key))
			return;
		event.preventDefault();
		event.stopPropagation();
	}
}
