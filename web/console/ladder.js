// The ladder: which conversation is looked at, its rows, and which of them is chosen.
import * as api from './api.js';
import { el, label, setPressed, setText } from './dom.js';
import { exportButton } from './exports.js';
import { Choice } from './choice.js';
import { Chooser } from './chooser.js';
import { Heads } from './heads.js';
import { Lanes } from './lanes.js';
import { Rail } from './rail.js';
import { MODES, makeRow } from './row.js';
import { Rows } from './rows.js';
import { Sheet } from './sheet.js';
import { Window } from './window.js';

const PAGE = 1000; // older records that are read at once
const HEIGHTS = { turn: 2.375, fold: 1.75, now: 2 };

export class Ladder {
	constructor(store, route, fail) {
		Object.assign(this, { store, route, fail });
		this.mode = 0;
		this.unread = 0;
		this.story = false;
		this.past = [];
		this.read = new Set(); // conversations whose story was asked for
		this.#build();
		this.choice = new Choice(this.window, this.inner, {
			open: (row) => this.#open(row),
			moved: (row) => this.sheet.isOpen && this.sheet.open(row.record),
		});
		this.rail = new Rail(store, this.railList, (seq) => this.select(seq, true));
		this.sheet = new Sheet(store, this.root, () => this.#unselect());
	}

	#build() {
		this.railList = el('ol', { class: 'rail', 'aria-label': 'Turning points' });
		this.storyButton = el('button', { type: 'button', class: 'button', 'aria-keyshortcuts': 's', onclick: () => this.setStory(true) }, 'Story');
		this.hopButton = el('button', { type: 'button', class: 'button', onclick: () => this.setStory(false) }, 'Every hop');
		this.timeButton = el('button', { type: 'button', class: 'times', 'aria-keyshortcuts': 't', onclick: () => this.cycleTime() });
		this.heads = new Heads(this.store, this.timeButton);
		this.inner = el('div', { class: 'inner', role: 'listbox', 'aria-label': 'Messages of the conversation', tabindex: '0' });
		this.track = el('div', { class: 'track' }, this.heads.lifelines, this.inner);
		this.rows = el('div', { class: 'rows' }, this.track);
		this.earlier = el('button', { type: 'button', class: 'button earlier', hidden: true, onclick: () => this.#older() }, 'Older records ↑');
		this.newer = el('button', { type: 'button', class: 'button newer', hidden: true, onclick: () => this.toEnd() });
		this.chooser = new Chooser(this.store, (id) => this.route.go(`#/stage/${id}`));
		this.root = el('section', { class: 'ladder', 'aria-label': 'Ladder' },
			el('div', { class: 'bar' }, this.railList,
				el('div', { class: 'tools' },
					el('div', { class: 'pair', role: 'group', 'aria-label': 'How much is shown' }, this.storyButton, this.hopButton),
					exportButton(() => this.conversation))),
			el('div', { class: 'scroll' }, this.heads.root, this.rows), this.earlier, this.newer,
			el('div', { class: 'legend' }, el('span', { class: 'sip' }, 'SIP'), el('span', { class: 'push' }, 'Push HTTP'),
				el('span', { class: 'carrier' }, 'Carrier'), el('span', { class: 'https' }, 'Phone’s HTTPS'), this.chooser.root));
		this.window = new Window(this.rows, this.inner, (row, index) => this.#make(row, index), (row) => HEIGHTS[row.type] ?? 1.5);
		this.window.drawn = () => this.#drawn();
		this.rows.addEventListener('scroll', () => this.#scrolled(), { passive: true });
		this.#buttons();
	}

	get joints() {
		return this.heads.joints;
	}

	#buttons() {
		setPressed(this.storyButton, this.story);
		setPressed(this.hopButton, !this.story);
		this.timeButton.replaceChildren(MODES[this.mode][0], el('br'), MODES[this.mode][1]);
	}

	// ---- what is shown ----

	/** Show a conversation: its number, 'all', or undefined for the newest. */
	show(id, seq) {
		const wanted = id ?? this.store.newest()?.id ?? 'none';

		this.pinned = id;
		if (wanted !== this.id) {
			this.id = this.store.shown = wanted;
			this.store.holdBack(false);
			this.past = [];
			this.choice.row = undefined;
			this.sheet.close();
			this.#rebuild(false);
		}
		this.wanted = seq;
		this.#readStory();
		this.#openWanted();
	}

	/** Another lab answers: what was there stays, above a line that says so. */
	restarted() {
		this.past = this.list.toPast();
		this.read.clear();
		this.wanted = undefined;
		if (this.id === 'all')
			return;
		this.id = this.store.shown = 'none';
		this.pinned = undefined;
		this.route.replace('#/stage');
	}

	// The record of the address may come later than the page.
	#openWanted() {
		const { wanted } = this;

		if (!wanted || !this.select(wanted))
			return;
		this.wanted = undefined;
		this.choice.open();
	}

	get conversation() {
		return this.store.conversations.get(this.id);
	}

	get source() {
		return this.id === 'all' ? this.store.records : this.conversation?.records ?? [];
	}

	#rebuild(same = true) {
		const { conversation, store } = this;
		const anchor = same && !this.window.isAtEnd() ? this.#anchor() : undefined;
		const { row: chosen } = this.choice;

		this.version = conversation?.version;
		this.generation = store.generation;
		this.lanes = new Lanes(store, conversation?.caller ?? store.cast?.desktop, `phone:${conversation?.callee ?? store.cast?.phone}`);
		this.lanes.wide = this.id === 'all';
		this.list = new Rows(store, { story: this.story, past: this.past });
		for (const { record } of this.past)
			if (record?.from && record.to)
				this.lanes.take(record);
		this.last = 0;
		this.names = this.#names();
		this.#take();
		this.heads.draw(this.lanes, this.rows);
		this.known = Infinity;
		this.window.set(this.list.list);
		this.choice.row = chosen?.isPast ? chosen : this.list.list[this.list.find(chosen?.seq)];
		this.#tail();
		if (anchor)
			this.#toAnchor(anchor);
		else
			this.toEnd();
		this.known = this.last;
	}

	// The row at the top, and how far above the edge it begins.
	#anchor() {
		const index = this.window.at(this.rows.scrollTop);

		return { seq: this.window.rows[index]?.seq, above: this.rows.scrollTop - this.window.top(index) };
	}

	#toAnchor({ seq, above }) {
		const index = this.list.after(seq ?? 0);

		this.rows.scrollTop = this.window.top(index) + above;
		this.window.draw();
	}

	// The names on the heads.
	#names() {
		const { caller, callee } = this.conversation ?? {};
		const { desktop, phone } = this.store.cast ?? {};

		return [caller ?? desktop, callee ?? phone].map((aor) => `${aor} ${this.store.name(aor)}`).join();
	}

	// Rows for records that have come since; index of the first that is new or other.
	#take() {
		let [from, lanes] = [Infinity, false];
		const { source } = this;

		for (let i = source.findLastIndex((r) => r.seq <= this.last) + 1; i < source.length; i++) {
			const record = source[i];
			const index = this.list.push(record);

			this.last = record.seq;
			if (index < 0)
				continue;
			from = Math.min(from, index);
			lanes = (!record.sent && record.from && record.to && this.lanes.take(record)) || lanes;
		}
		return { from, lanes };
	}

	// The row of an INVITE that is held.
	#now() {
		return this.nowRow ??= { type: 'now', key: 'now', label: '' };
	}

	// The row of one whose end nobody was there to be told. The answer is recorded after what became of the conversation.
	#lost() {
		const { conversation } = this;
		const { lost } = conversation ?? {};

		if (!lost || conversation.end !== lost || this.store.now() - Date.parse(lost.record.time) < 1000)
			return undefined;
		if (this.lostRow?.of === lost)
			return this.lostRow;
		return this.lostRow = { type: 'fold', of: lost, key: `lost-${conversation.id}`,
			label: `The INVITE ended in ${lost.record.fields.status}, but ${this.store.name(conversation.caller)}’s client is gone` };
	}

	#tail() {
		const row = this.store.isHeld(this.conversation) ? this.#now() : this.#lost();
		const from = this.list.setTail(row);

		if (from >= 0)
			this.window.changed(from);
		this.#tickNow();
		this.#empty(this.list.list.length === 0);
	}

	/** Called once a frame when something has changed. */
	update(topics) {
		if (!this.pinned && (this.store.newest()?.id ?? 'none') !== this.id)
			this.show(undefined);
		if (this.generation !== this.store.generation || this.version !== this.conversation?.version || this.names !== this.#names())
			this.#rebuild();
		else if (topics.has('records'))
			this.#more();
		if (topics.has('records'))
			this.#openWanted();
		if (topics.has('faults')) {
			this.joints.update();
			this.#drawn();
		}
		this.rail.update(this.conversation);
		this.chooser.update(this.pinned);
		this.#offerOlder();
	}

	#more() {
		const atEnd = this.window.isAtEnd();
		const before = this.list.list.length;
		const { from, lanes } = this.#take();
		const added = this.list.list.length - before;

		if (lanes) {
			this.heads.draw(this.lanes, this.rows);
			this.window.set(this.list.list);
		} else if (from < Infinity) {
			this.window.changed(from);
		}
		this.#trim();
		this.#tail();
		if (atEnd)
			this.window.toEnd();
		else
			this.#count(added);
		this.window.draw();
		this.known = this.last;
	}

	// Rows of records that the store has dropped.
	#trim() {
		const first = this.source[0]?.seq;
		const row = this.list.list[this.list.past];

		if (first === undefined || !(row?.seq < first))
			return;
		const n = this.list.drop(first);

		this.past = [];
		if (n)
			this.window.drop(n);
		if (!this.list.list.includes(this.choice.row))
			this.choice.row = undefined;
	}

	/** Once a second. */
	tick() {
		const atEnd = this.window.isAtEnd();
		const { tail } = this.list;

		this.rail.tick(this.conversation);
		this.#tail();
		if (this.list.tail !== tail) {
			if (atEnd)
				this.window.toEnd();
			this.window.draw();
		}
	}

	#tickNow() {
		const { conversation, nowRow } = this;

		if (!nowRow || !this.store.isHeld(conversation))
			return;
		nowRow.label = `${this.store.name(conversation.caller)} is waiting · 408 in ${this.store.secondsLeft(conversation)} s`;
		const node = this.inner.querySelector('.now .what');

		if (node && node.textContent !== nowRow.label)
			node.replaceChildren(label(nowRow.label));
	}

	#empty(is) {
		this.hint?.remove();
		this.hint = undefined;
		if (!is || !this.store.hints)
			return;
		this.hint = el('div', { class: 'empty' }, el('p', {}, 'Nothing has happened yet. Play attempt 1, or point clients of your own here:'),
			...this.store.hints.map(([what, where]) => el('p', {}, `${what}: `, el('code', {}, where))),
			el('p', {}, 'A round button between two heads breaks that joint.'));
		this.rows.append(this.hint);
	}

	// ---- older and newer ----

	// A conversation that began before the records that are here.
	async #readStory() {
		const { id, conversation } = this;

		if (typeof id !== 'number' || conversation?.isWhole || this.read.has(id) || this.store.link !== 'live')
			return;
		this.read.add(id);
		try {
			this.store.addStory(id, (await api.get(`conversations/${id}/story`)).records);
		} catch (error) {
			if (!conversation)
				this.fail(error);
		}
	}

	async #older() {
		const { first } = this.store;
		const from = Math.max(this.store.journalFirst, first - PAGE);

		this.earlier.disabled = true;
		try {
			const page = await api.get(`journal?from=${from}&limit=${Math.max(1, first - from)}`);

			this.store.journalFirst = page.first;
			if (this.store.first === first)
				this.store.addOlder(page.records.filter(({ seq }) => seq < first));
		} catch (error) {
			this.fail(error);
		}
		this.earlier.disabled = false;
	}

	#offerOlder() {
		this.earlier.hidden = this.id !== 'all' || this.rows.scrollTop > 40 || !(this.store.first > this.store.journalFirst);
		if (!this.conversation?.isWhole && this.pinned)
			this.#readStory();
	}

	#scrolled() {
		const atEnd = this.window.isAtEnd();

		this.store.holdBack(this.id === 'all' && !atEnd);
		if (atEnd)
			this.#seen();
		this.#offerOlder();
	}

	#count(more) {
		this.unread += Math.max(0, more);
		this.newer.hidden = this.unread === 0;
		setText(this.newer, `${this.unread} new ↓`);
	}

	#seen() {
		this.unread = 0;
		this.newer.hidden = true;
	}

	toEnd() {
		this.window.toEnd();
		this.#seen();
	}

	// ---- drawing ----

	#make(row, index) {
		const node = makeRow(row, index, { rows: this.window.rows, lanes: this.lanes, mode: this.mode });

		node.setAttribute('aria-selected', String(Boolean(row.record) && row === this.choice.row));
		node.classList.toggle('told', row.key === this.toldKey);
		node.classList.toggle('fresh', row.seq > this.known);
		return node;
	}

	// After each drawing: what goes by the place of a row among the others.
	#drawn() {
		const count = String(this.window.rows.length);

		for (const [index, node] of this.window.elements) {
			const place = String(index + 1);

			if (node.ariaPosInSet !== place)
				node.ariaPosInSet = place;
			if (node.ariaSetSize !== count)
				node.ariaSetSize = count;
		}
		this.joints.place((seq) => this.window.top(this.list.after(seq + 1)));
		this.choice.activate();
	}

	// ---- choosing ----

	/** Mark the row of a record; true: there is such a row. */
	select(seq, focus = false) {
		const index = this.list.find(seq);

		if (index >= 0)
			this.choice.choose(index, focus);
		return index >= 0;
	}

	/** Mark the row that the sentence is about. */
	tell(seq) {
		const index = this.list.find(seq);

		for (const node of this.inner.querySelectorAll('.told'))
			node.classList.remove('told');
		this.toldKey = this.window.rows[index]?.key;
		if (index < 0)
			return;
		this.window.show(index);
		this.window.element(index)?.classList.add('told');
		if (index >= this.window.rows.length - 6)
			this.toEnd();
	}

	#open(row) {
		this.sheet.open(row.record);
		// The sheet takes some of the height.
		this.window.show(this.window.rows.indexOf(row));
		if (!row.isPast)
			this.route.replace(`#/stage/${this.id}/${row.seq}`);
	}

	#unselect() {
		this.route.replace(this.pinned ? `#/stage/${this.pinned}` : '#/stage');
		this.inner.focus({ preventScroll: true });
	}

	setStory(story) {
		if (this.story === story)
			return;
		this.story = story;
		this.#buttons();
		this.#rebuild();
	}

	cycleTime() {
		this.mode = (this.mode + 1) % MODES.length;
		this.#buttons();
		this.known = Infinity;
		this.window.set(this.window.rows);
		this.window.draw();
		this.known = this.last;
	}
}
