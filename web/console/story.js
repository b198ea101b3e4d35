// The two attempts, a step at a time. What happens is up to the desktop, the phone and the servers; a step is told when its
// record has come, and if another one comes, that is told instead.

import { sayable, setText } from './dom.js';

const WELCOME = 'Alice writes to Bob, who has only his phone. First nobody comes, then he opens the toast.';
const PATIENCE_MS = 20000; // for the record of a step
const $ = (id) => document.getElementById(id);

/** Whether a record is what a condition describes, in the words of /lab/v1/wait. */
export function matches(record, { kind, fields = {} }) {
	return record.kind === kind && Object.entries(fields).every(([name, wanted]) => {
		const value = record.fields[name];

		return value !== undefined && (typeof wanted === 'string' ? value === wanted : new RegExp(wanted.matches).test(value));
	});
}

export class Story {
	constructor(store, cast, clock, on) {
		Object.assign(this, { store, cast, clock, on });
		this.at = 0;
		this.seen = []; // records that a step or what comes instead of one is about
		for (const n of [1, 2])
			$(`play-${n}`).addEventListener('click', () => this.play(n));
		$('next').addEventListener('click', () => this.next());
		$('to-end').addEventListener('click', () => this.toEnd());
	}

	async load() {
		this.script = await (await fetch('story.json')).json();
		this.#greet();
		this.#buttons();
	}

	// What is so before anything is played.
	#greet() {
		this.isIdle = true;
		this.#say('Ready', this.cast.phone?.server?.state === 'AWAY' ? this.script.before : WELCOME);
	}

	get steps() {
		return this.script?.steps.filter(({ attempt }) => attempt === this.attempt) ?? [];
	}

	get isOver() {
		return this.attempt !== undefined && (this.ended || this.at >= this.steps.length);
	}

	/** Whether an attempt is under way, whose two people are on the stage. */
	get isPlaying() {
		return Boolean(this.begins) || (this.attempt !== undefined && !this.isOver);
	}

	// The sentences are of Alice and Bob, who may have other names here.
	#named(sentence) {
		const { desktop, phone } = this.store.cast;
		const names = { Alice: desktop, Bob: phone };

		return sentence.replace(/\b(Alice|Bob)\b/g, (name) => sayable(this.store.name(names[name]) || name));
	}

	#say(step, sentence) {
		this.says = [step, sentence];
		this.show();
	}

	/** Say again what was said last; the other views have sentences of their own. */
	show() {
		if (document.body.dataset.view !== 'stage' || !this.says)
			return;
		setText($('step'), this.says[0]);
		setText($('sentence'), this.#named(this.says[1]));
	}

	/** Say something that is not of the story. */
	tell(sentence) {
		this.isIdle = false;
		this.#say(this.attempt ? `Attempt ${this.attempt}` : 'Ready', sentence);
	}

	#buttons() {
		const live = this.store.link === 'live' && this.store.hosts && Boolean(this.script);
		const words = this.attempt === undefined ? 'Play attempt 1' : !this.isOver ? 'Next step' : this.attempt === 1 ? 'Play attempt 2' : 'Start again';

		$('next').querySelector('span').textContent = words;
		for (const id of ['play-1', 'play-2', 'next', 'to-end'])
			$(id).disabled = !live || Boolean(this.busy);
		for (const n of [1, 2])
			$(`play-${n}`).setAttribute('aria-pressed', String(this.attempt === n));
	}

	async #while(work) {
		if (this.busy || this.store.link !== 'live' || !this.store.hosts || !this.script)
			return;
		const focused = document.activeElement;

		this.busy = true;
		this.#buttons();
		try {
			await work();
		} catch (error) {
			if (error.name !== 'AbortError')
				this.#say(this.attempt ? `Attempt ${this.attempt}` : 'Ready', error.message);
		} finally {
			this.busy = false;
			this.#buttons();
			// A button that is disabled loses the focus. After the one that begins an attempt comes the next step.
			if (focused?.isConnected && document.activeElement === document.body)
				(focused.id.startsWith('play-') ? $('next') : focused).focus({ preventScroll: true });
		}
	}

	/** Begin an attempt, with its first step. */
	play(n) {
		return this.#while(() => this.#begin(n));
	}

	async #begin(n) {
		Object.assign(this, { isIdle: false, attempt: undefined, at: 0, ended: false, conversation: undefined, seen: [], done: undefined, lastInstead: undefined });
		this.#say(`Attempt ${n}`, this.cast.phone ? this.script.before : 'Alice’s desktop and Bob’s phone sign in.');
		this.begins = true;
		try {
			this.on.begin();
			this.cast.choose();
			await this.cast.ready();
			this.attempt = n;
		} finally {
			this.begins = false;
		}
		this.from = (this.store.latest?.seq ?? 0) + 1;
		await this.#step();
	}

	/** The next step; after the last one the other attempt. */
	next() {
		return this.#while(() => this.attempt === undefined || this.isOver ? this.#begin(this.attempt === 1 ? 2 : 1) : this.#step());
	}

	toEnd() {
		return this.#while(async () => {
			if (this.attempt === undefined || this.isOver)
				await this.#begin(this.attempt === 1 ? 2 : 1);
			while (!this.isOver)
				await this.#step();
		});
	}

	async #step() {
		const step = this.steps[this.at];

		if (step.do && this.done !== step && !this.#find(step.when))
			await this.#do(step.do);
		this.done = step;
		const { record, instead } = await this.#come(step);

		if (record.conversation)
			this.conversation ??= record.conversation;
		if (instead)
			this.#instead(instead, record);
		else
			this.#told(step, record);
	}

	#told(step, record) {
		const { steps } = this;

		this.at++;
		const after = this.at >= steps.length && (this.lastInstead ? this.script.afterInstead : this.script.after)[this.attempt];

		this.#say(`Attempt ${this.attempt} · step ${step.step} of ${steps.length}${after ? ` · ${after}` : ''}`, step.say);
		this.on.told(record);
	}

	#instead({ say, goesOn }, record) {
		const { steps } = this;
		const { reason } = record.fields;
		const next = steps.findIndex((step, i) => i > this.at && step.do);

		this.#say(`Attempt ${this.attempt} · instead of step ${this.at + 1}`, [say, reason && `“${reason}”`].filter(Boolean).join(' '));
		this.on.told(record);
		this.at = next < 0 ? steps.length : next;
		this.ended = !goesOn || next < 0;
	}

	async #do({ who, command, text }) {
		const { cast } = this;

		if (who === 'clock') {
			await this.clock.toTimeout();
			return;
		}
		const actor = cast[who];

		// The first line makes the conversation; later ones go on with it.
		if (text && this.conversation)
			await cast.connected(actor);
		await cast.order(actor, command, text && (this.conversation ? { text } : { to: this.store.cast.phone, text }));
	}

	// ---- waiting for what is told ----

	#isOurs(record) {
		return record.seq >= this.from && !record.sent &&
			(!record.conversation || !this.conversation || record.conversation === this.conversation);
	}

	/** A record: kept if it may be told. */
	take(record) {
		if (this.attempt !== undefined && !this.isOver && this.#isOurs(record) &&
			[...this.steps, ...this.script.instead].some(({ when }) => matches(record, when)))
			this.seen.push(record);
	}

	#find(when) {
		return this.seen.find((record) => this.#isOurs(record) && matches(record, when));
	}

	// What comes in place of the step: nothing that a step still to come is about.
	#other() {
		const rest = this.steps.slice(this.at);
		const records = this.seen.filter((record) => this.#isOurs(record) && !rest.some(({ when }) => matches(record, when)));

		for (const instead of this.script.instead) {
			const told = this.steps.slice(0, this.at).map(({ when }) => when);
			const record = records.find((one) => matches(one, instead.when) && !told.some((when) => matches(one, when)));

			if (record && record !== this.lastInstead)
				return { record, instead };
		}
		return undefined;
	}

	#come(step) {
		return new Promise((resolve, reject) => {
			const end = (how, value) => {
				clearTimeout(timer);
				this.check = this.giveUp = undefined;
				how(value);
			};
			const timer = setTimeout(() => end(reject, new Error(`Step ${step.step} has not come: “${step.say}” Try once more, or start again.`)), PATIENCE_MS);

			this.giveUp = () => end(reject, new DOMException('The lab has gone.', 'AbortError'));
			this.check = () => {
				const record = this.#find(step.when);
				const found = record ? { record } : this.#other();

				if (!found)
					return;
				if (found.instead)
					this.lastInstead = found.record;
				end(resolve, found);
			};
			this.check();
		});
	}

	/** The lab has gone, and with it what was played. */
	restart(sentence) {
		this.giveUp?.();
		if (!sentence)
			return;
		this.attempt = undefined;
		this.tell(sentence);
	}

	/** Records have come, or the connection has. */
	update() {
		this.check?.();
		this.#buttons();
		if (this.isIdle)
			this.#greet();
	}
}
