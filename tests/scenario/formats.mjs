// Alice's app writes HTML. Who reads it decides what it becomes.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const HTML = '<p>Hi &amp; <b>welcome</b></p><p>back</p>';
const PLAIN = 'Hi & welcome\nback';

async function meet(lab, formats, { asleep = false } = {}) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const theirs = await lab.app(bob, { formats });

	if (asleep)
		await theirs.subscribe();
	const hers = await lab.app(alice, { formats: ['Plain', 'Html'] });
	await hers.call(bob, HTML, 'text/html');
	return { hers, theirs };
}

scenario('an app that shows plain text gets plain text, in its toast, too', async (lab) => {
	const { hers, theirs } = await meet(lab, undefined, { asleep: true });

	assert.equal((await theirs.toast()).text2, 'Hi & welcome');
	const invitation = await theirs.invitation();
	assert.equal(invitation.text, PLAIN);
	await invitation.accept();
	const alices = await hers.connected();
	const bobs = await theirs.connected();
	assert.deepEqual(alices.resource.negotiatedMessageFormats, ['Plain']);
	await alices.say('<i>1 &lt; 2</i>', 'text/html');
	assert.equal(await theirs.message(), '1 < 2');
	await bobs.say('1 < 2');
	assert.equal(await hers.message(), '1 < 2');
	const refused = await bobs.trySay('<b>x</b>', 'text/html');
	assert.equal(refused.status, 415);
	assert.equal(refused.body.code, 'UnsupportedMediaType');
});

scenario('an app that shows HTML gets it as it was written', async (lab) => {
	const { hers, theirs } = await meet(lab, ['Plain', 'Html']);
	const invitation = await theirs.invitation();

	assert.equal(invitation.text, HTML);
	await invitation.accept();
	const alices = await hers.connected();
	const bobs = await theirs.connected();
	assert.deepEqual(alices.resource.negotiatedMessageFormats, ['Plain', 'Html']);
	await bobs.say(HTML, 'text/html');
	assert.equal(await hers.message('html'), HTML);
	await alices.say('1 < 2');
	assert.equal(await theirs.message(), '1 < 2');
});
