// What a record says in a few words, on an arrow and beside it.

export const HOPS = {
	'front-end': 'Front end',
	edge: 'Edge',
	'clearing-house': 'Clearing house',
	'push-service': 'Push service',
};

export const PHONE = 'phone:';
export const PUSH_TYPE = 'application/vnd.microsoft.lync.pushnotification+xml';

export function isPush(record) {
	return record.kind === 'sip' && record.fields.content_type?.toLowerCase().startsWith(PUSH_TYPE);
}

/** "30000;Reason=\"Success\"" as {id: '30000', reason: 'Success'}. */
export function diagnostics(text = '') {
	return { id: /^\s*(\d+)/.exec(text)?.[1], reason: /reason="([^"]*)"/i.exec(text)?.[1] };
}

/** The first line of a message on the wire, without the SIP/2.0 of an answer. */
function startLine(record) {
	return (record.fields.start_line ?? '').replace(/^SIP\/2\.0 /, '');
}

function bytesOf(base64) {
	return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** The line that an INVITE carries in Ms-Text-Format (MS-CONVIM), or undefined. */
export function firstLine(record) {
	const coded = /^ms-text-format:.*?ms-body=([A-Za-z0-9+/=]+)/im.exec(record.raw ?? '')?.[1];

	try {
		return coded && new TextDecoder().decode(bytesOf(coded));
	} catch {
		return undefined;
	}
}

function sipLabel(record) {
	const { method, status } = record.fields;

	if (!status && isPush(record))
		return 'MESSAGE push';
	if (!status)
		return method === 'INFO' ? 'INFO typing' : method;
	if (isPush(record) || (method === 'MESSAGE' && HOPS[record.from] && HOPS[record.to])) {
		const { id, reason } = diagnostics(record.fields.diagnostics);

		return id ? `${status} · ${id}${status === '200' ? ` ${reason ?? ''}` : ''}` : startLine(record);
	}
	return startLine(record) || status;
}

function httpLabel(record) {
	const { method, status, notification, resource } = record.fields;

	if (record.from === 'push-service' || record.to === 'push-service')
		return method ? `${method} ${resource}` : `${status} ${notification ?? ''}`.trim();
	return method ? `${method} ${resource ?? ''}${status ? ` → ${status}` : ''}` : status;
}

function eventLabel(record) {
	return (record.summary ?? record.label)
		.replace(/^messagingInvitation started: ([^]*)$/, 'invitation started: “$1”')
		.replace(/^messagingInvitation/, 'invitation')
		.replace(/^message completed \(incoming\): ([^]*)$/, 'message: “$1”');
}

function pushLabel(record) {
	const { state, reason } = record.fields;
	const why = reason ?? /: ([^]*)$/.exec(record.summary ?? '')?.[1];

	if (state === 'sent')
		return 'Push sent';
	if (state === 'held-back' || state === 'waiting')
		return `Push waits: ${why ?? ''}`;
	return `Push ${state}${why ? `: ${state === 'accepted' ? why : `“${why}”`}` : ''}`;
}

/** "INVITE", "180 Ringing", "POST accept → 204", "tile 2". */
export function labelOf(record) {
	switch (record.kind) {
	case 'sip': return sipLabel(record);
	case 'http': return httpLabel(record);
	case 'event': return eventLabel(record);
	case 'toast': return 'toast';
	case 'raw': return 'raw';
	case 'push': return pushLabel(record);
	case 'conversation': case 'user': case 'fault': return record.summary ?? record.label;
	default: return record.label;
	}
}

/** What stands beside the arrow. */
export function noteOf(record) {
	const text = record.fields.text ?? (record.fields.method === 'INVITE' && !record.fields.status ? firstLine(record) : undefined);

	if (record.kind === 'toast')
		return [record.fields.text1, record.fields.text2].filter(Boolean).join(': ');
	if (record.kind === 'sip' && text !== undefined)
		return record.fields.method === 'INVITE' ? `first line: “${text}”` : `“${text}”`;
	return '';
}

/** sip, https, push or carrier: what its line looks like. */
export function styleOf(record) {
	if (record.kind === 'sip')
		return 'sip';
	if (['toast', 'tile', 'raw'].includes(record.kind))
		return 'carrier';
	return record.from === 'push-service' || record.to === 'push-service' ? 'push' : 'https';
}

/** The part before the @, with a capital. */
export function shortName(aor) {
	const name = aor.replace(/^phone:/, '').replace(/@.*/, '');

	return name.charAt(0).toUpperCase() + name.slice(1);
}
