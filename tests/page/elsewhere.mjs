// What somebody else does to the lab is on the page at once, without a strike, a call or a new page.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse } from '../browser.mjs';

scenario('a fault that is set and mended elsewhere is seen before it strikes', (lab) => browse({}, async (page) => {
	const joint = '.joint[data-where="edge→clearing-house"]';

	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	assert.equal((await lab.ctl('faults', 'set', 'edge->clearing-house', 'status=503', 'times=2')).code, 0);
	await page.is(`${joint}.broken`, '503');
	assert.equal(await page.page.locator('.lifelines .hot').count(), 1);
	// Another one, as well: the page does not forget the first.
	assert.equal((await lab.ctl('faults', 'add', 'push-service->phone', 'drop')).code, 0);
	await page.is('.joint[data-where="push-service→phone"].broken', 'drop');
	await page.is(`${joint}.broken`, '503');
	assert.equal((await lab.ctl('faults', 'clear')).code, 0);
	await page.page.waitForFunction(() => !document.querySelector('.joint.broken'));
	// A reset mends everything, too.
	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'drop' }] });
	await page.is(`${joint}.broken`, 'drop');
	await lab.post('reset', {});
	await page.page.waitForFunction(() => !document.querySelector('.joint.broken'));
}));

scenario('the clock that is stopped, moved and let go elsewhere', (lab) => browse({}, async (page) => {
	await page.open(lab);
	assert.equal((await lab.ctl('clock', 'freeze')).code, 0);
	await page.is('#clock-says', 'Frozen');
	await page.is('#freeze', 'Resume');
	assert.equal((await lab.ctl('clock', 'resume')).code, 0);
	await page.is('#freeze', 'Freeze');
	await lab.advance(120000);
	await page.is('#clock-says', /^1[12]\d s ahead$/); // less the time for which it stood still
}));

scenario('a user who is renamed, added and removed elsewhere', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('.contacts .chosen b', 'Bob');
	assert.equal((await lab.ctl('user', 'set', 'bob@lab.test', 'name=Robert')).code, 0);
	await page.is('.contacts .chosen b', 'Robert');
	await page.is('.parts [data-part="phone"]', 'Robert');

	// Keys of the stage do nothing elsewhere.
	await page.press('g');
	await page.press('c');
	await page.page.waitForSelector('.lists');
	await page.press('e');
	await page.press('/');
	await page.page.locator('.lists input:focus').pressSequentially('zoe');
	await page.page.getByRole('button', { name: 'Explain bob' }).waitFor();
	assert.equal((await lab.ctl('user', 'add', 'zoe@lab.test', 'secret')).code, 0);
	await page.page.getByRole('button', { name: 'Explain zoe' }).waitFor();
	assert.equal((await lab.ctl('user', 'remove', 'zoe@lab.test')).code, 0);
	await page.page.getByRole('button', { name: 'Explain bob' }).waitFor();
}));

// Nobody is there to be told how it ended, so no SIP message says it.
scenario('a caller who is gone does not wait for ever, and is not the story’s Alice', (lab) => browse({}, async (page) => {
	const [bob, carol] = await lab.users('bob', 'carol');

	await page.open(lab);
	await lab.phone(bob, { background: true, onToast: 'ignore' }).expect('background');
	const desktop = lab.desktop(carol, { im: [bob, 'anybody?'] });

	await desktop.expect('window', { text: 'Waiting for a response…' });
	await page.is('.desktop .status span:nth-of-type(2)', 'Waiting for a response…');
	desktop.child.kill('SIGKILL');
	await desktop.ended('SIGKILL');
	await lab.advance(60000);
	await page.is('.desktop .status span:nth-of-type(2)', /^This message may not have been delivered to Bob/);
	await page.is('.rail .fail b', '408 Timeout');
	await page.is('.row:last-child .what', 'The INVITE ended in 408, but Carol’s client is gone');
	await page.is('.parts [data-part="desktop"]', 'Carol');
	await page.click('#play-1');
	await page.is('#step', 'Attempt 1 · step 1 of 9');
	await page.is('.parts [data-part="desktop"]', 'Alice');
}));

scenario('what is written while it rings stands in the window', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.press('1');
	await page.is('#step', 'Attempt 1 · step 1 of 9');
	await page.next();
	await page.next();
	await page.press('a');
	await page.page.keyboard.type('still there?');
	await page.press('Enter');
	await page.is('.desktop .lines .unsent', /not sent yet.*still there\?/);
	await page.click('#to-end');
	await page.is('.desktop .lines .unsent', /not delivered.*still there\?/);
	assert.deepEqual(await page.texts('.desktop .lines li:not(.unsent) bdi:last-child'), ['Hi Bob']);
}));
