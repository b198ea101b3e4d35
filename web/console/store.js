// What the page knows: records by number, conversations, people, the clock. Views subscribe and are called once a frame.
import { isInvite, turnOf } from './rows.js';
import { firstLine, shortName } from './label.js';

const MAX_RECORDS = 10000;
const LOOK_BACK = 100; // records before a conversation was known that may belong to it

export class Store {
	#subscribers = [];
	#due = false;
	#topics = new Set();

	constructor() {
		this.link = 'connecting';
		this.users = new Map(); // AoR: {aor, displayName, …}
		this.actors = [];
		this.faults = [];
		this.joints = [];
		this.clock = { offsetMs: 0, frozen: false, skewMs: 0 };
		this.forget();
	}

	/** Forget the journal. */
	forget() {
		this.records = [];
		this.conversations = new Map();
		this.clocks = [];
		this.polls = new Map();
		this.phones = new Map();
		this.generation = (this.generation ?? 0) + 1;
		this.changed('reset');
	}

	subscribe(fn) {
		this.#subscribers.push(fn);
	}

	changed(topic) {
		this.#topics.add(topic);
		if (this.#due)
			return;
		this.#due = true;
		// A frame does not come in a page that is hidden.
		const run = () => {
			const topics = this.#topics;

			this.#due = false;
			this.#topics = new Set();
			for (const fn of this.#subscribers)
				fn(topics);
		};

		if (document.hidden)
			setTimeout(run, 50);
		else
			requestAnimationFrame(run);
	}

	/** Take a record of the journal. */
	add(record) {
		record.fields ??= {};
		record.users ??= [];
		this.#tellSender(record);
		this.records.push(record);
		if (this.records.length > MAX_RECORDS * 1.1)
			this.records.splice(0, this.records.length - MAX_RECORDS);
		if (record.kind === 'clock')
			this.clocks.push(record);
		if (record.conversation)
			this.#join(this.#conversation(record.conversation), record);
		this.#watchPhone(record);
		this.latest = record;
		this.changed('records');
	}

	// The receiver's record of a message says that a fault struck it; the sender's came before that.
	#tellSender(record) {
		const sent = record.sent && record.fault && this.records.findLast((r) => r.seq === record.sent);

		if (sent)
			sent.fault = record.fault;
	}

	#conversation(id) {
		let conversation = this.conversations.get(id);

		if (!conversation) {
			conversation = { id, records: [], turns: [], version: 0 };
			this.conversations.set(id, conversation);
		}
		return conversation;
	}

	#join(conversation, record) {
		if (record.kind === 'event')
			this.#adopt(conversation, this.polls.get(record.phone));
		if (record.kind === 'conversation' && record.link && !conversation.invite)
			this.records.slice(-LOOK_BACK).filter((r) => !r.conversation && r.key === record.link)
				.forEach((r) => this.#adopt(conversation, r));
		conversation.records.push(record);
		if (conversation.records.length > MAX_RECORDS * 1.1) {
			conversation.records.splice(0, conversation.records.length - MAX_RECORDS);
			conversation.version++;
		}
		this.#summarize(conversation, record);
	}

	// A record that was not known to belong to it.
	#adopt(conversation, record) {
		const { records } = conversation;

		if (!record || records.includes(record))
			return;
		const at = records.findLastIndex((r) => r.seq < record.seq) + 1;

		if (at < records.length)
			conversation.version++;
		records.splice(at, 0, record);
		this.#summarize(conversation, record);
	}

	#summarize(conversation, record) {
		const turn = turnOf(record);

		if (isInvite(record) && !conversation.invite) {
			conversation.invite = record;
			conversation.firstLine = firstLine(record);
			[conversation.caller, conversation.callee] = [record.fields.from, record.fields.to];
		}
		if (record.kind === 'conversation') {
			const { state, caller } = record.fields;

			conversation.state = state;
			conversation.caller ??= caller;
			conversation.callee ??= record.users.find((aor) => aor !== caller);
			conversation.began ??= record;
			conversation.firstLine ??= /invites [^:]*: ([^]*)$/.exec(record.summary ?? '')?.[1];
		}
		if (turn) {
			conversation.turns.push({ turn, record });
			if (turn === 'ring' && record.fields.deadline)
				conversation.deadline = Date.parse(record.fields.deadline);
		}
	}

	#watchPhone(record) {
		if (!record.phone)
			return;
		const phone = this.phones.get(record.phone) ?? { id: record.phone, toasts: [], state: '' };

		this.phones.set(record.phone, phone);
		// The push service names a phone as it likes.
		phone.user ??= [record.from, record.to].find((hop) => hop?.startsWith('phone:') && hop.includes('@'))?.slice(6) ??
			(record.kind === 'user' ? record.users[0] : undefined);
		if (record.kind === 'http' && record.fields.resource === 'events')
			this.polls.set(record.phone, record);
		if (record.kind === 'toast')
			phone.toast = record;
		if (record.kind === 'tile')
			phone.tile = record.fields.count;
		if (record.kind === 'state' && record.fields.machine === 'phone')
			phone.state = record.fields.to_state;
		if (record.kind === 'user')
			phone.gone = ['signed-out', 'expired'].includes(record.fields.action);
	}

	/** How often the clock was moved between two records, and how far. */
	clockBetween(from, to) {
		const moves = this.clocks.filter((r) => r.seq > from && r.seq < to && Number(r.fields.ms ?? 0) > 0);

		return { times: moves.length, moved: moves.reduce((sum, r) => sum + Number(r.fields.ms), 0) };
	}

	/** The lab's time in milliseconds since 1970, as it runs here. */
	now() {
		return this.clock.frozen ? this.clock.at : Date.now() + this.clock.skewMs;
	}

	/** Display name of an address. */
	name(aor) {
		return this.users.get(aor)?.displayName || (aor ? shortName(aor) : '');
	}

	/** The newest conversation, or undefined. */
	newest() {
		return [...this.conversations.values()].at(-1);
	}

	/** Whether its INVITE is held. */
	isHeld(conversation) {
		return Boolean(conversation?.deadline) && conversation.turns.at(-1)?.turn === 'ring' &&
			!['failed', 'ended', 'answered'].includes(conversation.state);
	}
}
