// What the parts of a message mean to somebody who has not seen them before.
import { isPush } from './label.js';

const any = {
	from: 'Who sends. The tag belongs to this dialog, and epid names the endpoint.',
	to: 'Whom it is for, as it was addressed first; the tag is the other side of the dialog.',
	'call-id': 'Ties request and answers together on every hop.',
	cseq: 'Number and method of the request that this is or answers.',
	via: 'The way back: each hop puts itself on top and takes itself off again.',
	'max-forwards': 'How many hops are still allowed.',
	contact: 'Where the sender can be reached directly from here on.',
	'content-length': 'Bytes of the body.',
	'content-type': 'What the body is.',
	'record-route': 'This proxy wants to see what follows in the dialog.',
	route: 'The proxies that it is to go by.',
	supported: 'Extensions that the sender knows.',
	require: 'Extensions without which it must not be processed.',
	allow: 'Methods that the sender takes.',
	'user-agent': 'The program that speaks.',
	server: 'The program that answers.',
	'p-asserted-identity': 'Who this is, as the server vouches for it.',
	'ms-text-format': 'The first line, in the INVITE itself: ms-body is its text in base64 (MS-CONVIM).',
	'ms-body': 'The first line.',
	'ms-diagnostics': 'Why it ended so: a number of the server, and the reason in words.',
	'ms-diagnostics-public': 'Why it ended so, as others than the own side may read it.',
	'ms-client-diagnostics': 'Why the client ended it.',
	'ms-conversation-id': 'Names the conversation window that it belongs to.',
	'ms-keep-alive': 'How the connection is kept open.',
	'ms-asserted-verification-level': 'Whether the sender was verified.',
	'ms-edge-proxy-message-trust': 'From the Edge: over what kind of peer it came, and whether that was verified.',
	expires: 'For how long.',
	event: 'What is subscribed to.',
	'subscription-state': 'Whether the subscription goes on.',
	'retry-after': 'Seconds to wait before the next try.',
	accept: 'What the sender can read.',
	date: 'When it was sent.',
	subject: 'What it is about.',
};

const push = {
	from: 'For whom it is: the phone’s push identity (McxUser and 32 hex digits), joined to the user’s address. epid names the endpoint, tag this request.',
	to: 'The push notification clearing house. Its answer adds the display name and a tag.',
	cseq: 'A number that keeps counting from push to push.',
	'call-id': 'Ties request and answer on every hop; a new one for each push, not that of the call.',
	via: 'The way back: mobility service, front end and, further on, the Edge. ms-received-port and -cid name the connection it came on; ms-internal-info is the Edge’s sealed note to itself, and what is in it is not public.',
	'max-forwards': 'Hops still allowed: 70 at the mobility service, 69 after the front end, 68 as it leaves the Edge.',
	contact: 'A service, not a person (automata, actor="attendant"): the mobility service as it is seen from outside.',
	'content-length': 'Bytes of the notice.',
	supported: 'The sender knows addresses that name one endpoint.',
	'user-agent': 'The mobility service speaks; a test transaction lacks McxService.',
	'content-type': 'A push notice in XML. The name is known, the schema was never published; the layout here is mcxd’s own.',
	'ms-asserted-verification-level': 'The sender was verified. The lab’s clearing house refuses without it (30004, a number of mcxd’s).',
};

const pushAnswer = {
	server: 'The clearing house answers.',
	'ms-edge-proxy-message-trust': 'From the Edge: it came from a direct partner, over federation, verified.',
};

const ringing = {
	from: 'As in the INVITE.',
	to: 'As in the INVITE; it gains a tag, which is this answer’s dialog, and the epid of the phone’s endpoint.',
	cseq: 'Copied from the INVITE: this is how the client knows what is answered.',
	'call-id': 'Copied from the INVITE: this is how the client knows what is answered.',
	via: 'Copied from the INVITE.',
	contact: 'That one endpoint of the callee, and what it can do.',
	supported: 'Addresses that name one endpoint.',
	allow: 'The one method that it announces.',
	'p-asserted-identity': 'Who is ringing, as the server vouches for it.',
};

const pushReasons = {
	30000: 'The push service has taken it. Nobody says that the phone has it.',
	30007: 'Only a test: nothing was sent on.',
	30008: 'The phone’s channel has expired: the front end drops the subscription.',
	30016: 'The push service did not take it, for the time being.',
	30017: 'The push service could not be reached.',
	30018: 'The clearing house has no way to phones of this platform.',
	30019: 'The push service does not trust the clearing house.',
	30021: 'Too many notifications wait for the push service already.',
};

function isPushAnswer(record) {
	return record.fields.status && (isPush(record) || (record.fields.to ?? '').startsWith('push@'));
}

function serverMeaning(value, status) {
	if (status === '180' && /WPLync|iPhoneLync|McxService/.test(value))
		return 'The tell-tale: stack, mobility service, and the phone’s own user agent with system and model. Here the caller’s side can see that it is talking to a phone.';
	return any.server;
}

/** What a header means, in this message. */
export function meaningOf(name, value, record) {
	const key = name.toLowerCase();
	const { status } = record.fields;

	if (isPushAnswer(record)) {
		const id = /^ms-diagnostics/.test(key) && /^\s*(\d+)/.exec(value)?.[1];

		return (id && pushReasons[id]) || pushAnswer[key] || any[key] || '';
	}
	if (isPush(record))
		return push[key] ?? any[key] ?? '';
	if (key === 'server')
		return serverMeaning(value, status);
	return (status === '180' && ringing[key]) || any[key] || (key.startsWith('ms-') ? 'An extension of Microsoft’s.' : '');
}

const methods = {
	INVITE: 'Asks for a conversation. Nothing is answered for good until a 2xx, or a failure of 300 and more.',
	ACK: 'The caller has the final answer.',
	BYE: 'Ends the conversation.',
	CANCEL: 'The caller does not want to wait any longer.',
	MESSAGE: 'A line of talk.',
	INFO: 'The other side types.',
	REGISTER: 'Says where a client can be reached.',
	SUBSCRIBE: 'Asks to be told about changes.',
	NOTIFY: 'Tells of a change.',
};

const statuses = {
	100: 'Received; something is being done.',
	180: 'The phone counts as ringing, although it may sleep. Sent at the same time as the push; it does not wait for it.',
	200: 'Done.',
	202: 'Taken, to be done later.',
	404: 'Nobody has this address.',
	408: 'Nobody came back in time.',
	480: 'Nobody of this address is there.',
	481: 'There is no such dialog or transaction.',
	486: 'The callee is busy.',
	487: 'The caller gave up.',
	503: 'Not available for the time being.',
	504: 'The next hop did not answer.',
	603: 'The callee declines.',
};

/** What the first line means. */
export function startMeaning(record) {
	const { method, status } = record.fields;

	if (isPushAnswer(record))
		return status === '200' ? 'The clearing house has passed it on, and the push service has taken it.' : statuses[status] ?? 'The push was refused.';
	if (!status && isPush(record))
		return 'A request of its own, not part of the caller’s call. One address for all: the clearing house.';
	if (status === '200' && method === 'INVITE')
		return 'The phone has accepted: the two are connected.';
	return status ? statuses[status] ?? '' : methods[method] ?? '';
}

/** What the body means. */
export function bodyMeaning(record) {
	if (isPush(record))
		return 'Importance, conference or not, modality, first line and time are the known fields; and where the phone can be reached. What the toast and the tile are made of.';
	if (/sdp/i.test(record.fields.content_type ?? ''))
		return 'What the endpoint can do: here, instant messages (SDP).';
	return 'What is said.';
}
