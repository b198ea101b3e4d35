// The ladder: heads, joints, and the rows of the conversation that is looked at.
import { el, label, sayable, seconds, setPressed, setText } from './dom.js';
import { Lanes } from './lanes.js';
import { Rows, isInvite } from './rows.js';
import { Window } from './window.js';
import { Joints } from './joints.js';
import { Rail } from './rail.js';
import { Sheet } from './sheet.js';
import { exportButton } from './exports.js';

const MODES = [['since', 'INVITE'], ['since the', 'record before'], ['lab’s', 'clock']];

export class Ladder {
	constructor(store, route) {
		this.store = store;
		this.route = route;
		this.mode = 0;
		this.unread = 0;
		this.#build();
		this.joints = new Joints(store, this.heads);
		this.rail = new Rail(store, this.railList, (seq) => this.select(seq, true));
		this.sheet = new Sheet(store, this.root, () => this.#unselect());
	}

	#build() {
		this.railList = el('ol', { class: 'rail', 'aria-label': 'Turning points' });
		this.storyButton = el('button', { type: 'button', class: 'button', 'aria-keyshortcuts': 's', onclick: () => this.setStory(true) }, 'Story');
		this.hopButton = el('button', { type: 'button', class: 'button', onclick: () => this.setStory(false) }, 'Every hop');
		this.timeButton = el('button', { type: 'button', class: 'times', 'aria-keyshortcuts': 't', onclick: () => this.cycleTime() });
		this.heads = el('div', { class: 'heads' });
		this.lifelines = el('div', { class: 'lifelines', 'aria-hidden': 'true' });
		this.inner = el('div', { class: 'inner', role: 'listbox', 'aria-label': 'Messages of the conversation', tabindex: '0' });
		this.track = el('div', { class: 'track' }, this.lifelines, this.inner);
		this.rows = el('div', { class: 'rows' }, this.track);
		this.newer = el('button', { type: 'button', class: 'button newer', hidden: true, onclick: () => this.toEnd() });
		this.chooser = el('select', { class: 'field', 'aria-label': 'Conversation', onchange: () => this.route.go(`#/stage/${this.chooser.value}`) });
		this.root = el('section', { class: 'ladder', 'aria-label': 'Ladder' },
			el('div', { class: 'bar' }, this.railList,
				el('div', { class: 'tools' },
					el('div', { class: 'pair', role: 'group', 'aria-label': 'How much is shown' }, this.storyButton, this.hopButton),
					exportButton(() => this.conversation))),
			el('div', { class: 'scroll' }, this.heads, this.rows), this.newer,
			el('div', { class: 'legend' }, el('span', { class: 'sip' }, 'SIP'), el('span', { class: 'push' }, 'Push HTTP'),
				el('span', { class: 'carrier' }, 'Carrier'), el('span', { class: 'https' }, 'Phone’s HTTPS'), this.chooser));
		this.window = new Window(this.rows, this.inner, (row, index) => this.#make(row, index), (row) => this.#guess(row));
		this.window.follows = true;
		this.window.drawn = () => this.#activate();
		this.rows.addEventListener('scroll', () => {
			if (this.window.isAtEnd())
				this.#seen();
		});
		this.inner.addEventListener('click', (event) => {
			const row = event.target.closest('[data-seq]');

			if (row)
				this.open(Number(row.dataset.seq));
		});
		this.inner.addEventListener('keydown', (event) => this.#key(event));
		this.story = false;
		this.#buttons();
	}

	#guess(row) {
		const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);

		return rem * ({ turn: 2.375, fold: 1.75, now: 2 }[row.type] ?? 1.5);
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
			this.id = wanted;
			this.selected = undefined;
			this.sheet.close();
			this.#rebuild(false);
		}
		this.wanted = seq;
		this.#openWanted();
	}

	// The record of the address may come later than the page.
	#openWanted() {
		const { wanted } = this;

		if (!wanted || !this.select(wanted))
			return;
		this.wanted = undefined;
		this.open(wanted);
	}

	get conversation() {
		return this.store.conversations.get(this.id);
	}

	get source() {
		return this.id === 'all' ? this.store.records : this.conversation?.records ?? [];
	}

	#rebuild(same = true) {
		const { conversation } = this;
		const cast = this.store.cast ?? {};

		this.version = conversation?.version;
		this.generation = this.store.generation;
		this.lanes = new Lanes(this.store, conversation?.caller ?? cast.desktop, `phone:${conversation?.callee ?? cast.phone}`);
		this.lanes.wide = this.id === 'all';
		this.list = new Rows(this.store, { story: this.story });
		this.last = 0;
		this.names = this.#names();
		const { scrollTop } = this.rows;
		const follows = !same || this.window.isAtEnd();

		this.window.clear();
		this.#take();
		this.#drawHeads();
		this.#set(true);
		if (follows)
			this.toEnd();
		else
			this.rows.scrollTop = scrollTop;
		this.window.draw();
		if (this.selected !== undefined && !this.select(this.selected, false, follows))
			this.selected = undefined;
	}

	// The names on the heads.
	#names() {
		const { caller, callee } = this.conversation ?? {};
		const { desktop, phone } = this.store.cast ?? {};

		return [caller ?? desktop, callee ?? phone].map((aor) => `${aor} ${this.store.name(aor)}`).join();
	}

	// Rows for records that have come since.
	#take() {
		let more = false;
		let lanes = false;
		const { source } = this;
		let i = source.findLastIndex((r) => r.seq <= this.last) + 1;

		for (; i < source.length; i++) {
			const record = source[i];

			this.last = record.seq;
			if (this.list.push(record)) {
				lanes = (!record.sent && record.from && record.to && this.lanes.take(record)) || lanes;
				more = true;
			}
		}
		return { more, lanes };
	}

	#set(fresh) {
		const rows = this.list.list.slice();

		if (this.store.isHeld(this.conversation))
			rows.push(this.nowRow ??= { type: 'now', key: 'now', label: '' });
		this.window.set(rows, fresh);
		this.#tickNow();
		for (const node of this.inner.children)
			node.setAttribute('aria-setsize', rows.length);
		this.#empty(rows.length === 0);
	}

	/** Called once a frame when something has changed. */
	update(topics) {
		if (!this.pinned && (this.store.newest()?.id ?? 'none') !== this.id)
			this.show(undefined);
		if (this.generation !== this.store.generation || this.version !== this.conversation?.version || this.names !== this.#names())
			this.#rebuild();
		if (topics.has('records')) {
			const atEnd = this.window.isAtEnd();
			const before = this.window.rows.length;
			const { more, lanes } = this.#take();

			if (lanes)
				this.#drawHeads();
			if (more || this.window.rows.at(-1)?.type === 'now')
				this.#set(lanes);
			if (atEnd)
				this.window.toEnd();
			else
				this.#count(this.window.rows.length - before);
			this.window.draw();
			this.#openWanted();
		}
		if (topics.has('faults'))
			this.joints.update(this.lanes, this.lifelines);
		this.rail.update(this.conversation);
		this.#choices();
	}

	/** Once a second. */
	tick() {
		this.rail.tick(this.conversation);
		this.#tickNow();
	}

	#tickNow() {
		const { conversation } = this;

		if (!this.nowRow || !this.store.isHeld(conversation))
			return;
		const left = Math.max(0, Math.ceil((conversation.deadline - this.store.now()) / 1000));

		this.nowRow.label = `${this.store.name(conversation.caller)} is waiting · 408 in ${left} s`;
		const node = this.inner.querySelector('.now .what');

		if (node)
			setText(node, this.nowRow.label);
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

	#choices() {
		const ids = [...this.store.conversations.keys()].slice(-200);
		const key = `${ids.join()}|${this.id}`;

		if (this.chooser.dataset.key === key)
			return;
		this.chooser.dataset.key = key;
		this.chooser.replaceChildren(
			el('option', { value: '' }, ids.length ? 'Newest conversation' : 'No conversation yet'),
			...ids.reverse().map((id) => el('option', { value: String(id) }, `Conversation ${id}`)),
			el('option', { value: 'all' }, 'All that travels'));
		this.chooser.value = this.pinned ? String(this.pinned) : '';
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

	#drawHeads() {
		const { all } = this.lanes;

		for (const element of [this.heads, this.rows])
			element.style.setProperty('--cols', all.length * 2);
		this.heads.replaceChildren(this.timeButton);
		this.lifelines.replaceChildren();
		for (const [i, lane] of all.entries()) {
			const { name, short } = this.lanes.head(i);
			const away = this.store.roles && Object.hasOwn({ 'front-end': 1, edge: 1, 'clearing-house': 1, 'push-service': 1 }, lane) &&
				!this.store.roles.includes(lane);
			const head = el('div', { class: away ? 'head away' : 'head', title: away ? 'Not a role of this process' : null },
				el('span', {}, label(name)), el('abbr', { title: sayable(name), 'aria-hidden': 'true' }, short));
			const drop = el('i', { class: 'drop', 'aria-hidden': 'true' });
			const life = el('i');

			for (const node of [head, drop, life])
				node.style.gridColumn = `${2 * i + 2} / ${2 * i + 4}`;
			this.heads.append(head, drop);
			this.lifelines.append(life);
		}
		this.heads.append(el('p', { class: 'legend-of-lanes', 'aria-hidden': 'true' }, label(all.map((_, i) => {
			const { name, short } = this.lanes.head(i);

			return `${short} ${name}`;
		}).join(' · '))));
		this.joints.draw(this.lanes, this.lifelines);
	}

	#time(row, index) {
		const { rows } = this.window;
		const before = rows[index - 1];

		if (row.at === undefined)
			return null;
		if (this.mode === 2)
			return row.record.time?.slice(11, 23) ?? '';
		if (this.mode === 1) {
			let last = index - 1;

			while (last >= 0 && rows[last].at === undefined)
				last--;
			return `+${seconds(last >= 0 ? row.at - rows[last].at : 0)}`;
		}
		row.again = row.type !== 'turn' && before?.at !== undefined && seconds(before.at) === seconds(row.at);
		return seconds(row.at);
	}

	#make(row, index) {
		const { record } = row;
		const classes = ['row', row.type === 'arrow' ? 'hop' : row.type, row.turn ?? row.style, row.bad && 'bad', row.note && 'has-note', row.key === this.toldKey && 'told'];
		const node = el('div', { class: classes.filter(Boolean).join(' '), role: 'option', id: `row-${row.key}`,
			'aria-posinset': index + 1, 'aria-setsize': this.window.rows.length, 'aria-selected': String(row.seq === this.selected && Boolean(record)),
			'data-seq': record ? row.seq : null });
		const time = this.#time(row, index);

		if (time !== null)
			node.append(el('time', { class: row.again && this.mode === 0 ? 'again' : null }, time), el('span', { class: 'unseen' }, ' s, '));
		if (row.type === 'arrow' || row.type === 'turn')
			this.#arrow(node, row);
		else
			this.#plain(node, row);
		if (index >= this.drawn)
			node.classList.add('fresh');
		this.drawn = Math.max(this.drawn ?? 0, index + 1);
		return node;
	}

	// A note stands at the lane of its hop, without one at the front end's, if it is short enough.
	#plain(node, row) {
		const what = el('span', { class: 'what' }, label(row.label));
		const hop = row.record?.to ? this.lanes.find(row.record.to, row.record) : -1;
		const at = 2 * (hop < 0 ? this.lanes.all.indexOf('front-end') : hop) + 3;

		if (row.type === 'pill' && row.label.length < 32)
			what.style.gridColumn = `${Math.max(2, at - 3)} / ${at + 3}`;
		node.append(what);
	}

	#arrow(node, row) {
		const { record, note, fault } = row;
		const [from, to] = [this.lanes.find(record.from, record), this.lanes.find(record.to, record)];

		if (from < 0 || to < 0 || from === to) {
			node.classList.add('pill');
			this.#plain(node, row);
			return;
		}
		const [low, high] = [Math.min(from, to), Math.max(from, to)];
		const what = el('span', { class: 'what' }, label(row.label));
		const arrow = el('i', { class: `arrow ${from < to ? 'right' : 'left'}`, 'aria-hidden': 'true' });

		what.style.gridColumn = arrow.style.gridColumn = `${2 * low + 3} / ${2 * high + 3}`;
		node.append(el('span', { class: 'unseen' }, `${sayable(this.lanes.head(from).name)} to ${sayable(this.lanes.head(to).name)}: `), what, arrow);
		if (fault || note)
			this.#note(node, fault ?? note, low, high, Boolean(fault));
	}

	// Beside the arrow, where there is room.
	#note(node, text, low, high, tag) {
		const lanes = this.lanes.all.length;
		const right = high < lanes - 1 && lanes - 1 - high >= low;
		const note = el('span', { class: `note${tag ? ' tag' : ''}${right ? '' : ' before'}` }, label(text));

		note.style.gridColumn = right ? `${2 * high + 4} / -1` : `2 / ${2 * low + 3}`;
		node.append(el('span', { class: 'unseen' }, ', '), note);
	}

	// ---- choosing ----

	/** Mark a row; true: there is such a row. */
	select(seq, focus = false, show = true) {
		const index = this.window.rows.findIndex((row) => row.record && row.seq === seq);

		if (index < 0)
			return false;
		this.selected = seq;
		if (show)
			this.window.show(index);
		for (const node of this.inner.querySelectorAll('[aria-selected="true"]'))
			node.setAttribute('aria-selected', 'false');
		const node = this.window.element(index);

		node?.setAttribute('aria-selected', 'true');
		this.#activate();
		if (focus)
			this.inner.focus({ preventScroll: true });
		return true;
	}

	// The chosen row is an element only while it is in view.
	#activate() {
		const chosen = this.selected !== undefined && this.inner.querySelector('[aria-selected="true"]');

		if (chosen)
			this.inner.setAttribute('aria-activedescendant', chosen.id);
		else
			this.inner.removeAttribute('aria-activedescendant');
	}

	/** Mark the row that the sentence is about. */
	tell(seq) {
		const index = this.window.rows.findIndex((row) => row.seq === seq && row.record);

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

	/** Open the message of a row. */
	open(seq) {
		if (!this.select(seq))
			return;
		const row = this.window.rows.find((one) => one.seq === seq && one.record);

		this.sheet.open(row.record);
		this.window.show(this.window.rows.indexOf(row));
		this.route.replace(`#/stage/${this.id}/${seq}`);
	}

	#unselect() {
		this.route.replace(this.pinned ? `#/stage/${this.pinned}` : '#/stage');
		this.inner.focus({ preventScroll: true });
	}

	/** Move the mark by n rows. */
	move(n) {
		const rows = this.window.rows.filter((row) => row.record);
		const at = rows.findIndex((row) => row.seq === this.selected);
		const start = at >= 0 ? at : n > 0 ? -1 : rows.length;
		const to = Math.min(rows.length - 1, Math.max(0, start + n));

		if (!rows[to])
			return;
		this.select(rows[to].seq, true);
		if (this.sheet.isOpen)
			this.sheet.open(rows[to].record);
	}

	/** To the next turning point (1) or the one before (-1). */
	turn(direction) {
		const rows = this.window.rows.filter((row) => row.turn || (row.record && isInvite(row.record)));
		const ordered = direction > 0 ? rows : rows.toReversed();
		const next = ordered.find((row) => direction > 0 ? row.seq > (this.selected ?? 0) : row.seq < (this.selected ?? Infinity));

		if (next)
			this.select(next.seq, true);
	}

	#key(event) {
		const page = Math.max(1, Math.floor(this.rows.clientHeight / 30));
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };

		if (event.key === 'Enter' && this.selected !== undefined)
			this.open(this.selected);
		else if (steps[event.key])
			this.move(Math.max(-1e9, Math.min(1e9, steps[event.key])));
		else
			return;
		event.preventDefault();
		event.stopPropagation();
	}

	setStory(story) {
		if (this.story === story)
			return;
		this.story = story;
		this.#buttons();
		this.drawn = Infinity;
		this.#rebuild();
	}

	cycleTime() {
		this.mode = (this.mode + 1) % MODES.length;
		this.#buttons();
		this.window.set(this.window.rows, true);
		this.#set(true);
		this.window.draw();
	}
}
