// The lab's clock: what it says, and the buttons that move it.
import * as api from './api.js';
import { setPressed, setText } from './dom.js';

const MAX_ASKED = 100;
const $ = (id) => document.getElementById(id);

function ahead(ms) {
	const s = Math.round(ms / 1000);

	if (s < 1)
		return 'real time';
	return s < 600 ? `${s} s ahead` : s < 36000 ? `${Math.round(s / 60)} min ahead` : `${Math.round(s / 3600)} h ahead`;
}

export class Clock {
	constructor(store, held, fail) {
		Object.assign(this, { store, held, fail });
		$('freeze').addEventListener('click', () => this.freeze());
		$('plus-10').addEventListener('click', () => this.advance(10000));
		$('to-timeout').addEventListener('click', () => this.toTimeout());
	}

	/** Ask the server what time it is. */
	async read() {
		this.take(await api.get('clock'));
	}

	take(clock) {
		const now = Date.parse(clock.now);

		this.labMs = clock.labMs;
		Object.assign(this.store.clock, { offsetMs: clock.offsetMs, frozen: Boolean(clock.frozen), at: now, skewMs: now - Date.now() });
		this.store.changed('clock');
	}

	/** A record of the clock: ask what it says. A move is recorded when it begins, so ask until it is there. */
	async follow({ labMs, fields }) {
		const there = labMs + Number(fields.ms ?? 0);

		if (fields.action === 'advance' && this.labMs >= there)
			return;
		for (let i = 0; i < MAX_ASKED && this.store.link === 'live'; i++) {
			await this.read();
			if (this.labMs >= there)
				break;
		}
	}

	async #do(work) {
		try {
			this.take(await work());
		} catch (error) {
			this.fail(error);
		}
	}

	freeze() {
		if (this.store.link !== 'live' || !api.has('clock/freeze'))
			return undefined;
		return this.#do(() => api.post(this.store.clock.frozen ? 'clock/resume' : 'clock/freeze'));
	}

	advance(ms) {
		return this.#do(() => api.post('clock/advance', { ms: Math.max(0, Math.ceil(ms)) }));
	}

	/** To the moment at which the INVITE that is held times out. */
	toTimeout() {
		const conversation = this.held();

		if (conversation)
			return this.advance(conversation.deadline - this.store.now() + 20);
		return undefined;
	}

	tick() {
		const { clock } = this.store;
		const conversation = this.held();
		const now = new Date(this.store.now());
		const left = conversation && this.store.secondsLeft(conversation);

		setText($('clock-now'), now.toTimeString().slice(0, 8));
		setText($('clock-says'), clock.frozen ? 'Frozen' : conversation ? `times out in ${left} s` : ahead(clock.offsetMs));
		document.querySelector('.clock').classList.toggle('frozen', clock.frozen);
		setText($('freeze'), clock.frozen ? 'Resume' : 'Freeze');
		setPressed($('freeze'), clock.frozen);
		$('plus-10').disabled = this.store.link !== 'live';
		$('freeze').disabled = this.store.link !== 'live' || !api.has('clock/freeze');
		$('to-timeout').disabled = this.store.link !== 'live' || !conversation;
	}
}
