// The daemon is killed at random moments while people talk. Whatever it said that it has, it has: every message that was
// answered 200 reaches the phone exactly once and in order, as the paths of messages tell, and conversations go on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';
import { isLong } from '../peer.mjs';
import { SteadyPhone as Phone, text } from '../steady.mjs';

const KILLS = isLong ? 50 : 5;
const CALLERS = ['alice', 'carol', 'dave'].map((name) => ({ aor: `${name}@lab.test` }));
const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };
const LONGEST_LIFE_MS = 400;

async function talk(dialog, name, told, isOver) {
	for (let n = 1; !isOver(); n++) {
		const words = `${name} ${n}`;

		if (await dialog.say(words) === 200)
			told.push(words);
		else
			assert.ok(!dialog.isOver, `${name}'s conversation has ended`);
	}
}

scenario(`nothing is lost in ${KILLS} kills`, { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const phone = new Phone(lab, app);
	const dialogs = await Promise.all(CALLERS.map((u) => new Dialog(u, bob, lab.ready.sip.udp).open()));
	const told = CALLERS.map(() => []);
	let over = false;

	try {
		const polling = phone.run();

		await Promise.race([polling, phone.takeAll(dialogs)]);
		const talking = dialogs.map((dialog, i) => talk(dialog, CALLERS[i].aor, told[i], () => over));

		for (let n = 0; n < KILLS; n++) {
			await Promise.race([delay(Math.random() * LONGEST_LIFE_MS), ...talking]);
			phone.up = lab.restart();
			await Promise.race([phone.up, ...talking]);
		}
		over = true;
		await Promise.all(talking);
		for (const [i, dialog] of dialogs.entries()) {
			const last = `${CALLERS[i].aor} at last`;

			assert.equal(await dialog.say(last), 200);
			told[i].push(last);
			await Promise.race([polling, phone.until(() => [...phone.messages.values()].includes(last))]);
		}
		for (const [i, { aor }] of CALLERS.entries()) {
			const heard = [...phone.messages.values()].filter((words) => words.startsWith(`${aor} `));
			const confirmed = new Set(told[i]);

			assert.ok(told[i].length > KILLS, `only ${told[i].length} messages were answered`);
			assert.equal(new Set(heard).size, heard.length, 'a message came twice');
			assert.deepEqual(heard.filter((words) => confirmed.has(words)), told[i]);
		}
		phone.stopped = true;
	} finally {
		phone.stopped = true;
		for (const dialog of dialogs)
			dialog.close();
	}
});

/** What the phone says reaches the desktop. */
async function hears(dialog, chat, words) {
	const heard = new Promise((resolve, reject) => Object.assign(dialog, { onHeard: resolve, onOutOfOrder: reject }));

	await chat.say(words);
	assert.equal(await heard, words);
}

scenario('a conversation goes on after a kill, both ways, to its end', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], bob, lab.ready.sip.udp).open();

	try {
		const connected = dialog.invite();
		const invitation = await app.invitation();

		await invitation.accept();
		await connected;
		const chat = await app.connected();
		assert.equal(await dialog.say('before'), 200);
		assert.equal(await app.message(), 'before');
		await hears(dialog, chat, 'and before');
		await lab.restart();
		assert.equal(await dialog.say('after'), 200);
		assert.equal(await app.message(), 'after');
		await hears(dialog, chat, 'and back');
		await lab.restart({ signal: 'SIGTERM' });
		assert.ok(!dialog.isOver, 'a restart in good order ended the conversation');
		const bye = new Promise((resolve) => (dialog.onBye = resolve));
		await chat.stop();
		await bye;
		assert.deepEqual((await lab.get(`endpoints?user=${bob.aor}`)).endpoints.length, 1);
	} finally {
		dialog.close();
	}
});

scenario('the first line comes as one message, whenever the server is killed', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], bob, lab.ready.sip.udp).open();
	const message = () => app.event('message', 'completed');
	const words = ({ resource }) => text(resource._links.plainMessage.href);

	try {
		const connected = dialog.invite('Hi Bob');
		const invitation = await app.invitation();

		assert.equal(invitation.text, 'Hi Bob');
		await invitation.accept();
		await connected;
		await lab.restart();
		const first = await message();
		assert.equal(words(first), 'Hi Bob');
		await lab.restart(); // it was sent, and is not acknowledged
		assert.equal(await dialog.say('after'), 200);
		const second = await message();
		assert.equal(words(second), 'after');
		await lab.restart();
		assert.equal(await dialog.say('at last'), 200);
		assert.equal(words(await message()), 'at last');
		assert.equal(text((await app.must('GET', first.link.href))._links.plainMessage.href), 'Hi Bob');
	} finally {
		dialog.close();
	}
});

scenario('what the phone said without an answer has failed', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], bob, lab.ready.sip.udp).open();

	try {
		const connected = dialog.invite();

		await (await app.invitation()).accept();
		await connected;
		const { _links } = (await app.connected()).resource;
		const came = new Promise((resolve) => (dialog.onRequest = () => {
			resolve();
			return false; // and no answer
		}));
		const sent = await app.request('POST', _links.sendMessage.href, { body: 'hello?', type: 'text/plain' });
		assert.equal(sent.status, 201);
		await came;
		await lab.restart();
		const { link, status } = await app.event('message', 'completed', (e) => e.link.href === sent.headers.location);
		assert.ok(link);
		assert.equal(status, 'Failure');
		assert.equal(await dialog.say('still here'), 200);
	} finally {
		dialog.close();
	}
});

scenario('a SIP client that connects anew is found by its new connection', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], bob, lab.ready.sip.tcp).connect();

	try {
		const connected = dialog.invite();

		await (await app.invitation()).accept();
		await connected;
		const chat = await app.connected();
		await lab.restart();
		await dialog.connect();
		assert.equal(await dialog.say('here I am'), 200);
		assert.equal(await app.message(), 'here I am');
		await hears(dialog, chat, 'there you are');
	} finally {
		dialog.close();
	}
});

scenario('a conversation that the phone began goes on after a kill', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], CALLERS[0], lab.ready.sip.udp).open();

	try {
		await dialog.register();
		await app.must('POST', app.application._embedded.communication._links.startMessaging.href, {
			body: { to: `sip:${CALLERS[0].aor}`, operationId: randomUUID(), subject: 'Lunch' },
		});
		const chat = await app.connected();
		await lab.restart();
		assert.equal(await dialog.say('from the called'), 200);
		assert.equal(await app.message(), 'from the called');
		await hears(dialog, chat, 'from the phone');
		assert.equal(await dialog.hangUp(), 200);
		await app.event('conversation', 'deleted');
	} finally {
		dialog.close();
	}
});

scenario('an invitation that rang is missed, because the server was restarted', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const dialog = await new Dialog(CALLERS[0], bob, lab.ready.sip.udp).open();

	try {
		dialog.invite().catch(() => {}); // nobody will answer it
		await app.invitation();
		await lab.restart();
		const { link, reason } = await app.event('messagingInvitation', 'completed');
		assert.ok(link.href);
		assert.equal(reason.code, 'ServiceUnavailable');
		assert.equal(reason.message, 'The server was restarted');
		const missed = await app.must('GET', app.application._embedded.communication._links.missedItems.href);
		assert.equal(missed.missedConversationsCount, 1);
		const logs = await app.must('GET', app.application._embedded.communication._links.conversationLogs.href);
		const log = await app.must('GET', logs._links.conversationLog[0].href);
		assert.equal(log.reason, 'The server was restarted');
		const conversation = await lab.conversation(bob);
		assert.match(JSON.stringify(conversation), /The server was restarted/);
	} finally {
		dialog.close();
	}
});
