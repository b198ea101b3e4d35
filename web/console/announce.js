// What a screen reader hears by itself: turning points, toasts, faults, the connection; at most one a second.
import { labelOf } from './label.js';
import { sayable } from './dom.js';
import { turnOf } from './rows.js';

const MAX_WAITING = 5;

export class Announcer {
	constructor(store, log) {
		Object.assign(this, { store, log });
		this.waiting = [];
		this.began = Date.now();
	}

	/** A record: what it means, if it is of the kind that is told. The past is not. */
	take(record) {
		if (this.store.link !== 'live' || Date.parse(record.time) < this.began + this.store.clock.skewMs)
			return;
		if (turnOf(record))
			this.say(labelOf(record));
		else if (record.kind === 'toast')
			this.say(`Toast: ${record.fields.text1 ?? ''} ${record.fields.text2 ?? ''}`);
		else if (record.kind === 'fault')
			this.say(labelOf(record));
	}

	say(text) {
		this.waiting.push(sayable(text));
		this.waiting.splice(0, this.waiting.length - MAX_WAITING);
		this.timer ??= setTimeout(() => this.#speak(), 0);
	}

	#speak() {
		const line = document.createElement('p');

		line.textContent = this.waiting.shift();
		this.log.append(line);
		while (this.log.children.length > MAX_WAITING)
			this.log.firstChild.remove();
		this.timer = this.waiting.length ? setTimeout(() => this.#speak(), 1000) : undefined;
	}
}
