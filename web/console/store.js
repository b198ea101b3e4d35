// What the page knows: records by number, conversations, people, the clock. Views subscribe and are called once a frame.
import { Conversation } from './conversation.js';
import { shortName } from './label.js';
import { indexFrom } from './order.js';

const MAX_RECORDS = 10000; // the newest that are kept
const MAX_HELD = 50000; // while somebody reads older ones
const MAX_PHONES = 10000;
const MAX_BREAKS = 100;
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
		this.seed = 0; // of the faults with a probability
		this.breaks = []; // {where, from, to}: records between which a joint was broken
		this.clock = { offsetMs: 0, frozen: false, skewMs: 0 };
		this.phones = new Map(); // by an id that no other lab has either
		this.forget();
	}

	/** Forget the journal. */
	forget() {
		this.records = [];
		this.conversations = new Map();
		this.newestConversation = undefined;
		this.clocks = [];
		this.polls = new Map();
		this.phoneOf = new Map(); // user: the phone last heard of
		this.latest = undefined;
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

	// ---- records ----

	/** Take a record of the journal. */
	add(record) {
		record.fields ??= {};
		record.users ??= [];
		this.#tellSender(record);
		this.records.push(record);
		if (this.records.length > (this.isHeldBack ? MAX_HELD : MAX_RECORDS) * 1.1)
			this.#drop(this.records.length - (this.isHeldBack ? MAX_HELD : MAX_RECORDS));
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
		if (!record.sent || !record.fault)
			return;
		const sent = this.records[indexFrom(this.records, record.sent)];

		if (sent?.seq === record.sent)
			sent.fault = record.fault;
	}

	/** Whether records that are read keep new ones from taking their place, to a limit. */
	holdBack(is) {
		this.isHeldBack = is;
	}

	/** Take the records before the first that is known. */
	addOlder(older) {
		const all = [...older, ...this.records];

		this.forget();
		this.holdBack(true);
		for (const record of all)
			this.add(record);
	}

	/** Number of the first record that is known. */
	get first() {
		return this.records[0]?.seq;
	}

	// A conversation goes with its last record; the one that is looked at stays.
	#drop(n) {
		this.records.splice(0, n);
		const { first } = this;

		this.clocks.splice(0, indexFrom(this.clocks, first));
		for (const conversation of this.conversations.values()) {
			if (conversation.id === this.shown)
				continue;
			conversation.drop(first);
			if (!conversation.records.length)
				this.conversations.delete(conversation.id);
		}
		if (!this.conversations.has(this.newestConversation?.id))
			this.newestConversation = undefined;
		for (const [phone, poll] of this.polls)
			if (poll.seq < first)
				this.polls.delete(phone);
		for (const phone of this.phones.keys()) {
			if (this.phones.size <= MAX_PHONES)
				break;
			this.phoneOf.delete(this.phones.get(phone).user);
			this.phones.delete(phone);
		}
	}

	#conversation(id) {
		let conversation = this.conversations.get(id);

		if (!conversation) {
			conversation = new Conversation(id);
			this.conversations.set(id, conversation);
			if (!(this.newestConversation?.id > id))
				this.newestConversation = conversation;
		}
		return conversation;
	}

	/** The story of a conversation, as the server has it. */
	addStory(id, records) {
		for (const record of records) {
			record.fields ??= {};
			record.users ??= [];
		}
		this.#conversation(id).merge(records);
		this.changed('records');
	}

	#join(conversation, record) {
		const poll = record.kind === 'event' && this.polls.get(record.phone);

		if (poll)
			conversation.take(poll);
		if (record.kind === 'conversation' && record.link && !conversation.invite)
			for (const one of this.records.slice(-LOOK_BACK))
				if (!one.conversation && one.key === record.link)
					conversation.take(one);
		conversation.take(record);
	}

	// Of one user, or of all: whoever was signed in is not any more.
	#forgetPhones([user]) {
		for (const owner of user ? [user] : [...this.phoneOf.keys()])
			this.phoneOf.delete(owner);
	}

	#watchPhone(record) {
		if (record.kind === 'lab' && record.fields.action === 'reset')
			this.#forgetPhones(record.users);
		if (!record.phone)
			return;
		const phone = this.phones.get(record.phone) ?? { id: record.phone, state: '' };

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
		if (phone.user && !phone.gone)
			this.phoneOf.set(phone.user, phone);
		else if (this.phoneOf.get(phone.user) === phone)
			this.phoneOf.delete(phone.user);
	}

	// ---- faults ----

	/** What is broken, and since which record. */
	takeFaults({ faults, joints = this.joints, seed = 0 }, seq = this.latest?.seq ?? 0) {
		this.seed = seed;
		const broken = (all, where) => all.some((fault) => fault.where === where);

		for (const { where } of faults)
			if (!broken(this.faults, where))
				this.breaks.push({ where, from: seq });
		for (const one of this.breaks)
			if (one.to === undefined && !broken(faults, one.where))
				one.to = seq;
		this.breaks.splice(0, this.breaks.length - MAX_BREAKS);
		Object.assign(this, { faults, joints });
		this.changed('faults');
	}

	// ---- time ----

	/** How often the clock was moved between two records, and how far. */
	clockBetween(from, to) {
		const moves = this.clocks.filter((r) => r.seq > from && r.seq < to && Number(r.fields.ms ?? 0) > 0);

		return { times: moves.length, moved: moves.reduce((sum, r) => sum + Number(r.fields.ms), 0) };
	}

	/** The lab's time in milliseconds since 1970, as it runs here. */
	now() {
		return this.clock.frozen ? this.clock.at : Date.now() + this.clock.skewMs;
	}

	/** Called once a second, before what is shown is. */
	tick() {
		this.tickedAt = this.now();
	}

	/** How long an INVITE is held still: for a second the same everywhere, unless the clock has jumped. */
	secondsLeft({ deadline }) {
		if (!(Math.abs(this.now() - this.tickedAt) < 1000))
			this.tick();
		return Math.max(0, Math.ceil((deadline - this.tickedAt) / 1000));
	}

	/** Whether an INVITE is held. */
	isHeld(conversation) {
		return Boolean(conversation?.deadline) && conversation.turns.at(-1)?.turn === 'ring' &&
			!['failed', 'ended', 'answered'].includes(conversation.state);
	}

	// ---- names ----

	/** Display name of an address. */
	name(aor) {
		return this.users.get(aor)?.displayName || (aor ? shortName(aor) : '');
	}

	/** The newest conversation, or undefined. */
	newest() {
		return this.newestConversation;
	}
}
