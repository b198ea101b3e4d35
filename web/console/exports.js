// What there is of a conversation to take away.
import * as api from './api.js';
import { el } from './dom.js';

const FORMATS = {
	sipstack: ['SIPStack trace', 'as Snooper reads it'],
	pcapng: ['Packets', 'for Wireshark and sngrep'],
	har: ['HTTP archive', 'of the phone and the push service'],
	jsonl: ['Records', 'a line of JSON each'],
	text: ['Ladder as text', 'for a terminal or a mail'],
	svg: ['Ladder as a picture', 'SVG'],
	mermaid: ['Ladder as Mermaid', 'for a README'],
};

function links(conversation) {
	const where = conversation ? 'conversations/{id}/export' : 'journal/export';

	return api.choices(where, 'format').map((format) => {
		const [what, detail] = FORMATS[format] ?? [format, ''];

		return el('a', { class: 'button', download: '', 'data-format': format,
			href: `${api.addressOf(where).replace('{id}', conversation?.id)}?format=${format}` }, what, el('small', {}, detail));
	});
}

/** The button that opens the dialog. */
export function exportButton(current) {
	const list = el('div', { class: 'exports' });
	const about = el('p');
	const dialog = el('dialog', { 'aria-labelledby': 'export-heading', id: 'exports' }, el('h2', { id: 'export-heading' }, 'Export'), about, list,
		el('form', { method: 'dialog', class: 'ends' }, el('button', { class: 'button' }, 'Close')));

	document.body.append(dialog);
	return el('button', {
		type: 'button', class: 'button', id: 'export', 'aria-keyshortcuts': 'e', 'aria-haspopup': 'dialog',
		onclick: () => {
			const conversation = current();

			about.textContent = conversation ? `Conversation ${conversation.id}, every hop.` : 'Everything that the journal has.';
			list.replaceChildren(...links(conversation));
			dialog.showModal();
		},
	}, 'Export');
}
