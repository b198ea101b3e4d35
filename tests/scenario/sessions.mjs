// Conversations that end by themselves, and go on where their client is: over a restart, too.
import assert from 'node:assert/strict';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';

const TIMER = ['Supported: timer', 'Session-Expires: 100;refresher=uac'];

async function talk(lab, headers) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const dialog = await new Dialog(alice, bob, lab.ready.sip.udp).open();
	const answered = dialog.invite('Hi', headers);

	await (await app.invitation()).accept();
	await answered;
	return { alice, bob, dialog, talk: await app.connected() };
}

scenario('a caller who has moved is found after a restart, and a session that nobody refreshes ends', { ephemeral: false }, async (lab) => {
	const { bob, dialog, talk: conversation } = await talk(lab, TIMER);

	try {
		assert.equal(await dialog.move(TIMER), 200);
		await lab.restart();
		const heard = new Promise((resolve) => { dialog.onHeard = resolve; });
		await conversation.say('Where are you?');
		assert.equal(await heard, 'Where are you?');
		const over = new Promise((resolve) => { dialog.onBye = resolve; });
		await lab.advance(66000);
		assert.equal((await lab.conversation(bob)).state, 'CONNECTED');
		await lab.advance(2000);
		await over;
		await lab.wait('conversation', { user: bob, fields: { state: 'ended' } });
	} finally {
		dialog.close();
	}
});

scenario('a client that knows no session timer is asked whether it is there, and its place is given back', { settings: { 'core.max_conversations': '1' } }, async (lab) => {
	const { alice, bob, dialog } = await talk(lab);

	dialog.onRequest = (method) => method === 'OPTIONS';
	await lab.advance(300000);
	await lab.wait('sip', { user: alice, fields: { method: 'OPTIONS', status: '200' } });
	dialog.onRequest = () => false; // it has gone
	await lab.advance(340000);
	await lab.wait('conversation', { user: bob, fields: { state: 'ended' } });
	dialog.close();
	const app = await lab.app(bob);
	const next = app.invitation();
	lab.desktop(alice, { im: [bob, 'Hi again'] });
	await next;
});
