// The errors that Microsoft's reference lists (ErrorSubcode): each that messaging can end in is provoked here, and is what
// the reference calls it; the rest is named with the reason why it never comes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';

const people = ['alice', 'bob'].map((name) => ({ aor: `${name}@lab.test`, displayName: name, password: 'secret' }));
const [alice, bob] = people;

/** Why they never come. */
const never = {
	'meetings and conferences': ['AnonymousNotAllowed', 'AttendeeNotAllowed', 'Demoted', 'Denied', 'Ejected', 'Ended', 'EscalationFailed',
		'InviteesOnly', 'Removed', 'TooManyLobbyParticipants', 'TooManyOnlineMeetings', 'TooManyParticipants', 'Unavailable'],
	'audio, video, sharing and telephones': ['DialoutNotAllowed', 'InsufficientBandwidth', 'InvalidMediaDescription', 'IPv6NotSupported',
		'LisServiceUnavailable', 'MediaEncryptionMismatch', 'MediaEncryptionNotSupported', 'MediaEncryptionRequired', 'MediaFailure',
		'MediaFallback', 'MediaNegotiationFailure', 'MediaNegotiationTimeOut', 'ModalityNotSupported', 'NewContentSharer', 'NoLocationFound',
		'NormalizationFailed', 'PhoneNumberConflict', 'PstnCallFailed', 'RepliedWithOtherModality', 'SessionSwitched'],
	'calls are not forwarded, transferred, parked or replaced': ['DerivedConversation', 'Expired', 'Forwarded', 'NoDelegatesConfigured',
		'NoTeamMembersConfigured', 'Redirected', 'Replaced', 'TransferDeclined', 'TransferTargetDeclined', 'Transferred'],
	'contacts and groups cannot be changed': ['MigrationInProgress', 'TooManyContacts', 'TooManyGroups'],
	'there is neither Exchange nor a server of policies': ['ExchangeTimeout', 'ProvisioningDataUnavailable'],
	'events are fetched, and not sent to a URL of the application': ['CallbackUriUnreachable'],
	'every user agent is welcome, and phones answer by themselves': ['AutoAccepted', 'UserAgentNotAllowed'],
	'users who do not want to be disturbed see that an invitation came': ['DoNotDisturb'],
	'the phone finds it among the missed items, and learns how the call ended': ['Missed'],
	'an application that has expired is gone': ['InactiveApplicationExpired'],
	'a message that is under way when a conversation ends has the outcome that it comes to': ['CallTerminated'],
	'only between SIP servers': ['FederationRequired', 'AnotherOperationPending'],
};

/** What an endpoint answers to INVITE, and what the caller's phone is told. One that knows no sessions (405, 415, 488, 501) gets
 *  a message without one instead: pager.mjs. */
const answers = [
	[403, 'Forbidden', 'NotAllowed'],
	[404, 'NotFound', 'DestinationNotFound'],
	[408, 'Timeout', 'Timeout'],
	[480, 'RemoteFailure', 'Unreachable'],
	[486, 'RemoteFailure', 'Busy'],
	[600, 'RemoteFailure', 'Busy'],
	[603, 'RemoteFailure', 'Declined'],
	[604, 'NotFound', 'DestinationNotFound'],
	[606, 'NotAcceptable', 'NotAcceptable'],
];

async function outcome(app) {
	const { status, reason } = await app.event('messagingInvitation', 'completed');

	assert.equal(status, 'Failure');
	return [reason.code, reason.subcode];
}

scenario('what an endpoint answers to an invitation is the reason of its end', async (lab) => {
	const phone = await lab.app(alice);
	const endpoint = await new Dialog(bob, bob, lab.ready.sip.udp).open();

	try {
		await endpoint.register();
		for (const [status, ...want] of answers) {
			endpoint.refusal = status;
			await phone.call(bob, 'Hi Bob');
			assert.deepEqual(await outcome(phone), want, `${status}`);
		}
	} finally {
		endpoint.close();
	}
});

scenario('what a phone does and is refused, and how its calls end', { ephemeral: false, settings: {
	'core.max_conversations': 2, 'core.max_phones': 3, 'core.max_watches': 0,
} }, async (lab) => {
	const [caller, callee] = await Promise.all(people.map((user) => lab.app(user)));
	const fresh = await lab.app(alice, { available: false });
	const met = new Set(answers.map(([, , subcode]) => subcode));
	const start = caller.application._embedded.communication._links.startMessaging.href;
	const { makeMeAvailable } = fresh.application._embedded.me._links;
	const refused = async (status, code, subcode, app, method, href, options) => {
		const { status: got, body } = await app.request(method, href, options);

		assert.deepEqual([got, body.code, body.subcode], [status, code, subcode], `${method} ${href}`);
		met.add(subcode);
	};
	const ends = async (app, code, subcode) => {
		assert.deepEqual(await outcome(app), [code, subcode]);
		met.add(subcode);
	};
	const to = `sip:${bob.aor}`;

	await refused(400, 'BadRequest', 'DeserializationFailure', caller, 'POST', start, { body: '[1]' });
	await refused(400, 'BadRequest', 'ParameterValidationFailure', caller, 'POST', start, { body: {} });
	await refused(415, 'UnsupportedMediaType', 'UnsupportedMediaType', caller, 'POST', start, { body: '<input/>', type: 'application/xml' });
	await refused(404, 'NotFound', 'ApplicationNotFound', caller, 'GET', caller.self.replace(/[^/]+$/, '000000000000'));
	await refused(404, 'NotFound', 'APIVersionNotSupported', caller, 'GET', caller.self,
		{ headers: { 'X-MS-RequiresMinResourceVersion': '9' } });
	await refused(409, 'Conflict', 'MakeMeAvailableRequired', fresh, 'POST', `${fresh.self}/me/reportMyActivity`);
	await fresh.must('POST', makeMeAvailable.href, { body: { supportedModalities: ['Messaging'] } });
	await refused(409, 'Conflict', 'AlreadyExists', fresh, 'POST', makeMeAvailable.href, { body: { supportedModalities: ['Messaging'] } });
	await fresh.signOut();
	for (const n of [1, 2])
		await caller.must('POST', caller.applications, { body: { UserAgent: 'x', EndpointId: `e${n}`, Culture: 'en-US' } });
	await refused(429, 'TooManyRequests', 'TooManyApplications', caller, 'POST', caller.applications,
		{ body: { UserAgent: 'x', EndpointId: 'e3', Culture: 'en-US' } });

	await refused(403, 'Forbidden', 'LimitExceeded', caller, 'POST', caller.application._embedded.people._links.presenceSubscriptions.href,
		{ body: { duration: 10, uris: [to] } });
	const batched = await caller.request('POST', caller.application._links.batch.href, {
		type: 'multipart/batching;boundary=b',
		body: `--b\r\nContent-Type: application/http;msgtype=request\r\n\r\nGET ${caller.next} HTTP/1.1\r\nHost: a\r\n\r\n\r\n--b--\r\n`,
	});
	assert.match(batched.text, /"code":"BadRequest","subcode":"OperationNotSupported"/);
	met.add('OperationNotSupported');

	const href = caller.next;
	const held = caller.request('GET', `${href}&timeout=180`);
	const instead = (async () => {
		while (await lab.metric('ucwa_polls') < 1)
			;
		return caller.request('GET', `${href}&timeout=180`);
	})();
	assert.equal((await held).body.subcode, 'PGetReplaced');
	met.add('PGetReplaced');

	await caller.must('POST', start, { body: { to, threadId: 'thread-1', operationId: 'one' } });
	await instead;
	await refused(409, 'Conflict', 'ThreadIdAlreadyExists', caller, 'POST', start, { body: { to, threadId: 'thread-1', operationId: 'two' } });
	await (await callee.invitation()).decline();
	await ends(caller, 'RemoteFailure', 'Declined');
	await ends(callee, 'LocalFailure', 'Declined');

	const invitation = await caller.call(bob, 'Hi Bob');
	await callee.invitation();
	await caller.must('POST', invitation._links.cancel.href);
	await ends(caller, 'LocalFailure', 'Canceled');
	await ends(callee, 'RemoteFailure', 'Canceled');

	const second = await lab.app(bob);
	await caller.call(bob, 'Hi Bob');
	await second.invitation();
	await (await callee.invitation()).accept();
	await ends(second, 'Informational', 'ConnectedElsewhere');
	await second.signOut();
	const chat = await caller.connected();
	await refused(415, 'UnsupportedMediaType', 'UnsupportedMediaType', caller, 'POST', chat.resource._links.sendMessage.href,
		{ body: 'x', type: 'image/png' });
	await caller.call(bob, 'Hi again');
	await refused(429, 'TooManyRequests', 'TooManyConversations', caller, 'POST', start, { body: { to } });
	await chat.stop();
	await refused(404, 'NotFound', 'ConversationNotFound', caller, 'POST', chat.resource._links.sendMessage.href, { body: 'x', type: 'text/plain' });
	await lab.restart();
	await ends(caller, 'ServiceUnavailable', 'TemporarilyUnavailable');

	const known = Object.values(never).flat();
	const all = readFileSync(new URL('../unit/golden/ucwa_subcodes.txt', import.meta.url), 'utf8').trim().split(' ');
	assert.deepEqual(all.filter((name) => met.has(name) === known.includes(name)), []);
});
