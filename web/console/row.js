// A row of the ladder as an element: an arrow between two lanes, a turning point, a note, time that passes.
import { el, label, sayable, seconds } from './dom.js';

/** How a row's time is given: since the INVITE, since the record before, by the lab's clock. */
export const MODES = [['since', 'INVITE'], ['since the', 'record before'], ['lab’s', 'clock']];

function timeBefore(rows, index) {
	let before = index - 1;

	while (before >= 0 && rows[before].at === undefined)
		before--;
	return before >= 0 && rows[before].isPast === rows[index].isPast ? rows[before].at : undefined;
}

// {text, isSame: as in the row above}, or null.
function timeOf(row, index, { rows, mode }) {
	if (row.at === undefined)
		return null;
	if (mode === 2)
		return { text: row.record.time?.slice(11, 23) ?? '' };
	const before = timeBefore(rows, index);

	if (mode === 1)
		return { text: `+${seconds(before === undefined ? 0 : row.at - before)}` };
	return { text: seconds(row.at), isSame: row.type !== 'turn' && before !== undefined && rows[index - 1].at === before && seconds(before) === seconds(row.at) };
}

// A note stands at the lane of its hop, without one at the front end's, if it is short enough.
function addPlain(node, row, lanes) {
	const what = el('span', { class: 'what' }, label(row.label));
	const hop = row.record?.to ? lanes.find(row.record.to, row.record) : -1;
	const at = 2 * (hop < 0 ? lanes.all.indexOf('front-end') : hop) + 3;

	if (row.type === 'pill' && row.label.length < 32)
		what.style.gridColumn = `${Math.max(2, at - 3)} / ${at + 3}`;
	node.append(what);
}

// Beside the arrow, where there is room.
function addNote(node, row, low, high, lanes) {
	const { fault, note } = row;

	if (!fault && !note)
		return;
	const count = lanes.all.length;
	const right = high < count - 1 && count - 1 - high >= low;
	const beside = el('span', { class: `note${fault ? ' tag' : ''}${right ? '' : ' before'}` }, label(fault ?? note));

	beside.style.gridColumn = right ? `${2 * high + 4} / -1` : `2 / ${2 * low + 3}`;
	node.append(el('span', { class: 'unseen' }, ', '), beside);
}

function addArrow(node, row, lanes) {
	const { record } = row;
	const [from, to] = [lanes.find(record.from, record), lanes.find(record.to, record)];

	if (from < 0 || to < 0 || from === to) {
		node.classList.add('pill');
		addPlain(node, row, lanes);
		return;
	}
	const [low, high] = [Math.min(from, to), Math.max(from, to)];
	const what = el('span', { class: 'what' }, label(row.label));
	const arrow = el('i', { class: `arrow ${from < to ? 'right' : 'left'}`, 'aria-hidden': 'true' });

	what.style.gridColumn = arrow.style.gridColumn = `${2 * low + 3} / ${2 * high + 3}`;
	node.append(el('span', { class: 'unseen' }, `${sayable(lanes.head(from).name)} to ${sayable(lanes.head(to).name)}: `), what, arrow);
	addNote(node, row, low, high, lanes);
}

/** The element of a row. view: {rows, lanes, mode}. */
export function makeRow(row, index, view) {
	const classes = ['row', row.type === 'arrow' ? 'hop' : row.type, row.turn ?? row.style, row.bad && 'bad', (row.note || row.fault) && 'has-note',
		row.isPast && 'past'];
	const node = el('div', { class: classes.filter(Boolean).join(' '), role: 'option', id: `row-${row.key}`, 'data-key': row.record ? row.key : null });
	const time = timeOf(row, index, view);

	if (time)
		node.append(el('time', { class: time.isSame ? 'again' : null }, time.text), el('span', { class: 'unseen' }, ' s, '));
	if (row.type === 'arrow' || row.type === 'turn')
		addArrow(node, row, view.lanes);
	else
		addPlain(node, row, view.lanes);
	return node;
}
