// A conversation as its records tell it: who, how far it has come, what was said.
import { firstLine } from './label.js';
import { indexFrom } from './order.js';
import { isInvite, turnOf } from './rows.js';
import { Talk } from './talk.js';

const MAX_RECORDS = 10000;

export class Conversation {
	constructor(id) {
		this.id = id;
		this.version = 0; // another one: records are no longer what was there, and more
		this.talk = new Talk(this);
		this.#forget();
	}

	#forget() {
		Object.assign(this, { records: [], turns: [], lost: undefined, isWhole: false });
	}

	/** Take a record; one that comes late goes to its place. */
	take(record) {
		const { records } = this;
		const at = indexFrom(records, record.seq);

		if (records[at]?.seq === record.seq)
			return;
		if (at < records.length)
			this.version++;
		records.splice(at, 0, record);
		this.#summarize(record);
		if (records.length > MAX_RECORDS * 1.1)
			this.drop(records[records.length - MAX_RECORDS].seq);
	}

	/** Take the whole story, of which some is known. */
	merge(story) {
		const all = new Map([...story, ...this.records].map((record) => [record.seq, record]));

		this.#forget();
		this.version++;
		for (const seq of [...all.keys()].sort((a, b) => a - b))
			this.take(all.get(seq));
	}

	/** Forget the records before this number. */
	drop(first) {
		const n = indexFrom(this.records, first);

		if (!n)
			return;
		this.records.splice(0, n);
		this.isWhole = false;
	}

	#summarize(record) {
		const turn = turnOf(record);

		if (isInvite(record) && !this.invite) {
			this.invite = record;
			this.firstLine = firstLine(record);
			[this.caller, this.callee] = [record.fields.from, record.fields.to];
		}
		if (record.kind === 'conversation')
			this.#become(record);
		if (turn) {
			this.turns.push({ turn, record });
			if (turn === 'ring' && record.fields.deadline)
				this.deadline = Date.parse(record.fields.deadline);
		}
	}

	/** How the INVITE has ended, {turn, record}: by its final answer, or, where nobody was there to get one, by what became of the
	 *  conversation; else undefined. */
	get end() {
		return this.turns.find(({ turn }) => turn !== 'ring') ?? this.lost;
	}

	#become(record) {
		const { state, caller } = record.fields;

		if (state === 'failed')
			this.lost = { turn: 'fail', record };

		this.state = state;
		this.isWhole ||= state === 'invited';
		this.caller ??= caller;
		this.callee ??= record.users.find((aor) => aor !== caller);
		this.firstLine ??= /invites [^:]*: ([^]*)$/.exec(record.summary ?? '')?.[1];
	}
}
